// <atto-outcome>: what the model says, and with features set what it says then, beside what the graph predicted of that.

/** @import { ElementLab } from "./element-lab.js" */
/** @import { View } from "../lab/view.js" */
/** @import { SteerReport } from "../lab/engine-api.js" */

import { html } from "../lab/dom.js";
import { answerChance, answerText, percent, signed } from "../lab/format.js";
import { shiftedAnswer } from "../lab/steer/shifted.js";
import { AttoElement } from "./atto-element.js";

const MOST = 4; // answers told
const SHORT = 5; // letters that stand large

export class AttoOutcome extends AttoElement {
  static sheet = "style/element-story.css";

  /** @param {ElementLab} lab */
  async mount(lab) {
    const place = html("div", { class: "outcome", "aria-live": "polite" });
    this.place.replaceChildren(place);
    const draw = () => {
      const { view } = lab;
      if (!view) return;
      const report = lab.isSteered ? view.steered : undefined;
      place.classList.toggle("broken", report !== undefined);
      place.replaceChildren(...(report ? after(lab, view, report) : before(view)));
    };
    return lab.mount(this.place, () => {
      lab.watch(() => [lab.view, lab.view?.steered, lab.view?.steeredWhole, lab.view?.graph.whole, lab.address.steering], draw);
      // What is set is set in every graph that comes.
      lab.watch(
        () => lab.view,
        () => lab.isLive && lab.isSteered && lab.worker.steer(),
      );
    });
  }
}

/** @param {View} view */
function before({ graph }) {
  const [first] = graph.answers;
  if (!first) return [];
  const next = graph.answers
    .slice(1, MOST)
    .map((answer) => `${answerText(graph, answer).replace(/^␣(?=.)/, "")} (${percent(answerChance(graph, answer))})`);
  return [
    saying("It says", answerText(graph, first), percent(answerChance(graph, first))),
    html("p", { class: "then" }, next.length > 0 ? `then ${next.join(", ")}` : ""),
  ];
}

/** @param {string} how @param {string} answer @param {string} detail */
function saying(how, answer, detail) {
  const look = { class: answer.length > SHORT ? "long" : "" };
  return html("p", { class: "saying" }, html("span", {}, how), html("b", look, answer.replace(/^␣(?=.)/, "")), html("small", {}, detail));
}

/** @param {ElementLab} lab @param {View} view @param {SteerReport} report */
function after(lab, view, report) {
  const { graph } = view;
  const [now] = report.answers.map((shift) => shiftedAnswer(lab, shift));
  const was = graph.answers[0] && answerText(graph, graph.answers[0]);
  if (!now) return [];
  const said = now.text === was ? saying("It still says", now.text, `${percent(now.after)}, was ${percent(now.before)}`) : undefined;
  return [said ?? saying("Now it says", now.text, `${percent(now.after)}, was ${percent(now.before)}`), ...predictions(view, report)];
}

/** The answers that the graph explains: how their logits should change by it, and how they did. @param {View} view @param {SteerReport} report */
function predictions({ graph }, { targets, predicted, measured }) {
  if (!predicted || targets.length === 0) return [];
  const first = measured.length - targets.length;
  const rows = graph.answers.slice(0, MOST).flatMap((answer) => {
    const row = targets.indexOf(answer.name);
    return row < 0 ? [] : [{ text: answerText(graph, answer), foretold: predicted[first + row], came: measured[first + row] }];
  });
  const head = ["logit of", "predicted", "measured"].map((each) => html("th", { scope: "col" }, each));
  const body = rows.map(({ text, foretold, came }) =>
    html("tr", {}, html("th", { scope: "row" }, text), html("td", {}, signed(foretold)), html("td", {}, signed(came))),
  );
  return rows.length === 0 ? [] : [html("table", {}, html("thead", {}, html("tr", {}, ...head)), html("tbody", {}, ...body))];
}
