// The paths that lead through a node: its own edges, and from there the strongest, down to the tokens and up to the answer.

/** @import { Pruned } from "../engine-api.js" */

const FOLLOWED = 2; // edges followed of each node further on

const NONE = new Uint32Array();

/** The edges at a node, strongest first. @typedef {(node: number) => Uint32Array} Ends */
/** @type {WeakMap<Pruned, { into: Ends, outOf: Ends }>} */
const known = new WeakMap();

/** The edges of each node, in and out. @param {Pruned} pruned */
export function endsOf(pruned) {
  let ends = known.get(pruned);
  if (!ends) known.set(pruned, (ends = { into: sorted(pruned.targets), outOf: sorted(pruned.sources) }));
  return ends;
}

/** @param {Uint32Array} ends the node at one end of each edge @returns {Ends} */
function sorted(ends) {
  let nodes = 0;
  for (const node of ends) nodes = Math.max(nodes, node + 1);
  const starts = new Uint32Array(nodes + 1);
  for (const node of ends) starts[node + 1] += 1;
  for (let node = 0; node < nodes; node++) starts[node + 1] += starts[node];
  const next = starts.slice();
  const edges = new Uint32Array(ends.length);
  ends.forEach((node, edge) => (edges[next[node]++] = edge));
  return (node) => (node < nodes ? edges.subarray(starts[node], starts[node + 1]) : NONE);
}

/**
 * @param {number} node
 * @param {Pruned} pruned
 * @returns {{ own: Uint32Array, edges: Uint32Array, near: Set<number>, far: Set<number> }} the node's edges, those further on; nodes
 *   at the ends of the first, the node itself among them, and of the second
 */
export function pathsThrough(node, pruned) {
  const { sources, targets } = pruned;
  const { into, outOf } = endsOf(pruned);
  // Edges lie strongest first, and so do some of them in order.
  const own = Uint32Array.of(...into(node), ...outOf(node)).sort();
  const near = new Set([node, ...own.map((edge) => (sources[edge] === node ? targets[edge] : sources[edge]))]);
  /** @type {Set<number>} */ const far = new Set();
  /** @type {Set<number>} */ const edges = new Set();
  for (const [ends, other] of /** @type {const} */ ([
    [into, sources],
    [outOf, targets],
  ])) {
    const seen = new Set([node]);
    const waiting = Array.from(ends(node), (edge) => other[edge]);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      if (!near.has(next)) far.add(next);
      for (const edge of ends(next).subarray(0, FOLLOWED)) {
        edges.add(edge);
        waiting.push(other[edge]);
      }
    }
  }
  return { own, edges: Uint32Array.from(edges).sort(), near, far };
}
