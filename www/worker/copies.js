// What the page gets of a trace: plain copies, and parts of them.

/** @import { Opened, Trace } from "../lab/engine-api.js" */
/** @import { Graph, Reading, Thresholds } from "../lab/messages.js" */

/** @param {Trace} trace @returns {Graph} */
export function copy(trace) {
  return {
    tokens: trace.tokens,
    answers: trace.answers,
    targets: trace.target_names,
    layers: trace.layers,
    hold: /** @type {Reading} */ (trace.hold),
    kind: trace.kind,
    layer: trace.layer,
    position: trace.position,
    index: trace.index,
    activation: trace.activation,
    influence: trace.influence,
    id: trace.id,
    replacement: trace.replacement,
    completeness: trace.completeness,
    scoresOfAll: trace.scores_of_all,
    activeFeatures: trace.active_features,
    timing: trace.timing,
  };
}

/** More than this cannot be read, whatever the screen: then the first view has less, and says so. */
const READABLE = { nodes: 600, edges: 10_000, firstNodes: 200, firstEdges: 1500 };

/**
 * What a graph from a file shows first: all of it, at the thresholds that it was pruned with, or of a large one as much as can be read.
 * @param {Opened} opened
 * @returns {{ thresholds: Thresholds, whole: { nodes: number, edges: number } }} with what there is in all
 */
export function firstView({ trace, nodeThreshold, edgeThreshold, own }) {
  const { nodes, weights } = trace.prune(1, 1, 1);
  const whole = { nodes: nodes.length, edges: weights.length };
  const large = whole.nodes > READABLE.nodes || whole.edges > READABLE.edges;
  const [node, edge] = large ? trace.readable(READABLE.firstNodes, READABLE.firstEdges) : [1, 1];
  // As sliders and files tell it: not 0.20000000298.
  const decimal = (/** @type {number} */ share, /** @type {number} */ digits) => Number(share.toPrecision(digits));
  const first = (/** @type {number} */ share, /** @type {number} */ all) => (share < 1 ? decimal(share * all, 3) : decimal(all, 7));
  return {
    thresholds: { node: first(node, nodeThreshold), edge: first(edge, edgeThreshold), density: decimal(own?.density ?? 1, 7) },
    whole,
  };
}
