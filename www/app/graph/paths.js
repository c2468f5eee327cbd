// The paths that lead through a node: its own edges, and from there the strongest, down to the tokens and up to the answer.

/** @import { Pruned } from "../engine-api.js" */

const FOLLOWED = 2; // edges followed of each node further on

/**
 * @param {number} node
 * @param {Pruned} pruned
 * @returns {{ own: number[], edges: number[], near: Set<number>, far: Set<number> }} the node's edges, those further on; nodes
 *   at the ends of the first, the node itself among them, and of the second
 */
export function pathsThrough(node, { sources, targets, weights }) {
  const near = new Set([node]);
  const own = [];
  for (let edge = 0; edge < weights.length; edge++) {
    if (sources[edge] === node) near.add(targets[edge]);
    else if (targets[edge] === node) near.add(sources[edge]);
    else continue;
    own.push(edge);
  }
  const far = new Set();
  /** @type {Set<number>} */ const edges = new Set();
  for (const [from, to] of [[targets, sources], [sources, targets]]) {
    /** By node, its strongest edges that way. @type {Map<number, number[]>} */
    const strongest = new Map();
    for (let edge = 0; edge < weights.length; edge++) {
      const list = strongest.get(from[edge]) ?? [];
      if (list.length === 0) strongest.set(from[edge], list);
      list.push(edge);
      list.sort((a, b) => Math.abs(weights[b]) - Math.abs(weights[a]));
      list.length = Math.min(list.length, FOLLOWED);
    }
    const seen = new Set([node]);
    const waiting = own.filter((edge) => from[edge] === node).map((edge) => to[edge]);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      if (!near.has(next)) far.add(next);
      for (const edge of strongest.get(next) ?? []) {
        edges.add(edge);
        waiting.push(to[edge]);
      }
    }
  }
  return { own, edges: [...edges], near, far };
}
