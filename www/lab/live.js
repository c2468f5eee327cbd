// What screen readers hear when a new graph stands, once typing rests.

/** @import { Lab } from "./lab.js" */

import { answerText, counted, percent } from "./format.js";
import { isError, isFeature } from "./kinds.js";
import { shiftedAnswer } from "./steer/shifted.js";

const REST_MS = 700;

/** @param {Lab} lab */
export function mountLive(lab) {
  let timer = 0;
  lab.lifetime.addEventListener("abort", () => clearTimeout(timer));
  const announce = () => {
    if (!lab.view) return;
    const { graph, pruned } = lab.view;
    const count = (/** @type {(kind: number) => boolean} */ is) => pruned.nodes.filter((node) => is(graph.kind[node])).length;
    const early = lab.view.early ? " It was recorded; the live graph follows." : "";
    const unlike = lab.view.likeness?.unlike ? " The prompt is unlike the training texts." : "";
    lab.part("live").textContent =
      `Answer ${graph.answers.length > 0 ? answerText(graph, graph.answers[0]) : "unknown"}. The graph ` +
      `shows ${counted(count(isFeature), "feature")}, ${counted(count(isError), "error")} and ` +
      `${counted(pruned.sources.length, "edge")}.${early}${unlike}`;
  };
  let steered = false;
  lab.effect(() => {
    const report = lab.view?.steered;
    const letGo = steered && !report && !lab.isSteered;
    steered = report !== undefined || (steered && lab.isSteered);
    if (!report && !letGo) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const first = report && shiftedAnswer(lab, report.answers[0]);
      lab.part("live").textContent = first
        ? `With features set, the answer is ${first.text}, ${percent(first.after)}; it was ${percent(first.before)}.`
        : "Nothing is set any more.";
    }, REST_MS);
  });
  lab.effect(() => {
    if (!lab.view || (lab.view.recording && !lab.view.early)) return; // told of the recorded graph, which is the same
    clearTimeout(timer);
    timer = setTimeout(announce, REST_MS);
  });
}
