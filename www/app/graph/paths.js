// The paths that lead through a node: its own edges, and from there the strongest, down to the tokens and up to the answer.

/** @import { Pruned } from "../engine-api.js" */

const FOLLOWED = 2; // edges followed of each node further on

/** Edges by the node at one of their ends, strongest first. @typedef {Map<number, number[]>} Ends */
/** @type {WeakMap<Pruned, { into: Ends, outOf: Ends }>} */
const known = new WeakMap();

/** @param {Pruned} pruned */
function endsOf(pruned) {
  let ends = known.get(pruned);
  if (ends) return ends;
  const { sources, targets, weights } = pruned;
  ends = { into: new Map(), outOf: new Map() };
  const order = Array.from(weights.keys()).sort((a, b) => Math.abs(weights[b]) - Math.abs(weights[a]));
  for (const edge of order) {
    for (const [end, map] of /** @type {const} */ ([[targets[edge], ends.into], [sources[edge], ends.outOf]])) {
      const list = map.get(end);
      if (list) list.push(edge);
      else map.set(end, [edge]);
    }
  }
  known.set(pruned, ends);
  return ends;
}

/**
 * @param {number} node
 * @param {Pruned} pruned
 * @returns {{ own: number[], edges: number[], near: Set<number>, far: Set<number> }} the node's edges, those further on; nodes
 *   at the ends of the first, the node itself among them, and of the second
 */
export function pathsThrough(node, pruned) {
  const { sources, targets } = pruned;
  const { into, outOf } = endsOf(pruned);
  const own = [...(into.get(node) ?? []), ...(outOf.get(node) ?? [])];
  const near = new Set([node, ...own.map((edge) => (sources[edge] === node ? targets[edge] : sources[edge]))]);
  /** @type {Set<number>} */ const far = new Set();
  /** @type {Set<number>} */ const edges = new Set();
  for (const [ends, other] of /** @type {const} */ ([[into, sources], [outOf, targets]])) {
    const seen = new Set([node]);
    const waiting = (ends.get(node) ?? []).map((edge) => other[edge]);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      if (!near.has(next)) far.add(next);
      for (const edge of (ends.get(next) ?? []).slice(0, FOLLOWED)) {
        edges.add(edge);
        waiting.push(other[edge]);
      }
    }
  }
  return { own, edges: [...edges], near, far };
}
