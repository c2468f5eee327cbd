// Buttons that break something, each with a line of what came of it, which stays once they are let go of.

/** @import { ElementLab } from "../elements/element-lab.js" */
/** @import { AttoElement } from "../elements/atto-element.js" */

import { html } from "../lab/dom.js";
import { answerChance, answerText, percent, signed } from "../lab/format.js";
import { shiftedAnswer } from "../lab/steer/shifted.js";
import { follow } from "./figures.js";

/**
 * What came of it: the answer that was the most probable, the one that is, and how the first one’s logit changed.
 * @typedef {{ was: string, wasChance: number, now: string, chance: number, predicted: number | undefined, measured: number | undefined
 * }} Outcome
 */

/** @param {ElementLab} lab @returns {Outcome | undefined} nothing while it is not known */
export function outcomeOf(lab) {
  const { view } = lab;
  const report = lab.isSteered ? view?.steered : undefined;
  const first = view?.graph.answers[0];
  if (!view || !report || !first) return undefined;
  const [top] = report.answers.map((shift) => shiftedAnswer(lab, shift));
  if (!top) return undefined;
  const target = report.targets.indexOf(first.name);
  const at = report.measured.length - report.targets.length + target;
  return {
    was: answerText(view.graph, first),
    wasChance: answerChance(view.graph, first),
    now: top.text,
    chance: top.after,
    predicted: target < 0 ? undefined : report.predicted?.[at],
    measured: target < 0 ? undefined : report.measured[at],
  };
}

/** What was predicted and measured of the first answer’s logit. @param {Outcome} outcome */
export function logitOf({ was, predicted, measured }) {
  if (measured === undefined) return "";
  if (predicted === undefined)
    return ` Logit of ${was}: measured ${signed(measured)}; some of these features are no nodes here, so that the graph predicts nothing of them.`;
  return ` Logit of ${was}: predicted ${signed(predicted)}, measured ${signed(measured)}.`;
}

/** @typedef {AttoElement & { held: boolean, steer: string | undefined, parts: string | undefined, words: string | undefined }} Break */

/**
 * A button with its line.
 * @param {string} id of what holds both
 * @param {AttoElement} story of the lab that the button breaks
 * @param {{ expected: () => string | undefined, says: (outcome: Outcome, lab: ElementLab) => string, told?: (outcome: Outcome) => void }} words
 *   what is expected before anybody presses, nothing while that is not known yet; and what came of it, where that is known
 */
export function trial(id, story, { expected, says, told }) {
  const place = /** @type {HTMLElement} */ (document.getElementById(id));
  const button = /** @type {Break} */ (place.querySelector("atto-break"));
  const line = /** @type {HTMLElement} */ (place.querySelector("p"));
  /** @type {unknown} */ let of; // the graph that the line is about
  /** @type {Outcome | undefined} */ let last; // of the press that lasts, or did last
  const wait = () => {
    last = undefined;
    line.classList.remove("told");
    const sentence = expected();
    line.textContent = sentence ?? "…";
    // Until then it would break what was on show before.
    button.style.visibility = sentence === undefined ? "hidden" : "";
  };
  const finish = () => {
    if (last) told?.(last);
    last = undefined;
  };
  place.addEventListener("break", (event) => {
    if (!(/** @type {CustomEvent} */ (event).detail.held)) finish();
  });
  follow(
    story,
    (lab) => [lab.view, lab.view?.story, lab.view?.steered, lab.view?.steeredWhole, lab.view?.graph.whole, lab.address.steering],
    (lab) => {
      if (of !== lab.view) {
        of = lab.view;
        wait();
      }
      const outcome = button.held ? outcomeOf(lab) : undefined;
      if (!outcome) return;
      const sentence = says(outcome, lab);
      if (!sentence) return; // more is to come
      last = outcome;
      line.classList.add("told");
      const change = outcome.now === outcome.was ? `It still says ` : `It says `;
      line.replaceChildren(change, html("b", {}, outcome.now), `, ${percent(outcome.chance)}. ${sentence}${logitOf(outcome)}`);
    },
  );
  return { button, wait };
}
