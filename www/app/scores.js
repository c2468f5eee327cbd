// How much of the computation the graph explains: two scores.

/** @import { App } from "./app.js" */

import { byId } from "./dom.js";

/** @param {App} app */
export function mountScores(app) {
  app.bus.on("graph", () => {
    if (!app.view) return;
    const { replacement, completeness, scoresOfAll } = app.view.graph;
    for (const [id, score] of /** @type {const} */ ([
      ["replacement", replacement],
      ["completeness", completeness],
    ])) {
      byId(id).textContent = score.toFixed(3) + (scoresOfAll ? "" : " of what is left");
      byId(id).title = scoresOfAll ? "" : "The file does not tell the whole graph’s: this is of what pruning left in it.";
    }
  });
}
