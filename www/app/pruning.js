// The two pruning sliders, with what they leave.

/** @import { App } from "./app.js" */

import { byId } from "./dom.js";
import { counted } from "./format.js";

/** @param {App} app */
export function mountPruning(app) {
  /** @type {HTMLInputElement} */ const node = byId("node-threshold");
  /** @type {HTMLInputElement} */ const edge = byId("edge-threshold");
  const set = () => {
    node.value = String(app.address.thresholds.node);
    edge.value = String(app.address.thresholds.edge);
  };
  set();
  node.addEventListener("input", () => app.prune({ node: node.valueAsNumber }));
  edge.addEventListener("input", () => app.prune({ edge: edge.valueAsNumber }));

  const show = () => {
    if (!app.view) return;
    const { graph, pruned } = app.view;
    const shareOf = (/** @type {HTMLInputElement} */ slider) => `${Math.round(slider.valueAsNumber * 100)} percent of influence`;
    byId("node-count").textContent = counted(pruned.nodes.length, "node");
    byId("edge-count").textContent = counted(pruned.sources.length, "edge");
    byId("node-count").title = `of ${counted(graph.kind.length, "node")}: ${counted(graph.activeFeatures, "active feature")}, and errors, tokens and answers`;
    node.setAttribute("aria-valuetext", `${shareOf(node)}, ${byId("node-count").textContent}`);
    edge.setAttribute("aria-valuetext", `${shareOf(edge)}, ${byId("edge-count").textContent}`);
  };
  app.bus.on("thresholds", set);
  app.bus.on("graph", show);
  app.bus.on("pruned", show);
}
