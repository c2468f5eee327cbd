// The prompt box, which grows with its text, and the prompt's tokens.

/** @import { App } from "./app.js" */

import { byId, html } from "./dom.js";
import { visible } from "./format.js";

const LONG = 60; // characters; longer prompts are set smaller

/** @param {App} app */
export function mountPrompt(app) {
  /** @type {HTMLTextAreaElement} */
  const input = byId("prompt");
  const tokens = byId("tokens");

  const fit = () => {
    input.classList.toggle("long", input.value.length > LONG);
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight + input.offsetHeight - input.clientHeight}px`;
  };
  /** @param {string | undefined} prompt */
  const show = (prompt) => {
    if (prompt !== undefined && prompt !== input.value) input.value = prompt;
    fit();
  };
  let width = 0;
  new ResizeObserver(() => {
    if (input.clientWidth !== width) fit();
    width = input.clientWidth;
  }).observe(input);

  input.addEventListener("input", () => app.ask(input.value));
  input.addEventListener("keydown", (event) => {
    // Every key is answered at once, so there is nothing to send off. Shift makes a new line.
    if (event.key === "Enter" && !event.shiftKey) event.preventDefault();
  });
  app.bus.on("prompt", () => show(app.prompt));
  app.bus.on("manifest", () => show(app.prompt));
  app.bus.on("graph", () => {
    const chips = app.view?.graph.tokens.map((token, position) =>
      html("li", { title: `Token ${position}` }, visible(token), html("small", {}, String(position))),
    );
    tokens.replaceChildren(...(chips ?? []));
  });
  show(app.address.prompt);
}
