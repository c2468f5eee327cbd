// The graph as a file, in the JSON that other attribution graph viewers open.

/** @import { App } from "./app.js" */

import { byId, html } from "./dom.js";

/** @param {App} app */
export function mountSave(app) {
  /** @type {HTMLButtonElement} */
  const button = byId("save");
  button.addEventListener("click", () => app.worker.json());
  app.bus.on("graph", () => (button.disabled = false));
  app.bus.on("transcoder", () => (button.disabled = true));
  app.bus.on("json", ({ json }) => {
    const url = URL.createObjectURL(new Blob([json], { type: "application/json" }));
    const name = (app.view?.prompt ?? "").replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "");
    html("a", { href: url, download: `${name || "graph"}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  });
}
