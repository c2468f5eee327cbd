// The model's most probable next tokens.

/** @import { App } from "./app.js" */

import { byId, html } from "./dom.js";
import { percent, visible } from "./format.js";

const SHOWN = 5;

/** @param {App} app */
export function mountAnswers(app) {
  const list = byId("answers");
  app.bus.on("graph", () => {
    const rows = app.view?.graph.answers.slice(0, SHOWN).map(({ token, probability }) => {
      const fill = html("i");
      fill.style.width = `${probability * 100}%`;
      return html(
        "li",
        {},
        html("span", { class: "token", title: visible(token) }, visible(token)),
        html("span", { class: "bar", "aria-hidden": "true" }, fill),
        html("span", { class: "share" }, percent(probability)),
      );
    });
    list.replaceChildren(...(rows ?? []));
  });
}
