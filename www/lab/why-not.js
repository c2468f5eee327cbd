// Why another answer was not given: the graph of the answer that was, less that one.

/** @import { Row } from "./answers.js" */
/** @import { Lab } from "./lab.js" */

import { html } from "./dom.js";

/** @param {Lab} lab @param {Row} given @param {Row} other */
export function whyNot(lab, given, other) {
  const { target } = lab.address;
  const isAsked = target.kind === "difference" && target.token === given.name && target.minus === other.name;
  const button = html(
    "button",
    {
      type: "button",
      class: "why-not",
      "aria-pressed": String(isAsked),
      "aria-label": `Why not “${other.text}”?`,
      title: isAsked ? "Explain the top answers again" : `What favoured “${given.text}” over “${other.text}”`,
    },
    "Why not?",
  );
  button.addEventListener("click", () => {
    const { view, answerNode, engine } = lab;
    const node = answerNode === undefined ? undefined : view?.graph.id[answerNode];
    // A difference goes by the number after the last token's; its inputs are what there is to read.
    lab.address.selected = isAsked ? undefined : node?.replace(/_\d+_/, `_${engine?.runners[0].description.vocabulary}_`);
    lab.explain(isAsked ? { kind: "answers" } : { kind: "difference", token: given.name, minus: other.name });
  });
  return button;
}
