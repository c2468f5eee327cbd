// What a graph of one answer less another shows, in a sentence, with the way back and to others.

/** @import { Lab } from "./lab.js" */

import { html } from "./dom.js";
import { answerText, chanceOf, firstsOf, partOf } from "./format.js";

/** @param {Lab} lab @param {() => void} another lets the reader say which other answer it should be */
export function mountDifference(lab, another) {
  const sentence = html("span");
  const other = html("button", { type: "button", class: "quiet" }, "Another answer…");
  const back = html("button", { type: "button", class: "quiet" }, "Top answers");
  const line = html("div", { class: "said-line", "data-part": "difference", role: "status", hidden: true }, sentence, other, back);
  lab.part("whole").after(line);
  other.addEventListener("click", another);
  back.addEventListener("click", () => {
    if (lab.selected === lab.answerNode) lab.select(undefined);
    lab.explain({ kind: "answers" });
    lab.part("answers").querySelector("button")?.focus();
  });
  lab.effect(() => {
    const { view, answerNode, address } = lab;
    const isOne =
      view && answerNode !== undefined && address.target.kind === "difference" && chanceOf(view.graph, answerNode) === "difference";
    line.hidden = !isOne;
    if (!isOne) return;
    const { graph } = view;
    const [given, not] = firstsOf(graph, answerNode).map((first) => answerText(graph, first));
    const part = partOf(graph, answerNode);
    const says = graph.answers[0] && answerText(graph, graph.answers[0]);
    const isNeither = says !== undefined && says !== given && says !== not;
    sentence.replaceChildren(
      "Graph of ",
      html("strong", {}, given),
      " less ",
      html("strong", {}, not),
      `${part ? ", by their first tokens" : ""}: solid lines favour ${given}, dashed ones favour ${not}.`,
      isNeither ? html("strong", {}, ` The model says ${says} here, neither of the two.`) : "",
    );
  });
}
