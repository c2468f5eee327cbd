// The graph panel: lays out, draws, and follows pointer and keyboard.

/** @import { App } from "../app.js" */
/** @import { Layout } from "./layout.js" */

import { byId, svg } from "../dom.js";
import { LOGIT } from "../kinds.js";
import { drawEdges, sized } from "./edges.js";
import { drawPlot, forgetColours } from "./heat.js";
import { neighbour } from "./keyboard.js";
import { layOut } from "./layout.js";
import { drawBands, drawNames, drawNodes } from "./nodes.js";
import { Tooltip } from "./tooltip.js";

const LEAST_WIDTH = 40; // rem; in a narrower pane the graph scrolls

/** @param {App} app */
export function mountGraph(app) {
  const pane = byId("pane");
  const stage = byId("stage");
  /** @type {HTMLCanvasElement} */ const edges = byId("edges");
  /** @type {HTMLCanvasElement} */ const litEdges = byId("lit-edges");
  /** @type {HTMLCanvasElement} */ const plots = byId("plots");
  /** @type {SVGSVGElement} */ const bands = byId("bands");
  const root = svg("svg", { role: "graphics-document", "aria-roledescription": "attribution graph" });
  /** Names of the layers, above all else so that they can be read while the graph scrolls beneath. */
  const names = svg("svg", { class: "names", "aria-hidden": "true" });
  stage.append(root, names);
  const tooltip = new Tooltip(app, pane, byId("tooltip"));

  /** @type {Layout | undefined} */ let layout;
  /** @type {Map<number, SVGGElement>} */ let elements = new Map();
  let rem = 16;
  let followed = 0;
  /** @type {number | undefined} the node of the one tab stop */ let stop;

  function redraw() {
    const { view } = app;
    if (!view) return;
    rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    // Where not all fits, the answer is what to see first, until one scrolls elsewhere.
    const follows = Math.abs(pane.scrollLeft - followed) < 2;
    const width = Math.max(pane.clientWidth, LEAST_WIDTH * rem);
    layout = layOut(view.graph, view.pruned.nodes, { width, height: pane.clientHeight, rem });
    stage.style.width = `${layout.width}px`;
    stage.style.height = `${layout.height}px`;
    for (const each of [root, bands, names]) {
      each.setAttribute("width", String(layout.width));
      each.setAttribute("height", String(layout.height));
    }
    root.setAttribute("aria-label", `Attribution graph of “${view.prompt}”. Arrow keys move between nodes, Enter selects.`);

    const focused = root.contains(document.activeElement);
    elements = drawNodes(app, layout, rem);
    root.replaceChildren(...elements.values());
    bands.replaceChildren(drawBands(layout, rem));
    names.replaceChildren(drawNames(layout, rem));
    if (stop === undefined || !elements.has(stop)) {
      stop = app.selected !== undefined && elements.has(app.selected) ? app.selected : [...elements.keys()].find((node) => view.graph.kind[node] === LOGIT);
    }
    if (stop !== undefined) {
      elements.get(stop)?.setAttribute("tabindex", "0");
      if (focused) elements.get(stop)?.focus({ preventScroll: true });
    }
    if (follows) followed = showAnswer();
    holdNames();
    drawEdges(sized(edges, layout.width, layout.height), layout, view.pruned, { rem });
    app.worker.wantPlots(view.pruned.nodes);
    light();
  }

  /** Scrolls to the first answer, as far as the pane goes; returns where that is. */
  function showAnswer() {
    const answer = [...elements.keys()].find((node) => app.view?.graph.kind[node] === LOGIT);
    const x = answer === undefined ? 0 : (layout?.boxes.get(answer)?.x ?? 0);
    pane.scrollLeft = x - pane.clientWidth / 2;
    return pane.scrollLeft;
  }

  /** Scrolls as little as brings a node into sight, with some room beside it. @param {number} node */
  function show(node) {
    const box = layout?.boxes.get(node);
    if (!box) return;
    const [left, right] = [box.x - box.width / 2 - rem, box.x + box.width / 2 + rem];
    if (left < pane.scrollLeft) pane.scrollLeft = left;
    else if (right > pane.scrollLeft + pane.clientWidth) pane.scrollLeft = right - pane.clientWidth;
    const [top, bottom] = [box.y - box.height / 2 - rem, box.y + box.height / 2 + rem];
    if (top < pane.scrollTop) pane.scrollTop = top;
    else if (bottom > pane.scrollTop + pane.clientHeight) pane.scrollTop = bottom - pane.clientHeight;
    elements.get(node)?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }

  /** Layer names stay in sight while the graph scrolls. */
  function holdNames() {
    names.firstElementChild?.setAttribute("transform", `translate(${pane.scrollLeft} 0)`);
  }

  /** Shows which node is looked at, and what it is joined to. */
  function light() {
    const { view } = app;
    if (!view || !layout) return;
    const centre = app.hovered ?? app.selected;
    const shown = centre !== undefined && elements.has(centre) ? centre : undefined;
    /** @type {Set<number>} */
    const near = new Set(shown === undefined ? [] : [shown]);
    const { sources, targets } = view.pruned;
    for (let edge = 0; edge < sources.length; edge++) {
      if (sources[edge] === shown) near.add(targets[edge]);
      if (targets[edge] === shown) near.add(sources[edge]);
    }
    stage.classList.toggle("lit", shown !== undefined);
    for (const [node, element] of elements) {
      element.classList.toggle("near", shown !== undefined && near.has(node));
      element.classList.toggle("away", shown !== undefined && !near.has(node));
      element.classList.toggle("hovered", node === app.hovered);
      element.classList.toggle("selected", node === app.selected);
    }
    const context = sized(litEdges, layout.width, layout.height);
    if (shown !== undefined) drawEdges(context, layout, view.pruned, { only: shown, rem });
    drawPlots(shown === undefined ? undefined : near);
  }

  /** @param {Set<number> | undefined} near the nodes to show in full; nothing: all */
  function drawPlots(near) {
    const { view } = app;
    if (!view || !layout) return;
    const context = sized(plots, layout.width, layout.height);
    for (const { node, x, y, width, height } of layout.boxes.values()) {
      const plot = app.plot(node);
      elements.get(node)?.classList.toggle("plotted", plot !== undefined);
      if (!plot) continue;
      context.globalAlpha = !near || near.has(node) ? 1 : 0.22;
      drawPlot(context, plot, { x: x - width / 2, y: y - height / 2, size: width, radius: width * 0.12 }, view.operands);
    }
  }

  /** @param {Event} event */
  const nodeOf = (event) => {
    const element = event.target instanceof Element ? event.target.closest(".node") : null;
    const id = element instanceof SVGElement ? element.dataset.id : undefined;
    return id === undefined ? undefined : app.view?.indexOf.get(id);
  };

  for (const canvas of [edges, litEdges, plots]) canvas.addEventListener("contextrestored", redraw);
  pane.addEventListener("scroll", holdNames, { passive: true });
  root.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "touch") app.hover(nodeOf(event));
  });
  root.addEventListener("pointerleave", () => app.hover(undefined));
  root.addEventListener("click", (event) => {
    const node = nodeOf(event);
    app.select(node === app.selected ? undefined : node);
    if (node !== undefined) visit(node);
    // Nothing hovers on a touch screen, and its panel may be out of sight.
    if (event instanceof PointerEvent && event.pointerType === "touch") app.hover(app.selected);
  });
  root.addEventListener("focusout", (event) => {
    if (!(event.relatedTarget instanceof Node && root.contains(event.relatedTarget))) app.hover(undefined);
  });
  root.addEventListener("keydown", (event) => {
    const node = nodeOf(event);
    if (node === undefined || !layout) return;
    if (event.key === "Enter" || event.key === " ") app.select(node);
    else {
      const next = neighbour(layout, node, event.key);
      if (next === undefined) return;
      visit(next);
      app.hover(next);
    }
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    app.hover(undefined);
    app.select(undefined);
  });

  /** Makes a node the tab stop, and goes there. @param {number} node */
  function visit(node) {
    if (stop !== undefined) elements.get(stop)?.setAttribute("tabindex", "-1");
    stop = node;
    const element = elements.get(node);
    element?.setAttribute("tabindex", "0");
    element?.focus({ preventScroll: true });
    show(node);
  }

  app.bus.on("graph", () => {
    stop = undefined;
    redraw();
  });
  app.bus.on("pruned", redraw);
  app.bus.on("hover", () => {
    light();
    tooltip.show(layout);
  });
  app.bus.on("selection", light);
  app.bus.on("plots", light);
  app.bus.on("operands", ({ done, total }) => {
    if (done >= total && app.view) app.worker.wantPlots(app.view.pruned.nodes);
  });
  app.bus.on("theme", () => {
    forgetColours();
    redraw();
  });
  new ResizeObserver(redraw).observe(pane);
}
