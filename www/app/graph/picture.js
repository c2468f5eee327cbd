// The picture of one graph: bands and canvases below, named nodes above. It draws what it is told, and follows nobody.

/** @import { App, Plotted } from "../app.js" */
/** @import { Pruned } from "../engine-api.js" */
/** @import { Layout } from "./layout.js" */

import { html, svg } from "../dom.js";
import { drawEdges, sized } from "./edges.js";
import { drawPlot } from "./heat.js";
import { layOut } from "./layout.js";
import { drawBands, drawNames, drawNodes, nameNode } from "./nodes.js";
import { pathsThrough } from "./paths.js";

/** @typedef {Plotted & { pruned: Pruned }} Pictured */
/** What is looked at. @typedef {{ centre: number | undefined, selected: number | undefined, pinned: Set<number> }} Looks */

const DIM = 0.22;
const REST_MS = 150; // the faint edges of a large graph are drawn once nothing changes
const FRAME_MS = 16;
const SLICE = 1000; // edges

export class Picture {
  /** @type {Layout | undefined} */ layout;
  /** @type {Map<number, SVGGElement>} */ elements = new Map();
  rem = 16;
  #edges = html("canvas", { class: "edges", "aria-hidden": "true" });
  #plots = html("canvas", { class: "plots", "aria-hidden": "true" });
  #lit = html("canvas", { class: "lit-edges", "aria-hidden": "true" });
  #bands = svg("svg", { "aria-hidden": "true" });
  /** Names of the layers, above all else so that they can be read while the graph scrolls beneath. */
  #names = svg("svg", { class: "names", "aria-hidden": "true" });
  root = svg("svg", { role: "graphics-document", "aria-roledescription": "attribution graph" });
  /** @type {Pictured | undefined} */ #view;
  /** Nodes with another look than that of the graph at rest. @type {Set<number>} */ #marked = new Set();
  #zoom = 1;
  /** How far the graph is scrolled beneath the names of its rows, in pixels. */
  #held = 0;
  #resting = 0;
  /** Draws faint edges that are still to be drawn. @type {(() => void) | undefined} */ #faint;

