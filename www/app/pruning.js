// The two pruning sliders with what they leave, and the scores of the graph.

/** @import { App } from "./app.js" */

import { ERROR, FEATURE } from "./kinds.js";
import { byId } from "./dom.js";
import { counted } from "./format.js";

/** @param {App} app */
export function mountPruning(app) {
  /** @type {HTMLInputElement} */ const node = byId("node-threshold");
  /** @type {HTMLInputElement} */ const edge = byId("edge-threshold");
  node.value = String(app.address.thresholds.node);
  edge.value = String(app.address.thresholds.edge);
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
    byId("replacement").textContent = pruned.replacement.toFixed(3);
    byId("completeness").textContent = pruned.completeness.toFixed(3);
  };
  app.bus.on("graph", show);
  app.bus.on("pruned", show);

  let timer = 0;
  app.bus.on("graph", () => {
    clearTimeout(timer);
    timer = setTimeout(announce, 700, app);
  });
}

/** Tells screen readers what the new graph says, once typing rests. @param {App} app */
function announce(app) {
  if (!app.view) return;
  const { graph, pruned } = app.view;
  const features = pruned.nodes.filter((node) => graph.kind[node] === FEATURE).length;
  const errors = pruned.nodes.filter((node) => graph.kind[node] === ERROR).length;
  const answer = graph.answers[0];
  byId("live").textContent = `Answer ${answer?.token}. The graph shows ${counted(features, "feature")}, ${counted(errors, "error")} and ${counted(pruned.sources.length, "edge")}.`;
}
