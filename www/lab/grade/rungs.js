// The four rungs, a scatter each: what was predicted of switching features off, and what was measured.

/** @import { Lab } from "../lab.js" */
/** @import { Grade, Trial } from "../engine-api.js" */

import { html, term } from "../dom.js";
import { limitOf, scatter } from "../scatter.js";
import { RUNGS } from "./ladder.js";
import { called, figureOf, nameOf, pick } from "./names.js";

/** What the scatters show, and which reading predicts. @typedef {{ about: "difference" | "answer", share: number, live: boolean }} Choice */

/** @param {Lab} lab @param {Grade} grade @param {Choice} choice @param {() => void} again what shows the grade once more */
export function ladder(lab, grade, choice, again) {
  const trials = grade.trials.filter(({ share }) => Math.abs(share - choice.share) < 1e-6);
  const limit = limitOf(trials.flatMap((trial) => [predictedBy(trial, choice), trial[choice.about].measured]));
  const toggle = (/** @type {string} */ text, /** @type {boolean} */ on, /** @type {() => void} */ act) => {
    const button = html("button", { type: "button", class: "quiet", "aria-pressed": String(on) }, text);
    button.addEventListener("click", () => {
      act();
      again();
    });
    return button;
  };
  const [answer, runnerUp] = [called(lab, grade.answer), called(lab, grade.runner_up)];
  return html(
    "section",
    { class: "grade-ladder" },
    html(
      "header",
      {},
      html("h3", {}, "Predicted (across) and measured (up): every dot is a feature"),
      html(
        "span",
        { class: "toggles", role: "group", "aria-label": "Of what" },
        toggle(`${answer} − ${runnerUp}`, choice.about === "difference", () => (choice.about = "difference")),
        toggle(`logit of ${answer}`, choice.about === "answer", () => (choice.about = "answer")),
      ),
      html(
        "span",
        { class: "toggles", role: "group", "aria-label": "What the prediction holds" },
        toggle("patterns and norms held", !choice.live, () => (choice.live = false)),
        toggle("nothing held", choice.live, () => (choice.live = true)),
      ),
      html(
        "span",
        { class: "toggles", role: "group", "aria-label": "How much is taken away" },
        toggle("switched off", choice.share === 1, () => (choice.share = 1)),
        toggle("5 % less", choice.share !== 1, () => (choice.share = 0.05)),
      ),
    ),
    html("div", { class: "rungs" }, ...trials.map((trial) => rung(lab, grade, choice, trial, limit))),
  );
}

/** @param {Trial} trial @param {Choice} choice */
function predictedBy(trial, { about, live }) {
  return live ? trial[about].live : trial[about].predicted;
}

/** @param {Lab} lab @param {Grade} grade @param {Choice} choice @param {Trial} trial @param {number} limit */
function rung(lab, grade, choice, trial, limit) {
  const { measured } = trial[choice.about];
  const predicted = predictedBy(trial, choice);
  const reading = choice.live ? "/live" : "";
  const figure = (/** @type {string} */ end) => figureOf(grade, `${trial.id}/${choice.about}${reading}${end}`);
  const [r, rank, slope, deviation] = ["", "/rank", "/slope", "/deviation"].map(figure);
  const words =
    deviation !== undefined
      ? [html("span", {}, `exact to ${deviation.toExponential(0)}`)]
      : r === undefined
        ? []
        : [
            html("span", {}, html("i", {}, "r"), ` ${r.toFixed(2)}`),
            html("span", { title: "Spearman’s rank correlation" }, html("i", {}, "ρ"), ` ${rank?.toFixed(2)}`),
            html("span", {}, term("slope"), ` ${slope?.toFixed(2)}`),
          ];
  const chart = scatter(predicted, measured, {
    name: `${RUNGS[trial.rung]}: predicted and measured changes${r === undefined ? "" : `, correlation ${r.toFixed(2)}`}`,
    limit,
    strong: (i) => grade.features[i].kept,
    say: (i) => nameOf(lab, grade, i),
    pick: (i) => pick(lab, grade, i),
  });
  return html(
    "figure",
    {},
    html("figcaption", {}, html("strong", {}, term(RUNGS[trial.rung])), html("span", { class: "numbers" }, ...words)),
    chart,
  );
}
