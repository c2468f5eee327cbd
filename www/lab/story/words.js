// What a story's cards say.

/** @import { StoryItem } from "../engine-api.js" */
/** @import { Graph } from "../messages.js" */

import { answerOf, answerWords, chanceOf, counted, visible } from "../format.js";
import { FEATURE } from "../kinds.js";

/** Rows from the tokens up, of a sum and of a text. */
export const ROWS = {
  numbers: ["Tokens", "One number", "Both numbers", "The sum", "Answer"],
  text: ["Reads", "", "Combines", "Concludes", "Answer"],
};
/** What a part is, in words. @type {Record<string, string>} */
export const PARTS = {
  "first ones": "last digit of the first number",
  "first magnitude": "size of the first number",
  "first exact": "the first number",
  "second ones": "last digit of the second number",
  "second magnitude": "size of the second number",
  "second exact": "the second number",
  "both ones": "both last digits",
  "both magnitude": "both sizes",
  "both exact": "both numbers",
  "sum ones": "last digit of the sum",
  "sum magnitude": "size of the sum",
  "sum exact": "the sum",
};

/** The names of the rows. @param {StoryItem[]} items */
export function rowsOf(items) {
  return items.some(({ part }) => part) ? ROWS.numbers : ROWS.text;
}

/** The path that a part is on, for its colour and its place. @param {{ part?: string }} item @returns {"magnitude" | "ones" | ""} */
export function pathOf({ part = "" }) {
  if (part.endsWith("ones")) return "ones";
  return part.endsWith("magnitude") ? "magnitude" : "";
}

/** An answer in words; as signs where another answer would look the same. @param {Graph} graph @param {number} leader */
function answerTitle(graph, leader) {
  const answer = answerOf(graph, leader);
  const words = answerWords(answer);
  const first = graph.kind.length - graph.targets.length;
  const others = graph.targets.map((_, i) => first + i).filter((node) => node !== leader);
  return others.some((node) => answerWords(answerOf(graph, node)).trim() === words.trim()) ? answer : words;
}

/** @param {Graph} graph @param {StoryItem} item */
export function titleOf(graph, { kind, leader, words, nodes }) {
  if (kind === "answer") return answerTitle(graph, leader);
  return kind === "tokens" && nodes.length === 1 ? visible(words) : words;
}

/** An item's features, or its only node: the strongest first, which speaks for it. @param {Graph} graph @param {StoryItem} item */
export function inOrder(graph, { nodes, leader }) {
  const features = nodes.filter((node) => graph.kind[node] === FEATURE || nodes.length === 1);
  const place = (/** @type {number} */ node) => (node === leader ? -1 : graph.influence[node]);
  return features.sort((a, b) => place(a) - place(b));
}

/** How many features an item has. @param {Graph} graph @param {StoryItem} item */
export function featuresOf(graph, { nodes }) {
  return nodes.filter((node) => graph.kind[node] === FEATURE).length;
}

/** @param {Graph} graph @param {StoryItem} item */
export function detailOf(graph, item) {
  const { kind, leader, part } = item;
  if (kind === "answer") return chanceOf(graph, leader);
  if (part) return PARTS[part];
  const features = featuresOf(graph, item);
  return features === 0 ? "" : counted(features, "feature");
}
