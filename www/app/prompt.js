// The prompt box, its tokens and the examples.

/** @import { App } from "./app.js" */

import { byId, html } from "./dom.js";
import { visible } from "./format.js";

/** @param {App} app */
export function mountPrompt(app) {
  /** @type {HTMLInputElement} */
  const input = byId("prompt");
  const tokens = byId("tokens");
  const examples = byId("examples");
  if (app.address.prompt !== undefined) input.value = app.address.prompt;

  input.addEventListener("input", () => app.ask(input.value));

  app.bus.on("manifest", () => {
    if (!app.manifest) return;
    byId("model").textContent = app.manifest.title;
    if (app.address.prompt === undefined) input.value = app.manifest.examples[0]?.prompt ?? "";
    const buttons = app.manifest.examples.map((example) => {
      const button = html("button", { type: "button", class: "quiet", title: example.prompt }, example.title);
      button.addEventListener("click", () => {
        input.value = example.prompt;
        app.ask(example.prompt);
      });
      return button;
    });
    examples.replaceChildren(...buttons);
    markExample();
  });

  const markExample = () => {
    app.manifest?.examples.forEach((example, i) => {
      examples.children[i]?.setAttribute("aria-pressed", String(example.prompt === input.value));
    });
  };
  app.bus.on("prompt", markExample);
  app.bus.on("graph", () => {
    const chips = app.view?.graph.tokens.map((token, position) =>
      html("li", { title: `Token ${position}` }, visible(token), html("small", {}, String(position))),
    );
    tokens.replaceChildren(...(chips ?? []));
  });
}
