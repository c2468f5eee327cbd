// The kinds of node, numbered as the engine numbers them. Those of attention and biases come from files only.

/** @import { FeaturePlace, Graph } from "./messages.js" */

export const FEATURE = 0;
export const ERROR = 1;
export const TOKEN = 2;
export const LOGIT = 3;
export const ATTENTION_FEATURE = 4;
export const ATTENTION_ERROR = 5;
export const BIAS = 6;

/** As classes of elements. */
export const KIND_NAMES = ["feature", "error", "token", "logit", "feature attention", "error attention", "bias"];

/** Of an MLP's transcoder or of an attention layer. @param {number} kind */
export function isFeature(kind) {
  return kind === FEATURE || kind === ATTENTION_FEATURE;
}

/** Of an MLP or of an attention layer. @param {number} kind */
export function isError(kind) {
  return kind === ERROR || kind === ATTENTION_ERROR;
}

/** @param {Graph} graph @param {number} node @returns {FeaturePlace} */
export function placeOf(graph, node) {
  return { layer: graph.layer[node], position: graph.position[node], index: graph.index[node] };
}

/**
 * What a feature is known by, wherever it is active: `layer_index`, with an `a` in front where it is one of attention; nothing for other
 * nodes.
 * @param {Graph} graph
 * @param {number} node
 */
export function featureKey(graph, node) {
  const kind = graph.kind[node];
  return isFeature(kind) ? `${kind === FEATURE ? "" : "a"}${graph.layer[node]}_${graph.index[node]}` : undefined;
}
