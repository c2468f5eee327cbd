// One feature on the ladder of freezing: switched off, with ever more of the original model free to respond.

/** @import { Lab } from "../lab.js" */
/** @import { Rung } from "../engine-api.js" */

import { html, term } from "../dom.js";
import { answerText, signed } from "../format.js";

/** From the lowest up, by the terms that explain them. @type {Record<Rung, string>} */
export const RUNGS = { features: "all frozen", mlps: "MLPs free", norms: "MLPs and norms free", everything: "everything free" };

/** A node's ladder, or the button that asks for it. @param {Lab} lab @param {number} node */
export function ladderOf(lab, node) {
  const heading = html("h3", {}, term("ladder", "Switched off, rung by rung"));
  const { view } = lab;
  const { rungs } = view ?? {};
  if (rungs?.node !== node) {
    const ask = html("button", { type: "button", class: "quiet" }, "Try it on the model");
    ask.addEventListener("click", () => lab.worker.climb(node, 1));
    return [heading, ask];
  }
  const [answer, runnerUp] = view?.graph.answers.map((answer) => answerText(view.graph, answer)) ?? [];
  const first = rungs.trials[0];
  const row = (/** @type {string} */ name, /** @type {number} */ difference, /** @type {number} */ logit) =>
    html(
      "tr",
      {},
      html("th", { scope: "row" }, name in TERMS_OF ? term(name) : name),
      html("td", {}, signed(difference)),
      html("td", {}, signed(logit)),
    );
  return [
    heading,
    html(
      "table",
      { class: "ladder" },
      html(
        "thead",
        {},
        html("tr", {}, html("td", {}), html("th", { scope: "col" }, `${answer} − ${runnerUp}`), html("th", { scope: "col" }, `${answer}`)),
      ),
      html(
        "tbody",
        {},
        row("predicted", first.difference.predicted[0], first.answer.predicted[0]),
        row("with nothing held", first.difference.live[0], first.answer.live[0]),
        ...rungs.trials.map(({ rung, difference, answer: logit }) => row(RUNGS[rung], difference.measured[0], logit.measured[0])),
      ),
    ),
  ];
}

const TERMS_OF = Object.fromEntries(Object.values(RUNGS).map((name) => [name, true]));
