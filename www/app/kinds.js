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
