// One line beside the prompt: that it is unlike the texts the model learned from, and a near form that it knows.

/** @import { App } from "./app.js" */

import { byId, html } from "./dom.js";
import { visible } from "./format.js";
import { term } from "./terms.js";

const LONGEST = 24; // characters of the token

/** @param {App} app */
export function mountLikeness(app) {
  const line = byId("likeness");

  function show() {
    const { likeness, view } = app;
    const { unlike = false, position, near } = likeness ?? {};
    const token = position === undefined ? undefined : view?.graph.tokens[position];
    const told = unlike
      ? [
          html(
            "span",
            {},
            term("unlike", "Unlike the training texts"),
            html("span", { class: "token-of" }, token === undefined ? "" : `: “${visible(token).slice(0, LONGEST)}” surprises the model`),
          ),
        ]
      : [];
    const button =
      near === undefined
        ? undefined
        : html("button", { type: "button", class: "quiet", title: "A prompt that the model knows" }, "Try ", html("code", {}, near));
    button?.addEventListener("click", () => near !== undefined && app.goTo(near));
    line.replaceChildren(...told, ...(button ? [button] : []));
    line.hidden = line.childElementCount === 0;
  }
  app.bus.on("likeness", show);
  // What is said stays until the next graph's is known, dimmed as all figures are; a file's prompt is of another model.
  app.bus.on("graph", () => app.view?.recorded && show());
}
