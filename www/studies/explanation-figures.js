// What study 3 tells of measures: the features that an explanation shares with the answer, and what becomes of either without them.

import { html } from "../lab/dom.js";
import { counted } from "../lab/format.js";
import { dataOf, textAt } from "./figures.js";
import { bar, command, shareText } from "./measures.js";

/** @typedef {{ layer: number, index: number, words: string, part: string, shared: boolean }} Named */
/** @typedef {{ features: number, answer_changes: number, explanation_changes: number, numbers_change: number }} SwitchedOff */
/** @typedef {Record<"answer_only" | "explanation_only" | "shared" | "random", SwitchedOff>} Off */
/**
 * What an explanation has to do with the answer: here of its steps, without the sum with which it ends.
 * @typedef {{ explanation_features: number, shared: number, shared_influence: number, explanation_of_shared: number, off: Off }} Steps
 */
/**
 * @typedef {object} Explained
 * @property {string} command @property {number} sums @property {number} right share of explanations
 * @property {number} answer_features @property {Steps} steps
 * @property {{ name: string, of_shared: number }[]} numbers the explanation's, in order
 * @property {{ prompt: string, tokens: { text: string, said: boolean, features: Named[] }[] }} example
 */

const explained = /** @type {Explained} */ (await dataOf("explanations.json"));
const { sums, right, answer_features, steps, numbers: each, example } = explained;
const whole = (/** @type {number} */ it) => String(Math.round(it));
document
  .getElementById("shared")
  ?.replaceChildren(
    `Of ${sums} sums that the model was not trained on, ${shareText(right)} of the explanations have every number right. In the mean ${whole(answer_features)} features ` +
      `fire at the “=”, ${whole(steps.explanation_features)} at one or another number of the steps, up to the sum that the explanation ends with, and ${whole(steps.shared)} at both. ` +
      `Those of both have ${shareText(steps.shared_influence)} of the influence on the answer that comes from the “=”. The steps lean on them less: ` +
      `${shareText(steps.explanation_of_shared)} of the influence on their numbers. It depends on the number:`,
  );

/** What a number of the explanation is. @type {Record<string, string>} */
const NUMBERS = {
  "a.ones": "last digit of the first",
  "b.ones": "last digit of the second",
  ones: "both together",
  digit: "the digit to write",
  carry: "what is carried",
  "a.tens": "tens of the first",
  "b.tens": "tens of the second",
  tens: "all tens together",
  sum: "the sum again",
};
const spoken = example.tokens.filter(({ said, text }) => said && /^\d+$/.test(text.trim())).slice(1);
document
  .querySelector("#by-number tbody")
  ?.replaceChildren(
    ...spoken.map(({ text, features }, i) =>
      html(
        "tr",
        {},
        html("th", { scope: "row" }, html("b", { class: "answer" }, text), html("small", {}, NUMBERS[each[i]?.name] ?? "")),
        html("td", {}, each[i] ? bar(each[i].of_shared, shareText(each[i].of_shared)) : ""),
        html("td", {}, ...features.map(chipOf)),
      ),
    ),
  );

/** @param {Named} named */
function chipOf({ words, shared, layer, index }) {
  return html("span", { class: shared ? "chip both" : "chip", title: `layer ${layer}, feature ${index}` }, words);
}

document.getElementById("by-number-says")?.replaceChildren(`Shares are means over the ${sums} sums. `, command(explained.command));

const { off } = steps;
/** @type {[keyof Off, string][]} */
const SETS = [
  ["answer_only", "of the “=” alone"],
  ["explanation_only", "of the steps alone"],
  ["shared", "of both"],
  ["random", "as many as of both, at random"],
];
textAt(
  "without",
  `In the same ${sums} texts, features were switched off at every token where they fire, with attention patterns held, and the text left as it was.`,
);
document
  .querySelector("#off tbody")
  ?.replaceChildren(
    ...SETS.map(([name, words]) =>
      html(
        "tr",
        {},
        html("th", { scope: "row" }, words, html("small", {}, counted(Math.round(off[name].features), "feature"))),
        html("td", {}, bar(off[name].answer_changes, shareText(off[name].answer_changes))),
        html("td", {}, bar(off[name].numbers_change, shareText(off[name].numbers_change), "live")),
      ),
    ),
  );
textAt(
  "off-says",
  `Without the ${whole(off.answer_only.features)} features of the “=” alone, ${shareText(off.answer_only.answer_changes)} of the answers are others, and ` +
    `${shareText(off.answer_only.numbers_change)} of the numbers in the steps. Without those of both it is ${shareText(off.shared.answer_changes)} and ` +
    `${shareText(off.shared.numbers_change)}; as many at random change ${shareText(off.random.answer_changes)} and ${shareText(off.random.numbers_change)}. ` +
    `Without the ${whole(off.explanation_only.features)} features of the steps alone ${shareText(off.explanation_only.numbers_change)} of the numbers in the steps are ` +
    `others, and ${shareText(off.explanation_only.answer_changes)} of the answers` +
    `${off.explanation_only.answer_changes === 0 ? ": the answer needs nothing of what only the steps have." : ", so that some of them serve the answer from tokens before the “=”."}`,
);
