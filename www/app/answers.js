// The model's most probable next tokens; a click explains one of them alone.

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
    const { target } = app.address;
    const rows = shown?.map(({ token, probability }) => {
      const fill = html("i");
      fill.style.width = `${probability * 100}%`;
      const alone = target.kind === "tokens" && target.tokens.length === 1 && target.tokens[0] === token;
      const button = html("button", { type: "button", class: "token", title: alone ? "Explain the top answers again" : `Explain “${visible(token)}” alone`, "aria-pressed": String(alone) }, visible(token));
      button.disabled = app.view?.recorded !== undefined;
      button.addEventListener("click", () => app.explain(alone ? { kind: "answers" } : { kind: "tokens", tokens: [token] }));
      return html("li", {}, button, html("span", { class: "bar", "aria-hidden": "true" }, fill), html("span", { class: "share" }, percent(probability)));
    });
    list.replaceChildren(...(rows ?? []));
  });
}
