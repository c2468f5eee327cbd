// What the page gets of a trace: plain copies, and parts of them.

/** @import { Pruned, Trace } from "../app/engine-api.js" */
/** @import { Between, Graph, Thresholds } from "../app/messages.js" */

const FEATURE = 0;

/** @param {Trace} trace @returns {Graph} */
export function copy(trace) {
  return {
    tokens: trace.tokens,
    answers: trace.answers,
    targets: trace.target_names,
    layers: trace.layers,
    kind: trace.kind,
    layer: trace.layer,
    position: trace.position,
    index: trace.index,
    activation: trace.activation,
    influence: trace.influence,
    id: trace.id,
    replacement: trace.replacement,
    completeness: trace.completeness,
    activeFeatures: trace.active_features,
    timing: trace.timing,
  };
}

/** More than this cannot be read, whatever the screen: then the first view has less, and says so. */
const READABLE = { nodes: 600, edges: 10_000, firstNodes: 200, firstEdges: 1500 };

/**
 * What a graph from a file shows first: all of it, or of a large one as much as can be read.
 * @param {Trace} trace
 * @returns {{ thresholds: Thresholds, whole: { nodes: number, edges: number } }} with what there is in all
 */
export function firstView(trace) {
  const { nodes, weights } = trace.prune(1, 1);
  const whole = { nodes: nodes.length, edges: weights.length };
  const large = whole.nodes > READABLE.nodes || whole.edges > READABLE.edges;
  const [node, edge] = large ? trace.readable(READABLE.firstNodes, READABLE.firstEdges) : [1, 1];
  // As the slider tells it: not 0.20000000298.
  const rounded = (/** @type {number} */ share) => Number(share.toFixed(3));
  return { thresholds: { node: rounded(node), edge: rounded(edge), density: 1 }, whole };
}

/**
 * Without the features that are active too often, and their edges.
 * @param {Trace} trace
 * @param {Pruned} pruned
 * @param {Float32Array} frequencies [layers, features]
 * @param {number} most
 * @returns {Pruned}
 */
export function thinned(trace, pruned, frequencies, most) {
  const { kind, layer, index, layers } = trace;
  const features = frequencies.length / layers;
  const stays = (/** @type {number} */ node) => kind[node] !== FEATURE || frequencies[layer[node] * features + index[node]] <= most;
  const edges = Array.from(pruned.weights.keys()).filter((edge) => stays(pruned.sources[edge]) && stays(pruned.targets[edge]));
  return {
    nodes: pruned.nodes.filter(stays),
    sources: Uint32Array.from(edges, (edge) => pruned.sources[edge]),
    targets: Uint32Array.from(edges, (edge) => pruned.targets[edge]),
    weights: Float32Array.from(edges, (edge) => pruned.weights[edge]),
  };
}

/** All edges among some nodes, pruned or not. @param {Trace} trace @param {number[]} nodes @returns {Between} */
export function edgesAmong(trace, nodes) {
  const among = new Set(nodes);
  /** @type {number[]} */ const sources = [];
  /** @type {number[]} */ const targets = [];
  /** @type {number[]} */ const weights = [];
  for (const target of nodes) {
    const inputs = trace.inputs(target);
    inputs.nodes.forEach((source, i) => {
      if (!among.has(source)) return;
      sources.push(source);
      targets.push(target);
      weights.push(inputs.weights[i]);
    });
  }
  return { nodes, sources: Uint32Array.from(sources), targets: Uint32Array.from(targets), weights: Float32Array.from(weights) };
}
