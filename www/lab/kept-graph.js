// What a saved graph keeps for this page besides the schema's fields: the target, whole answers, automatic labels, operand plots, the story.

/** @import { SavedStory } from "./story/saved.js" */
/** @import { BegunAnswer, FeaturePlace, NamedPlot, Operands, Target } from "./messages.js" */

import { cleanLabel } from "./arrangement.js";
import { SIDE } from "./packed-plots.js";

export const MOST_PLOTS = 1000;
const MOST_LABELS = 20_000;
const MOST_TARGETS = 10;
const MOST_ANSWERS = 100;

/**
 * @typedef {object} Kept
 * @property {Target} target
 * @property {BegunAnswer[] | undefined} whole answers
 * @property {Record<string, string>} labels automatic ones, by feature
 * @property {(Omit<Operands, "key" | "done" | "total"> & { plots: (FeaturePlace & { max: number, label: string | undefined })[], pixels:
 *   string }) | undefined} operands
 *   `pixels` of all plots in a row, a byte each, gzipped, in base64
 * @property {SavedStory | undefined} [story] read by itself, once the graph is on show
 */

/**
 * What a file keeps, checked; what makes no sense is left out.
 * @param {string | undefined} json
 * @param {number} tokens of its prompt
 * @returns {Kept}
 */
export function readKept(json, tokens) {
  /** @type {any} */
  let raw;
  try {
    raw = JSON.parse(json ?? "{}");
  } catch {
    // As if it kept nothing.
  }
  /** @type {Kept} */
  const kept = { target: checkedTarget(raw?.target), whole: checkedAnswers(raw?.whole), labels: {}, operands: undefined };
  for (const [key, label] of Object.entries(raw?.labels ?? {}).slice(0, MOST_LABELS)) {
    const text = typeof label === "string" ? cleanLabel(label) : "";
    if (text && /^\d+_\d+$/.test(key)) kept.labels[key] = text;
  }
  const found = raw?.operands;
  const below = (/** @type {unknown} */ value, /** @type {number} */ limit) =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) < limit;
  const isPlot = (/** @type {any} */ plot) =>
    below(plot?.layer, 1e6) && below(plot.index, 1e9) && below(plot.position, tokens) && Number.isFinite(plot.max);
  if (
    below(found?.a, SIDE) &&
    below(found.b, SIDE) &&
    below(found.aPosition, tokens) &&
    below(found.bPosition, tokens) &&
    Array.isArray(found.plots) &&
    found.plots.length <= MOST_PLOTS &&
    found.plots.every(isPlot) &&
    typeof found.pixels === "string"
  )
    kept.operands = found;
  return kept;
}

/** @param {any} raw @returns {Target} */
function checkedTarget(raw) {
  const isText = (/** @type {unknown} */ text) => typeof text === "string";
  if (raw?.kind === "tokens" && Array.isArray(raw.tokens) && raw.tokens.length > 0 && raw.tokens.every(isText))
    return { kind: "tokens", tokens: raw.tokens.slice(0, MOST_TARGETS) };
  if (raw?.kind === "difference" && isText(raw.token) && isText(raw.minus))
    return { kind: "difference", token: raw.token, minus: raw.minus };
  return { kind: "answers" };
}

/** @param {any} raw @returns {BegunAnswer[] | undefined} */
function checkedAnswers(raw) {
  if (!Array.isArray(raw)) return undefined;
  const isAnswer = (/** @type {any} */ each) =>
    Number.isInteger(each?.id) &&
    Number.isInteger(each.tokens) &&
    each.tokens > 0 &&
    typeof each.token === "string" &&
    typeof each.text === "string" &&
    cleanLabel(each.text) !== "" &&
    each.probability >= 0 &&
    each.probability <= 1;
  return raw
    .slice(0, MOST_ANSWERS)
    .filter(isAnswer)
    .map(({ id, token, text, tokens, probability }) => ({ id, token, text: cleanLabel(text), tokens, probability }));
}
