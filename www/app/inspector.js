// The node looked at: its plot in large, its inputs and outputs by weight. Without one, how to read the graph.

/** @import { App, Detail } from "./app.js" */
/** @import { Graph } from "./messages.js" */

import { byId, html } from "./dom.js";
import { nameOf, percent, placeName } from "./format.js";
import { BigPlot } from "./big-plot.js";
import { Flows } from "./flows.js";
import { ERROR, FEATURE, LOGIT, TOKEN } from "./kinds.js";
import { legend } from "./legend.js";

const HOVER_MS = 70; // passing over a node on the way to another does not change the panel

/** @param {App} app */
export function mountInspector(app) {
  const panel = byId("inspector");
  /** @type {number | undefined} */ let shown;
  let timer = 0;

  /** @param {number} node */
  const ask = (node) => app.worker.inspect(node);

  function choose() {
    clearTimeout(timer);
    // The lists of this panel light up nodes too: they must not change under the pointer.
    if (app.selected !== undefined || panel.matches(":hover")) return;
    if (app.hovered !== undefined) timer = setTimeout(ask, HOVER_MS, app.hovered);
  }

  /** Fills the panel; who is in it with the keyboard stays on the same control, or in the panel. @param {Iterable<Node>} children */
  function fill(children) {
    const focused = document.activeElement instanceof HTMLElement && panel.contains(document.activeElement) ? keyOf(document.activeElement) : undefined;
    panel.replaceChildren(...children);
    if (focused === undefined) return;
    const same = [...panel.querySelectorAll("button")].find((button) => keyOf(button) === focused);
    (same ?? panel).focus({ preventScroll: true });
  }

  function showLegend() {
    shown = undefined;
    fill(legend(app));
  }

  function showDetail() {
    const { detail, view } = app;
    if (!detail || !view) return;
    const { node } = detail;
    // Meanwhile another node may have been selected, or a late answer come for one only passed over.
    if (app.selected !== undefined && node !== app.selected) return;
    const sameNode = shown === node;
    shown = node;
    fill(describe(app, detail));
    if (!sameNode) panel.scrollTop = 0;
    app.worker.wantPlots([node, ...detail.inputs.nodes.slice(0, 40), ...detail.outputs.nodes.slice(0, 40)]);
  }

  app.bus.on("graph", () => {
    shown = undefined;
    if (app.selected === undefined) showLegend();
    else ask(app.selected);
  });
  app.bus.on("selection", () => (app.selected === undefined ? showLegend() : ask(app.selected)));
  app.bus.on("hover", choose);
  app.bus.on("detail", showDetail);
  app.bus.on("pruned", () => shown !== undefined && showDetail());
  const repaint = () => (shown === undefined ? showLegend() : showDetail());
  app.bus.on("plots", repaint);
  app.bus.on("theme", repaint);
  showLegend();
}

/** What tells a control of this panel from the others. @param {HTMLElement} control */
function keyOf(control) {
  const { id } = control.dataset;
  return id === undefined ? `${control.className} after ${control.previousElementSibling?.className}` : `${control.closest(".flows")?.className} ${id}`;
}

/**
 * @param {App} app
 * @param {Detail} detail
 */
function describe(app, { node, inputs, outputs }) {
  const { graph } = /** @type {NonNullable<App["view"]>} */ (app.view);
  const kind = graph.kind[node];
  const pinned = app.selected === node;
  const close = html("button", { type: "button", class: "quiet", title: "Esc does the same" }, "Close");
  close.addEventListener("click", () => app.select(undefined));
  const children = [
    html("header", {}, html("h2", {}, nameOf(graph, node)), ...(pinned ? [close] : [])),
    html("p", { class: "where" }, placeName(graph, node)),
    facts(graph, node),
  ];
  if (kind === ERROR) children.push(html("p", { class: "note" }, "What the model’s MLP wrote here and the transcoder’s features do not explain."));
  const plot = app.plot(node);
  if (plot) children.push(...new BigPlot(app, plot).elements);
  if (kind === FEATURE || kind === LOGIT) children.push(...new Flows(app, "Inputs", inputs.nodes, inputs.weights, inputs).elements);
  if (kind !== LOGIT) children.push(...new Flows(app, "Outputs", outputs.nodes, outputs.weights).elements);
  return children;
}

/** @param {Graph} graph @param {number} node */
function facts(graph, node) {
  const kind = graph.kind[node];
  /** @type {[string, string][]} */
  const pairs = [];
  if (kind === FEATURE) pairs.push(["Activation", graph.activation[node].toFixed(3)]);
  if (kind === LOGIT) pairs.push(["Probability", percent(graph.activation[node])]);
  if (kind === TOKEN) pairs.push(["Token id", String(graph.index[node])]);
  if (kind === FEATURE || kind === ERROR) pairs.push(["Within the top", `${percent(graph.influence[node])} of influence`]);
  return html("dl", {}, ...pairs.map(([name, value]) => html("div", {}, html("dt", {}, name), html("dd", {}, value))));
}
