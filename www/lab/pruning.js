// The sliders that thin out the graph, with what they leave: shares of influence, and how often a feature may fire.

/** @import { Lab } from "./lab.js" */

import { html } from "./dom.js";
import { counted, percent } from "./format.js";

/** @param {Lab} lab */
export function mountPruning(lab) {
  /** @type {HTMLInputElement} */ const node = lab.part("node-threshold");
  /** @type {HTMLInputElement} */ const edge = lab.part("edge-threshold");
  /** @type {HTMLInputElement} */ const density = lab.part("density");
  const set = () => {
    node.value = String(lab.address.thresholds.node);
    edge.value = String(lab.address.thresholds.edge);
    // Most features fire on few tokens, so the slider gives them the most room.
    density.value = String(Math.sqrt(lab.address.thresholds.density));
    const most = lab.address.thresholds.density;
    lab.part("density-value").textContent = most >= 1 ? "any" : `≤ ${percent(most)}`;
    density.setAttribute(
      "aria-valuetext",
      most >= 1 ? "features active on any share of the tokens" : `features active on at most ${percent(most)} of the tokens`,
    );
  };
  lab.effect(set);
  const drawn = html("span", {});
  const all = html("button", { type: "button", class: "quiet" }, "Show all");
  all.addEventListener("click", () => lab.prune({ node: 1, edge: 1, density: 1 }));
  lab.part("whole").append(drawn, all);
  node.addEventListener("input", () => lab.prune({ node: node.valueAsNumber }));
  edge.addEventListener("input", () => lab.prune({ edge: edge.valueAsNumber }));
  density.addEventListener("input", () => lab.prune({ density: Math.round(density.valueAsNumber ** 2 * 1e4) / 1e4 }));

  const show = () => {
    if (!lab.view) return;
    const { graph, pruned, recorded } = lab.view;
    density.disabled = recorded !== undefined || !lab.features.ready;
    const shareOf = (/** @type {HTMLInputElement} */ slider) => `${Math.round(slider.valueAsNumber * 100)} percent of influence`;
    lab.part("node-count").textContent = counted(pruned.nodes.length, "node");
    lab.part("edge-count").textContent = counted(pruned.sources.length, "edge");
    lab.part("node-count").title =
      `of ${counted(graph.kind.length, "node")}: ${counted(graph.activeFeatures, "active feature")}, and errors, tokens and answers`;
    const whole = recorded?.whole;
    lab.part("whole").hidden = !whole || (pruned.nodes.length >= whole.nodes && pruned.sources.length >= whole.edges);
    if (whole)
      drawn.textContent =
        `On show: ${pruned.nodes.length.toLocaleString("en")} of ${counted(whole.nodes, "node")} and ` +
        `${pruned.sources.length.toLocaleString("en")} of ${counted(whole.edges, "edge")}, the most ` +
        "influential.";
    node.setAttribute("aria-valuetext", `${shareOf(node)}, ${lab.part("node-count").textContent}`);
    edge.setAttribute("aria-valuetext", `${shareOf(edge)}, ${lab.part("edge-count").textContent}`);
  };
  lab.effect(show);
}
