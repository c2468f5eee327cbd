// What screen readers hear when a new graph stands, once typing rests.

/** @import { App } from "./app.js" */

import { byId } from "./dom.js";
import { answerText, counted, percent } from "./format.js";
import { isError, isFeature } from "./kinds.js";
import { shiftedAnswer } from "./steer/shifted.js";

const REST_MS = 700;

/** @param {App} app */
export function mountLive(app) {
  let timer = 0;
  const announce = () => {
    if (!app.view) return;
    const { graph, pruned } = app.view;
    const count = (/** @type {(kind: number) => boolean} */ is) => pruned.nodes.filter((node) => is(graph.kind[node])).length;
    const early = app.view.early ? " It was recorded; the live graph follows." : "";
    const unlike = app.likeness?.unlike ? " The prompt is unlike the training texts." : "";
    byId("live").textContent =
      `Answer ${graph.answers.length > 0 ? answerText(graph, graph.answers[0]) : "unknown"}. The graph ` +
      `shows ${counted(count(isFeature), "feature")}, ${counted(count(isError), "error")} and ` +
      `${counted(pruned.sources.length, "edge")}.${early}${unlike}`;
  };
  app.bus.on("steered", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const first = app.steered && shiftedAnswer(app, app.steered.answers[0]);
      byId("live").textContent = first
        ? `With features set, the answer is ${first.text}, ${percent(first.after)}; it was ${percent(first.before)}.`
        : "Nothing is set any more.";
    }, REST_MS);
  });
  app.bus.on("graph", () => {
    if (app.view?.recording && !app.view.early) return; // told of the recorded graph, which is the same
    clearTimeout(timer);
    timer = setTimeout(announce, REST_MS);
  });
}
