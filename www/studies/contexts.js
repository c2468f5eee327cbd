// What was counted of features in other texts, and what features and texts are called.

import { dataOf } from "./figures.js";

/**
 * @typedef {object} Feature
 * @property {number} layer @property {number} index @property {string} words @property {string} part
 * @property {boolean} lookup it reads both numbers @property {number} active share of sums on which it fires in the first context
 * @property {number[]} fires @property {number[]} strays @property {number} serves
 */
/** @typedef {{ command: string, sums: number, contexts: { name: string, title: string, example: string }[], features: Feature[] }} Contexts */

export const { command: measured, sums, contexts, features } = /** @type {Contexts} */ (await dataOf("contexts.json"));

/** @param {Feature} feature */
export const nameOf = ({ layer, index }) => `${layer}/${index}`;
/** @param {string} name */
export const featureAt = (name) => features.find((feature) => nameOf(feature) === name) ?? features[0];
/** @param {string} name */
export const contextAt = (name) =>
  Math.max(
    contexts.findIndex((context) => context.name === name),
    0,
  );
/** In whole percent; what is not all, or not nothing, is not rounded to it. @param {number} share */
export function rounded(share) {
  const whole = Math.round(100 * share);
  if (whole === 100 && share < 1) return "> 99 %";
  return whole === 0 && share > 0 ? "< 1 %" : `${whole} %`;
}
/** What a context is called in a sentence, and above a column. @type {Record<string, [string, string]>} */
const CALLED = {
  calc: ["the bare sum", "calc:"],
  typed: ["a sum as typed", "as typed"],
  question: ["the question", "question"],
  cost: ["the cost table", "cost table"],
  journal: ["the journal", "journal"],
  schedule: ["the schedule", "schedule"],
  book: ["the book", "book"],
};
/** @param {{ name: string, title: string }} context */
export const within = ({ name, title }) => CALLED[name]?.[0] ?? title;
/** @param {{ name: string, title: string }} context */
export const column = ({ name, title }) => CALLED[name]?.[1] ?? title;
