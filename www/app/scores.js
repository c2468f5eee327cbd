// How much of the computation the graph explains: two scores, each with its explanation.

/** @import { App } from "./app.js" */

import { byId } from "./dom.js";

/** @param {App} app */
export function mountScores(app) {
  app.bus.on("graph", () => {
    if (!app.view) return;
    const { replacement, completeness } = app.view.graph;
    byId("replacement").textContent = replacement.toFixed(3);
    byId("completeness").textContent = completeness.toFixed(3);
  });

  /** @type {NodeListOf<HTMLDetailsElement>} */
  const explanations = document.querySelectorAll("details.score");
  document.addEventListener("pointerdown", (event) => {
    for (const each of explanations) if (event.target instanceof Node && !each.contains(event.target)) each.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const each of explanations) each.open = false;
  });
}
