// One line beside the prompt: that it is unlike the texts the model learned from, and a near form that it knows.

/** @import { Lab } from "./lab.js" */

import { html, term } from "./dom.js";
import { visible } from "./format.js";

const LONGEST = 24; // characters of the token

/** @param {Lab} lab */
export function mountLikeness(lab) {
  const line = lab.part("likeness");

  function show() {
    const { view } = lab;
    // What is said stays until the next graph's is known, dimmed as all figures are; a file's prompt is of another model.
    if (!view?.likeness && !view?.recorded) return;
    const { unlike = false, position, unseen, near } = view.likeness ?? {};
    const token = position === undefined ? undefined : view.graph.tokens[position];
    const quoted = (/** @type {string} */ text) => `“${visible(text).slice(0, LONGEST)}”`;
    const reason =
      unseen !== undefined
        ? `: none of them has ${quoted(unseen.trim() || unseen)}`
        : token === undefined
          ? ""
          : `: ${quoted(token)} surprises the model`;
    const told = unlike ? [html("span", {}, term("unlike", "Unlike the training texts"), html("span", { class: "token-of" }, reason))] : [];
    const button =
      near === undefined
        ? undefined
        : html("button", { type: "button", class: "quiet", title: "A prompt that the model knows" }, "Try ", html("code", {}, near));
    button?.addEventListener("click", () => near !== undefined && lab.goTo(near));
    line.replaceChildren(...told, ...(button ? [button] : []));
    line.hidden = line.childElementCount === 0;
  }
  lab.effect(show);
}
