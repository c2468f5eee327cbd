// The four kinds of node, numbered as the engine numbers them.

/** @import { FeaturePlace, Graph } from "./messages.js" */

export const FEATURE = 0;
export const ERROR = 1;
export const TOKEN = 2;
export const LOGIT = 3;

export const KIND_NAMES = ["feature", "error", "token", "logit"];

/** @param {Graph} graph @param {number} node @returns {FeaturePlace} */
export function placeOf(graph, node) {
  return { layer: graph.layer[node], position: graph.position[node], index: graph.index[node] };
}

/** What a feature is known by, wherever it is active: `layer_index`; nothing for other nodes. @param {Graph} graph @param {number} node */
export function featureKey(graph, node) {
  return graph.kind[node] === FEATURE ? `${graph.layer[node]}_${graph.index[node]}` : undefined;
}