  /** @param {App} app @param {HTMLElement} stage takes the picture's size */
  constructor(app, stage) {
    this.app = app;
    this.stage = stage;
    stage.append(this.#bands, this.#edges, this.#plots, this.#lit, this.root, this.#names);
    for (const canvas of [this.#edges, this.#plots, this.#lit]) canvas.addEventListener("contextrestored", () => this.#paint());
  }

  /**
   * @param {Pictured} view
   * @param {{ width: number, height: number, zoom: number, name: string }} frame room in pixels; what screen readers call it
   */
  draw(view, { width, height, zoom, name }) {
    const sameGraph = this.#view?.graph === view.graph;
    this.#view = view;
    this.#zoom = zoom;
    this.rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const layout = (this.layout = layOut(view.graph, view.pruned.nodes, { width, height, rem: this.rem, plotted: view.operands !== undefined }));
    this.stage.style.width = `${layout.width * zoom}px`;
    this.stage.style.height = `${layout.height * zoom}px`;
    for (const each of [this.root, this.#bands, this.#names]) {
      each.setAttribute("width", String(layout.width * zoom));
      each.setAttribute("height", String(layout.height * zoom));
      each.setAttribute("viewBox", `0 0 ${layout.width} ${layout.height}`);
    }
    this.root.setAttribute("aria-label", name);
    this.elements = drawNodes(this.app, view, layout, this.rem, sameGraph ? this.elements : new Map());
    this.#marked = new Set();
    this.#place();
    this.#bands.replaceChildren(drawBands(layout, this.rem));
    this.#names.replaceChildren(drawNames(layout, this.rem, this.#held > 0));
    this.#paint();
  }

  /** Puts the nodes' elements into the document, and leaves alone those that are where they belong. */
  #place() {
    const wanted = new Set(this.elements.values());
    for (const child of [...this.root.children]) if (!wanted.has(/** @type {SVGGElement} */ (child))) child.remove();
    let next = this.root.firstElementChild;
    for (const element of wanted) {
      if (element === next) next = next.nextElementSibling;
      else this.root.insertBefore(element, next);
    }
  }

  #paint() {
    if (!this.layout || !this.#view) return;
    const { layout, rem } = this;
    const { pruned } = this.#view;
    const context = sized(this.#edges, layout, this.#zoom);
    const more = drawEdges(context, layout, pruned, { rem, part: "strong" });
    // A slice a frame, since without a GPU thousands of lines take a while.
    let first = 0;
    const slice = () => {
      drawEdges(context, layout, pruned, { rem, part: "faint", first, end: (first += SLICE) });
      if (first < pruned.weights.length) this.#resting = setTimeout(slice, FRAME_MS);
      else this.#faint = undefined;
    };
    this.#faint = more ? slice : undefined;
    this.#rest();
    this.paintPlots();
  }

  /** Draws the faint edges that are left once nothing changes. */
  #rest() {
    clearTimeout(this.#resting);
    if (this.#faint) this.#resting = setTimeout(this.#faint, REST_MS);
  }

  /** Draws the heat maps that are here. */
  paintPlots() {
    const { layout } = this;
    const view = this.#view;
    if (!layout || !view) return;
    const context = sized(this.#plots, layout, this.#zoom);
    for (const node of layout.boxes.keys()) this.#paintPlot(context, node);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} node */
  #paintPlot(context, node) {
    const view = /** @type {Pictured} */ (this.#view);
    const plot = this.app.plot(node, view);
    this.elements.get(node)?.classList.toggle("plotted", plot !== undefined);
    const box = this.layout?.boxes.get(node);
    if (!plot || !box) return;
    const { x, y, width, height } = box;
    drawPlot(context, plot, { x: x - width / 2, y: y - height / 2, size: width, radius: width * 0.12 }, view.operands);
  }

  /** Names of rows stay in sight while the graph scrolls, above the rows then, so that they cover no node. @param {number} left pixels that are out of sight */
  holdNames(left) {
    const moves = left > 0 !== this.#held > 0;
    this.#held = left;
    if (moves && this.layout) this.#names.replaceChildren(drawNames(this.layout, this.rem, left > 0));
    this.#names.firstElementChild?.setAttribute("transform", `translate(${left / this.#zoom} 0)`);
  }

  /** Names the nodes anew, once their labels are there. */
  nameNodes() {
    const view = this.#view;
    if (view) for (const [node, element] of this.elements) nameNode(this.app, view, element, node);
  }

  /** Shows which node is looked at, and the paths through it. @param {Looks} looks */
  light({ centre, selected, pinned }) {
    const { layout, elements } = this;
    const view = this.#view;
    if (!layout || !view) return;
    this.#rest();
    const shown = centre !== undefined && elements.has(centre) ? centre : undefined;
    const paths = shown === undefined ? undefined : pathsThrough(shown, view.pruned);
    this.stage.classList.toggle("lit", shown !== undefined);
    // The stylesheet dims what is not near, so that only the few near ones have to be told.
    const marked = new Set([...(paths?.near ?? []), ...(paths?.far ?? []), ...pinned]);
    if (selected !== undefined) marked.add(selected);
    for (const node of new Set([...marked, ...this.#marked])) {
      const list = elements.get(node)?.classList;
      if (!list) continue;
      list.toggle("near", paths?.near.has(node) ?? false);
      list.toggle("far", paths?.far.has(node) ?? false);
      list.toggle("hovered", node === shown && node !== selected);
      list.toggle("selected", node === selected);
      list.toggle("pinned", pinned.has(node));
    }
    this.#marked = marked;
    this.#plots.style.opacity = shown === undefined ? "" : String(DIM);
    const context = sized(this.#lit, layout, this.#zoom);
    if (!paths || shown === undefined) return;
    drawEdges(context, layout, view.pruned, { rem: this.rem, only: paths.edges, along: true });
    drawEdges(context, layout, view.pruned, { rem: this.rem, only: paths.own });
    for (const node of paths.near) this.#paintPlot(context, node);
  }

  /** The middle of a node in pixels of the stage. @param {number} node */
  boxOf(node) {
    const box = this.layout?.boxes.get(node);
    if (!box) return undefined;
    const k = this.#zoom;
    return { x: box.x * k, y: box.y * k, width: box.width * k, height: box.height * k };
  }
}
