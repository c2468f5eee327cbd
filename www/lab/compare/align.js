// Which nodes of two graphs are the same: the same feature at the same place of the text, as far as the texts agree.

/** @import { Graph, Traced } from "../messages.js" */

import { featureKey, isFeature, KIND_NAMES, LOGIT, TOKEN } from "../kinds.js";

/**
 * From nodes of the one graph to those of the other, on show or not.
 * @typedef {{ first: Map<number, number>, second: Map<number, number> }} Matches
 */

/**
 * For each token of the second text, its place in the first: the same place where both are of one length, and else along
 * their longest common subsequence.
 * @param {string[]} first
 * @param {string[]} second
 * @returns {(number | undefined)[]}
 */
export function alignTokens(first, second) {
  if (first.length === second.length) return second.map((_, i) => i);
  // From the ends of both texts: the length of the longest common subsequence of what follows.
  const across = second.length + 1;
  const lengths = new Uint16Array((first.length + 1) * across);
  for (let i = first.length - 1; i >= 0; i--) {
    for (let j = second.length - 1; j >= 0; j--) {
      lengths[i * across + j] =
        first[i] === second[j]
          ? lengths[(i + 1) * across + j + 1] + 1
          : Math.max(lengths[(i + 1) * across + j], lengths[i * across + j + 1]);
    }
  }
  /** @type {(number | undefined)[]} */
  const places = new Array(second.length).fill(undefined);
  for (let i = 0, j = 0; i < first.length && j < second.length; ) {
    if (first[i] === second[j]) places[j++] = i++;
    else if (lengths[(i + 1) * across + j] >= lengths[i * across + j + 1]) i++;
    else j++;
  }
  // The last tokens answer, whatever they are.
  places[second.length - 1] ??= first.length - 1;
  return places;
}

/** @param {Traced} first @param {Traced} second @returns {Matches} */
export function alignNodes(first, second) {
  const places = alignTokens(first.graph.tokens, second.graph.tokens);
  /** @param {Graph} graph @param {number} node @param {number | undefined} position in the first text */
  const key = (graph, node, position) => {
    const kind = graph.kind[node];
    if (kind === LOGIT) return `answer ${graph.index[node]}`;
    if (position === undefined) return undefined;
    return isFeature(kind)
      ? `${featureKey(graph, node)} ${position}`
      : kind === TOKEN
        ? `token ${position}`
        : `${KIND_NAMES[kind]} ${graph.layer[node]} ${position}`;
  };
  const known = new Map(Array.from(first.graph.kind.keys(), (node) => [key(first.graph, node, first.graph.position[node]), node]));
  /** @type {Matches} */
  const matches = { first: new Map(), second: new Map() };
  for (const node of second.graph.kind.keys()) {
    const same = known.get(key(second.graph, node, places[second.graph.position[node]]));
    if (same === undefined) continue;
    matches.first.set(same, node);
    matches.second.set(node, same);
  }
  return matches;
}
