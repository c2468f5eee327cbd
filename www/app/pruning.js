// The sliders that thin out the graph, with what they leave: shares of influence, and how often a feature may fire.

/** @import { App } from "./app.js" */

import { byId, html } from "./dom.js";
import { counted, percent } from "./format.js";

/** @param {App} app */
export function mountPruning(app) {
  /** @type {HTMLInputElement} */ const node = byId("node-threshold");
  /** @type {HTMLInputElement} */ const edge = byId("edge-threshold");
  /** @type {HTMLInputElement} */ const density = byId("density");
  const set = () => {
    node.value = String(app.address.thresholds.node);
    edge.value = String(app.address.thresholds.edge);
    // Most features fire on few tokens, so the slider gives them the most room.
    density.value = String(Math.sqrt(app.address.thresholds.density));
    const most = app.address.thresholds.density;
    byId("density-value").textContent = most >= 1 ? "any" : `≤ ${percent(most)}`;
    density.setAttribute(
      "aria-valuetext",
      most >= 1 ? "features active on any share of the tokens" : `features active on at most ${percent(most)} of the tokens`,
    );
  };
  set();
  const drawn = html("span", {});
  const all = html("button", { type: "button", class: "quiet" }, "Show all");
  all.addEventListener("click", () => app.prune({ node: 1, edge: 1, density: 1 }));
  byId("whole").append(drawn, all);
  node.addEventListener("input", () => app.prune({ node: node.valueAsNumber }));
  edge.addEventListener("input", () => app.prune({ edge: edge.valueAsNumber }));
  density.addEventListener("input", () => app.prune({ density: Math.round(density.valueAsNumber ** 2 * 1e4) / 1e4 }));

  const show = () => {
    if (!app.view) return;
    const { graph, pruned, recorded } = app.view;
    density.disabled = recorded !== undefined || !app.worker.features.ready;
    const shareOf = (/** @type {HTMLInputElement} */ slider) => `${Math.round(slider.valueAsNumber * 100)} percent of influence`;
    byId("node-count").textContent = counted(pruned.nodes.length, "node");
    byId("edge-count").textContent = counted(pruned.sources.length, "edge");
    byId("node-count").title =
      `of ${counted(graph.kind.length, "node")}: ${counted(graph.activeFeatures, "active feature")}, and errors, tokens and answers`;
    const whole = recorded?.whole;
    byId("whole").hidden = !whole || (pruned.nodes.length >= whole.nodes && pruned.sources.length >= whole.edges);
    if (whole)
      drawn.textContent =
        `On show: ${pruned.nodes.length.toLocaleString("en")} of ${counted(whole.nodes, "node")} and ` +
        `${pruned.sources.length.toLocaleString("en")} of ${counted(whole.edges, "edge")}, the most ` +
        "influential.";
    node.setAttribute("aria-valuetext", `${shareOf(node)}, ${byId("node-count").textContent}`);
    edge.setAttribute("aria-valuetext", `${shareOf(edge)}, ${byId("edge-count").textContent}`);
  };
  app.bus.on("thresholds", set);
  app.bus.on("graph", show);
  app.bus.on("pruned", show);
  app.bus.on("samples", ({ ready }) => ready && show());
}
