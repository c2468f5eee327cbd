// One place for what went wrong, in words, with what the reader can do.

/** @import { App } from "./app.js" */

import { byId, html } from "./dom.js";

/** @param {App} app */
export function mountNotice(app) {
  const box = byId("notice");
  const screen = byId("screen");
  let about = "";

  const clear = () => {
    about = "";
    box.hidden = true;
    box.replaceChildren();
  };
  // The graph on show is another transcoder's, until the new one is there.
  app.bus.on("transcoder", () => {
    clear();
    screen.classList.add("stale");
  });
  app.bus.on("notice", (notice) => {
    if (!notice) {
      // A graph was drawn, so its prompt is fine; what is said of the engine or tokenizer stays true.
      screen.classList.remove("stale");
      if (about === "prompt") clear();
      return;
    }
    about = notice.about;
    box.setAttribute("role", about === "engine" ? "status" : "alert");
    const close = html("button", { type: "button", class: "quiet", "aria-label": "Dismiss this message" }, "Close");
    close.addEventListener("click", clear);
    box.replaceChildren(
      html("p", {}, html("strong", {}, notice.sentence), " ", html("span", { class: "advice" }, notice.advice)),
      ...(about === "prompt" ? [] : [close]),
    );
    box.hidden = false;
    if (about === "prompt" || about === "tokenizer") screen.classList.add("stale");
    if (about !== "engine") byId("waiting").hidden = true;
  });
}
