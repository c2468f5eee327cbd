// Numbers and names as a person reads them.

/** @import { BegunAnswer, Graph } from "./messages.js" */

import { ATTENTION_ERROR, ATTENTION_FEATURE, BIAS, ERROR, FEATURE, isError, isFeature, LOGIT, TOKEN } from "./kinds.js";

/** Numbers with their thousands apart: made once, since each `toLocaleString` would make its own. */
const WHOLE = new Intl.NumberFormat("en");

/** @param {number} value 0..1 */
export function percent(value) {
  const hundredths = value * 100;
  if (hundredths > 0 && hundredths < 0.01) return "< 0.01 %";
  if (hundredths < 99.995 && hundredths > 99.9) return `${hundredths.toFixed(2)} %`;
  return `${hundredths.toFixed(hundredths < 1 ? 2 : 1)} %`;
}

/** @param {number} value with its sign, three significant digits; what is too small for them has neither */
export function signed(value) {
  const size = Math.abs(value);
  if (size < 0.0005) return size === 0 ? "0" : "≈ 0";
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3;
  return `${value < 0 ? "−" : "+"}${size.toFixed(digits)}`;
}

/** @param {number} ms */
export function milliseconds(ms) {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** @param {number} count @param {string} one */
export function counted(count, one) {
  return `${WHOLE.format(count)} ${one}${count === 1 ? "" : "s"}`;
}

/** What has no shape of its own: controls, marks of order, white space, and accents without a letter in front. */
// biome-ignore lint/suspicious/noMisleadingCharacterClass: each of them is meant by itself
const UNSEEN = /[\p{C}\p{Z}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufe00-\ufe0f]|(?<!\P{M}\p{M}*)\p{M}/gu;
const SIGNS = new Map([
  [" ", "␣"],
  ["\n", "↵"],
  ["\t", "⇥"],
]);

/** A text in which nothing is invisible, so that every token can be seen: `\u{200b}` for a zero-width space. @param {string} token */
export function visible(token) {
  if (token === "") return "∅";
  return token.replace(UNSEEN, (sign) => SIGNS.get(sign) ?? `\\u{${/** @type {number} */ (sign.codePointAt(0)).toString(16)}}`);
}

/** A text as words, in which nothing but spaces is invisible. @param {string} text */
export function plain(text) {
  return visible(text.trim()).replaceAll("␣", " ");
}

/** An answer, or the difference of two, as words; as signs where one of them is a space alone, and would be no word. @param {string} answer */
export function answerWords(answer) {
  return /^[␣−\s]*$|− ?␣$|^␣ ?−/.test(answer) ? answer : plain(answer);
}

/**
 * A token that may be the first of an answer; without its number it is known by its text. @typedef {{ id?: number, token: string }} First
 */

/**
 * The answer that a token begins, where that is known.
 * @param {Pick<Graph, "whole">} graph
 * @param {First} first
 * @returns {BegunAnswer | undefined}
 */
export function wholeOf({ whole }, { id, token }) {
  return whole?.find((each) => (id === undefined ? each.token === token : each.id === id));
}

/**
 * What an answer is called, wherever one is named: all of it, or its first token where no more is known.
 * @param {Pick<Graph, "whole">} graph
 * @param {First} first
 */
export function answerText(graph, first) {
  const whole = wholeOf(graph, first);
  return whole ? plain(whole.text) : visible(first.token);
}

/**
 * How probable an answer is: all of it, or its first token where no more is known.
 * @param {Pick<Graph, "whole">} graph
 * @param {First & { probability: number }} first
 */
export function answerChance(graph, first) {
  return wholeOf(graph, first)?.probability ?? first.probability;
}

/**
 * What of answers a graph explains, in words; nothing where it is all of each.
 * @param {Pick<Graph, "whole">} graph
 * @param {First[]} answers by their first tokens
 */
export function explainedPart(graph, answers) {
  if (answers.every((first) => (wholeOf(graph, first)?.tokens ?? 1) === 1)) return undefined;
  const tokens = answers.map(({ token }) => `“${visible(token)}”`).join(" and ");
  return `graph for ${answers.length > 1 ? "the first tokens" : "its first token"} ${tokens}`;
}

/** Short name of a node. @param {Graph} graph @param {number} node */
export function nameOf(graph, node) {
  const token = visible(graph.tokens[graph.position[node]] ?? "");
  switch (graph.kind[node]) {
    case FEATURE:
      return `Feature ${graph.index[node]}`;
    case ATTENTION_FEATURE:
      return `Attention feature ${graph.index[node]}`;
    case ERROR:
      return "Error";
    case ATTENTION_ERROR:
      return "Attention error";
    case BIAS:
      return "Bias";
    case TOKEN:
      return `Token “${token}”`;
    default:
      return `Answer “${answerOf(graph, node)}”`;
  }
}

/** Where a node is. @param {Graph} graph @param {number} node */
export function placeName(graph, node) {
  const position = graph.position[node];
  const at = `at “${visible(graph.tokens[position] ?? "")}”`;
  if (graph.kind[node] === TOKEN) return `position ${position}`;
  if (graph.kind[node] === LOGIT) return `output ${at}`;
  return `layer ${graph.layer[node]}, ${at}`;
}

const MINUS = " − ";

/** @param {Graph} graph @param {number} node of a logit */
function targetOf(graph, node) {
  return graph.targets[node - (graph.kind.length - graph.targets.length)] ?? `token ${graph.index[node]}`;
}

/**
 * The tokens that a logit node stands for: one, or two where it is the one minus the other.
 * @param {Graph} graph
 * @param {number} node
 * @returns {First[]}
 */
export function firstsOf(graph, node) {
  const tokens = targetOf(graph, node).split(MINUS);
  return tokens.map((token) => ({ id: tokens.length > 1 ? undefined : graph.index[node], token }));
}

/** What a logit node stands for: an answer, or one answer minus another. @param {Graph} graph @param {number} node */
export function answerOf(graph, node) {
  return firstsOf(graph, node)
    .map((first) => answerText(graph, first))
    .join(MINUS);
}

/** The probability of a logit node in words; a difference has none. @param {Graph} graph @param {number} node */
export function chanceOf(graph, node) {
  const [first, minus] = firstsOf(graph, node);
  return minus ? "difference" : percent(answerChance(graph, { ...first, probability: graph.activation[node] }));
}

/**
 * What of its answers the graph of a logit node explains; nothing of other nodes, and where it is all.
 * @param {Graph} graph
 * @param {number} node
 */
export function partOf(graph, node) {
  return graph.kind[node] === LOGIT ? explainedPart(graph, firstsOf(graph, node)) : undefined;
}

/** The activation of a feature, where a file tells it. @param {Graph} graph @param {number} node @param {number} digits */
export function activationOf(graph, node, digits) {
  const value = graph.activation[node];
  return Number.isNaN(value) ? "not told" : value.toFixed(digits);
}

/** What a screen reader says of a node. @param {Graph} graph @param {number} node @param {string} [label] of a feature */
export function spoken(graph, node, label) {
  const kind = graph.kind[node];
  const parts = [nameOf(graph, node), placeName(graph, node)];
  if (label !== undefined) parts.unshift(label);
  if (isFeature(kind)) parts.push(`activation ${activationOf(graph, node, 2)}`);
  if (kind === LOGIT) parts.push(`probability ${chanceOf(graph, node)}`.replace("probability difference", "a difference of two logits"));
  const part = partOf(graph, node);
  if (part) parts.push(part);
  if (isFeature(kind) || isError(kind)) parts.push(`within the top ${percent(graph.influence[node])} of influence`);
  return parts.join(", ");
}
