// One place for what went wrong, in words, with what the reader can do: a line for each thing that it is about.

/** @import { Lab } from "./lab.js" */

import { html } from "./dom.js";
import { MOST_CHARACTERS } from "./prompt-length.js";

/** Subjects of notices after which a graph is still on its way, or stands. */
const GOES_ON = ["engine", "address", "transcoder", "length"];

/** @param {Lab} lab */
export function mountNotice(lab) {
  const box = lab.part("notice");
  /** By what it is about. @type {Map<string, HTMLElement>} */
  const lines = new Map();

  /** @param {string} about */
  const clear = (about) => {
    lines.get(about)?.remove();
    lines.delete(about);
    box.hidden = lines.size === 0;
  };
  lab.bus.on("transcoder", () => [...lines.keys()].forEach(clear));
  lab.bus.on("prompt", () => (lab.prompt?.length ?? 0) < MOST_CHARACTERS && clear("length"));
  lab.bus.on("notice", (notice) => {
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
    if (!GOES_ON.includes(about)) lab.part("waiting").hidden = true;
  });
}
