// The model's most probable next tokens.

/** @import { App } from "./app.js" */

import { byId, html } from "./dom.js";
import { percent, visible } from "./format.js";

const SHOWN = 5;
const LENGTHS = { least: 4, most: 14 }; // characters that the tokens' column has room for

/** @param {App} app */
export function mountAnswers(app) {
  const list = byId("answers");
  app.bus.on("graph", () => {
    const shown = app.view?.graph.answers.slice(0, SHOWN);
    const longest = Math.max(...(shown ?? []).map(({ token }) => visible(token).length));
    list.style.setProperty("--token", `${0.61 * Math.min(Math.max(longest, LENGTHS.least), LENGTHS.most)}em`);
    list.classList.toggle("words", longest > 6);
    const rows = shown?.map(({ token, probability }) => {
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
