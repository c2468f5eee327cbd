// How much of the computation the graph explains: two scores.

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
}
