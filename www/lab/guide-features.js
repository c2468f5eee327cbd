// Finds the features that tell the story of a sum, by their names and their plots alone.

/** @import { Lab } from "./lab.js" */

import { answerText } from "./format.js";
import { FEATURE, LOGIT } from "./kinds.js";

/**
 * What an operand plot's name tells: of which number, whether of its last digit or its rough size, and which. @typedef {{ of: string,
 * digits: boolean, numbers: number[] }} Rule
 */
/** @typedef {{ node: number, name: string, rule: Rule }} Found */

const ABOUT = 5; // from a sum, and a size is still about as large
const NUMBERS = { a: "the first number", b: "the second number", sum: "the sum" };

/** @param {string | undefined} label as the engine gives it, e.g. `sum = _5, _6` or `b ~ 59` @returns {Rule | undefined} */
export function ruleOf(label) {
  const found = /^(a|b|sum) (?:= (_\d(?:, _\d)*)|~ (\d+(?:, ~\d+)*))$/.exec(label ?? "");
  if (!found) return undefined;
  const [, of, digits, sizes] = found;
  return { of, digits: digits !== undefined, numbers: (digits ?? sizes).split(", ").map((each) => Number(each.replace(/^[_~]/, ""))) };
}

/** A rule in words: `the sum ends in 5 or 6`. @param {Rule} rule */
export function inWords({ of, digits, numbers }) {
  return `${NUMBERS[/** @type {keyof typeof NUMBERS} */ (of)]} ${digits ? "ends in" : "is about"} ${numbers.join(" or ")}`;
}

/** Whether all plots of the features on show are here. @param {Lab} lab */
export function plotsAreHere(lab) {
  const { view } = lab;
  return (
    view?.operands !== undefined &&
    Array.from(view.pruned.nodes).every((node) => view.graph.kind[node] !== FEATURE || lab.plot(node) !== undefined)
  );
}

/**
 * Features on show over a token whose plots tell of such a number, most influential first.
 * @param {Lab} lab
 * @param {string} of
 * @param {boolean} digits
 * @param {number} position
 * @returns {Found[]}
 */
export function tellers(lab, of, digits, position) {
  const { graph, pruned } = /** @type {NonNullable<Lab["view"]>} */ (lab.view);
  const features = Array.from(pruned.nodes).filter((node) => graph.kind[node] === FEATURE && graph.position[node] === position);
  return features
    .sort((a, b) => graph.influence[a] - graph.influence[b])
    .flatMap((node) => {
      const rule = ruleOf(lab.plot(node)?.label);
      return rule?.of === of && rule.digits === digits ? [{ node, name: lab.nameOf(node), rule }] : [];
    });
}

/**
 * The one nearest to a number, and of several as near the one with the fewest others.
 * @param {Found[]} all
 * @param {number} number
 * @returns {Found | undefined}
 */
export function nearest(all, number) {
  return all.toSorted((a, b) => distance(a, number) - distance(b, number) || a.rule.numbers.length - b.rule.numbers.length)[0];
}

/** How far what a feature tells is from a number. @param {Found} found @param {number} number */
const distance = ({ rule }, number) => Math.min(...rule.numbers.map((each) => Math.abs(each - number)));

/**
 * @param {Lab} lab
 * @param {number} sum
 * @returns {Found | undefined} the most influential feature at the last token whose rough size is about this sum, or else the nearest
 */
export function sizeFeature(lab, sum) {
  if (!plotsAreHere(lab)) return undefined;
  const all = tellers(lab, "sum", false, lastPosition(lab));
  return all.find((found) => distance(found, sum) <= ABOUT) ?? nearest(all, sum);
}

/** @param {Lab} lab */
const lastPosition = (lab) => (lab.view?.graph.tokens.length ?? 1) - 1;

/**
 * The most influential feature on show that asks for both numbers at once, as `_6 + _9` or `~36 + ~60` does.
 * @param {Lab} lab
 * @param {"_" | "~"} mark of last digits, or of rough sizes
 * @returns {{ node: number, name: string } | undefined}
 */
export function lookup(lab, mark) {
  const { graph, pruned } = /** @type {NonNullable<Lab["view"]>} */ (lab.view);
  const features = Array.from(pruned.nodes).filter((node) => graph.kind[node] === FEATURE);
  const isIt = (/** @type {string} */ label) => label.split(" + ").length > 1 && label.split(" + ").every((side) => side.startsWith(mark));
  const node = features.sort((a, b) => graph.influence[a] - graph.influence[b]).find((each) => isIt(lab.plot(each)?.label ?? ""));
  return node === undefined ? undefined : { node, name: lab.nameOf(node) };
}

/** @param {Lab} lab @param {number} number */
export function digitTellers(lab, number) {
  return tellers(lab, "sum", true, lastPosition(lab)).filter(({ rule }) => rule.numbers.includes(number % 10));
}

/** @param {Lab} lab */
export function answer(lab) {
  const node = lab.view?.pruned.nodes.find((each) => lab.view?.graph.kind[each] === LOGIT);
  const graph = lab.view?.graph;
  return { node, token: graph?.answers[0] ? answerText(graph, graph.answers[0]) : "" };
}
