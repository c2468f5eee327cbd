// The grade's findings: what can be trusted, in sentences, and a target that would be better.

/** @import { Lab } from "../lab.js" */
/** @import { Grade } from "../engine-api.js" */

import { html } from "../dom.js";
import { called, ofFirst } from "./names.js";

const MARKS = { yes: "✓", partly: "~", no: "✗" };
const WORDS = { yes: "Holds", partly: "Roughly", no: "Does not hold" };

/** @param {Lab} lab @param {Grade} grade */
export function findings(lab, grade) {
  const items = grade.findings.map(({ trust, about, text }) => {
    const button = about === "target" && grade.better_target ? offer(lab, grade, grade.better_target) : undefined;
    return html(
      "li",
      { class: trust },
      html("span", { class: "sign", "aria-hidden": "true" }, MARKS[trust]),
      html("p", {}, html("span", { class: "for-readers" }, `${WORDS[trust]}: `), inFull(lab, grade, text), " ", button),
    );
  });
  return html("ul", { class: "findings", "aria-label": "Findings" }, ...items);
}

/**
 * A finding with its answers by their names: the engine says their first tokens.
 * @param {Lab} lab
 * @param {Grade} grade
 * @param {string} text
 */
function inFull(lab, { answer, runner_up: runnerUp, replaced }, text) {
  const difference = (/** @type {string[]} */ names) => names.join(" − ");
  const said = difference([answer, runnerUp].map((token) => token.trim()));
  return text
    .replaceAll(said, () => difference([answer, runnerUp].map((token) => called(lab, token))))
    .replace(`“${replaced.token.trim()}” (`, () => `“${called(lab, replaced.token)}” (${ofFirst(lab, replaced.token)}`);
}

/** A button that explains the better target. @param {Lab} lab @param {Grade} grade @param {NonNullable<Grade["better_target"]>} better */
function offer(lab, { answer, runner_up: runnerUp }, better) {
  const difference = better === "difference";
  const [first, second] = [called(lab, answer), called(lab, runnerUp)];
  const button = html("button", { type: "button", class: "quiet" }, difference ? `Explain ${first} − ${second}` : `Explain ${first} alone`);
  button.addEventListener("click", () => {
    lab.showGrade(false);
    lab.explain(difference ? { kind: "difference", token: answer, minus: runnerUp } : { kind: "tokens", tokens: [answer] });
  });
  return button;
}
