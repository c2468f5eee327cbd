// One place for what went wrong, in words, with what the reader can do: a line for each thing that it is about.

/** @import { App } from "./app.js" */

import { byId, html } from "./dom.js";
import { MOST_CHARACTERS } from "./prompt-length.js";

/** Subjects of notices after which a graph is still on its way, or stands. */
const GOES_ON = ["engine", "address", "transcoder", "length"];

/** @param {App} app */
export function mountNotice(app) {
  const box = byId("notice");
  /** By what it is about. @type {Map<string, HTMLElement>} */
  const lines = new Map();

  /** @param {string} about */
  const clear = (about) => {
    lines.get(about)?.remove();
    lines.delete(about);
    box.hidden = lines.size === 0;
  };
  app.bus.on("transcoder", () => [...lines.keys()].forEach(clear));
  app.bus.on("prompt", () => (app.prompt?.length ?? 0) < MOST_CHARACTERS && clear("length"));
  app.bus.on("notice", (notice) => {
    // A graph was drawn, so its prompt is fine; what is said of the engine or tokenizer stays true.
    if (!notice) return clear("prompt");
    const { about, sentence, advice } = notice;
    const close = html("button", { type: "button", class: "quiet", "aria-label": "Dismiss this message" }, "Close");
    close.addEventListener("click", () => clear(about));
    const line = html(
      "div",
      { role: GOES_ON.includes(about) ? "status" : "alert" },
      html("p", {}, html("strong", {}, sentence), " ", html("span", { class: "advice" }, advice)),
      ...(about === "prompt" ? [] : [close]),
    );
    clear(about);
    lines.set(about, line);
    box.append(line);
    box.hidden = false;
    if (!GOES_ON.includes(about)) byId("waiting").hidden = true;
  });
}
