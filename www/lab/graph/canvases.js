// The picture's three canvases: all edges, the heat maps, and what is lit. Of a graph with thousands of nodes these are painted too: with
// an element for each of them, every change of the page would take seconds.

/** @import { Lab } from "../lab.js" */
/** @import { Box, Layout } from "../../graph/layout.js" */
/** @import { Role, Window } from "../../graph/edges.js" */
/** @import { Mark } from "../../graph/marks.js" */
/** @import { Part } from "./canvas.js" */
/** @import { Bundles } from "../../graph/bundles.js" */
/** @import { Word } from "../../graph/words.js" */
/** @import { pathsThrough } from "./paths.js" */
/** @import { Pictured } from "./picture.js" */

import { drawMarks } from "../../graph/draw-canvas.js";
import { edgeMarks, seenOf } from "../../graph/edges.js";
import { columnMarks, nodeMarks, squareOf } from "../../graph/marks.js";
import { plotMarks } from "../../graph/plot-marks.js";
import { html } from "../dom.js";
import { LOGIT } from "../kinds.js";
import { lookOf, partOf, sized } from "./canvas.js";
import { Slices } from "./slices.js";
import { readable } from "./when-readable.js";

/**
 * What is painted.
 * @typedef {object} Scene
 * @property {Pictured} view
 * @property {Layout} layout
 * @property {number} rem
 * @property {number} zoom
 * @property {boolean} crowded whether nodes are painted
 * @property {(node: number) => boolean} isRaised whether a node has an element nevertheless
 * @property {Bundles} [bundles] the edges in bundles
 * @property {Map<number, Word>} [words] beside features
 */

const DIM = { others: 0.22, far: 0.7 };
const STEPS = 24; // of strength: all edges of one step are stroked at once
const REST_MS = 150; // the faint edges of a large graph are drawn once nothing changes
const AT_ONCE = 300; // edges; what is more is drawn in slices
const LIT_AT_ONCE = 50; // the same of a node's own edges, which are broad
const SUMMED_AT_ONCE = 4000; // edges whose bundles take the page a few milliseconds
const SUMMED = 100; // edges that are summed while one is drawn

export class Canvases {
  #edges = html("canvas", { class: "edges", "aria-hidden": "true" });
  #plots = html("canvas", { class: "plots", "aria-hidden": "true" });
  #lit = html("canvas", { class: "lit-edges", "aria-hidden": "true" });
  all = [this.#edges, this.#plots, this.#lit];
  /** @type {Scene | undefined} */ scene;
  /** What the canvases hold. @type {Part} */ #part = { x: 0, y: 0, width: 0, height: 0 };
  /** Whether nothing is lit, so that a canvas is empty, of whatever size. */ #dark = true;
  /** Edges that are still to be drawn: of all, and of those at the node looked at. */
  #edgesLeft = new Slices((busy) => this.stage.toggleAttribute("data-drawing", busy));
  #litLeft = new Slices();

  /** @param {Lab} lab @param {HTMLElement} stage */
  constructor(lab, stage) {
    this.lab = lab;
    this.stage = stage;
    lab.listen(window, "beforeprint", () => this.#edgesLeft.finish());
  }

  /** All but what is lit. */
  paint() {
    const { scene } = this;
    if (!scene) return;
    const { layout, zoom } = scene;
    this.#part = partOf(this.lab, layout, zoom, /** @type {Element} */ (this.stage.parentElement));
    const context = sized(this.#edges, this.#part, zoom);
    this.paintPlots();
    const { bundles } = scene;
    if (!bundles || bundles.count - bundles.summed <= SUMMED_AT_ONCE) return this.#paintEdges(context, scene);
    this.#edgesLeft.start({
      from: bundles.summed,
      to: bundles.count,
      draw: (_, end) => bundles.sum(end),
      quick: SUMMED,
      // Both take as long as many lines: each has a frame of its own.
      then: () =>
        this.#nextFrame(() => {
          void bundles.drawn;
          this.#nextFrame(() => this.#paintEdges(context, scene));
        }),
    });
  }

  /** @param {() => void} draw what comes before any other edge is drawn */
  #nextFrame(draw) {
    this.#edgesLeft.start({ from: 0, to: 1, draw });
  }

  /** All edges, in bundles where there are some. @param {CanvasRenderingContext2D} context @param {Scene} scene */
  #paintEdges(context, { view, rem, bundles }) {
    const marks = bundles && readable()?.bundleMarks(bundles, { rem, seen: this.#window() });
    const { strong, seen } = marks ? { strong: marks.length, seen: marks.length } : seenOf(view.pruned.weights);
    const first = Math.min(strong, AT_ONCE);
    const draw = (/** @type {number} */ from, /** @type {number} */ end, beneath = true) =>
      marks ? this.#draw(context, marks.slice(from, end), beneath) : this.#drawEdges(context, { beneath, first: from, end });
    draw(0, first, false);
    this.#edgesLeft.start({ from: first, to: strong, draw, then: () => this.#edgesLeft.start({ from: strong, to: seen, draw }, REST_MS) });
  }

  /** Lets the page do something else before the faint edges come; what all edges wait for goes on. */
  rest() {
    const { bundles } = this.scene ?? {};
    if (!bundles || bundles.summed === bundles.count) this.#edgesLeft.rest(REST_MS);
  }

  /** The heat maps that are here, and the nodes that have no element. */
  paintPlots() {
    const { scene } = this;
    if (!scene) return;
    const { layout, rem, view, crowded, isRaised } = scene;
    const context = sized(this.#plots, this.#part, scene.zoom);
    if (!crowded) return drawMarks(context, this.#plotsOf(layout.boxes.values()), lookOf(this.lab));
    const columns = layout.columns.filter(({ left, right }) =>
      this.#isInPart({ x: (left + right) / 2, y: layout.bands[0].bottom, width: right - left, height: 4 * rem }),
    );
    const boxes = [...layout.boxes.values()].filter(
      (box) => this.#isInPart(box) && !(view.graph.kind[box.node] === LOGIT && isRaised(box.node)),
    );
    drawMarks(context, [...columnMarks(layout, columns, rem), ...this.#nodes(boxes, true)], lookOf(this.lab));
  }

  /**
   * The paths through the node that is looked at, above all else that is painted; nothing without it.
   * @param {ReturnType<typeof pathsThrough> | undefined} paths
   */
  light(paths) {
    const { scene } = this;
    if (!scene) return;
    this.#plots.style.opacity = paths ? String(DIM.others) : "";
    this.#litLeft.start(undefined);
    if (!paths && this.#dark) return;
    const context = sized(this.#lit, this.#part, scene.zoom);
    this.#dark = !paths;
    if (!paths) return;
    const { own, edges, near, far } = paths;
    const all = own.length <= LIT_AT_ONCE && own.length + edges.length <= AT_ONCE;
    if (all) this.#drawEdges(context, { only: edges, role: "along" });
    this.#drawEdges(context, { only: own, role: "own", end: LIT_AT_ONCE });
    const look = lookOf(this.lab);
    if (scene.crowded) {
      context.globalAlpha = DIM.far;
      drawMarks(context, this.#nodes(this.#boxesOf(far), false), look);
      context.globalAlpha = 1;
      drawMarks(context, this.#nodes(this.#boxesOf(near), true), look);
    } else {
      drawMarks(context, this.#plotsOf(this.#boxesOf(near)), look);
    }
    if (all) return;
    const beneath =
      (/** @type {Uint32Array} */ only, /** @type {Role} */ role) => (/** @type {number} */ first, /** @type {number} */ end) =>
        this.#drawEdges(context, { only, role, beneath: true, first, end });
    this.#litLeft.start({
      from: LIT_AT_ONCE,
      to: Math.max(LIT_AT_ONCE, own.length),
      draw: beneath(own, "own"),
      then: () => this.#litLeft.start({ from: 0, to: edges.length, draw: beneath(edges, "along") }),
    });
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {{ only?: Uint32Array, role?: Role, beneath?: boolean, first?: number, end?: number }} which `beneath` what is drawn
   */
  #drawEdges(context, { beneath, ...which }) {
    const { layout, view, rem } = /** @type {Scene} */ (this.scene);
    this.#draw(context, edgeMarks(layout, view.pruned, { ...which, rem, steps: STEPS, seen: this.#window() }), beneath);
  }

  /** @param {CanvasRenderingContext2D} context @param {Mark[]} marks @param {boolean} [beneath] what is drawn */
  #draw(context, marks, beneath) {
    context.globalCompositeOperation = beneath ? "destination-over" : "source-over";
    drawMarks(context, marks, lookOf(this.lab));
    context.globalCompositeOperation = "source-over";
  }

  /** @param {Iterable<Box>} boxes @param {boolean} plotted @returns {Mark[]} */
  #nodes(boxes, plotted) {
    const { view, rem, words } = /** @type {Scene} */ (this.scene);
    /** @type {Mark[]} */ const marks = [];
    for (const box of boxes) {
      const plot = plotted ? this.lab.plot(box.node, view) : undefined;
      marks.push(...nodeMarks(view.graph, box, { rem, plot, operands: view.operands, word: words?.get(box.node) }));
    }
    return marks;
  }

  /** @param {Iterable<Box>} boxes @returns {Mark[]} */
  #plotsOf(boxes) {
    const { view } = /** @type {Scene} */ (this.scene);
    /** @type {Mark[]} */ const marks = [];
    for (const box of boxes) {
      const plot = this.lab.plot(box.node, view);
      if (plot) marks.push(...plotMarks(plot, squareOf(box), view.operands, box.node));
    }
    return marks;
  }

  /** @param {Set<number>} nodes */
  #boxesOf(nodes) {
    return [...nodes]
      .map((node) => this.scene?.layout.boxes.get(node))
      .filter((box) => box !== undefined)
      .filter((box) => this.#isInPart(box));
  }

  /** What of the picture the canvases hold. @returns {Window} */
  #window() {
    const { x, y, width, height } = this.#part;
    const { zoom } = /** @type {Scene} */ (this.scene);
    return { left: x / zoom, right: (x + width) / zoom, top: y / zoom, bottom: (y + height) / zoom };
  }

  /** @param {Pick<Box, "x" | "y" | "width" | "height">} box */
  #isInPart({ x, y, width, height }) {
    const { left, right, top, bottom } = this.#window();
    return x + width / 2 >= left && x - width / 2 <= right && y + height / 2 >= top && y - height / 2 <= bottom;
  }

  /** Whether the canvases hold all that is in sight. @param {Element} pane that scrolls the picture */
  hold(pane) {
    const { scene } = this;
    if (!scene) return true;
    const { layout, zoom } = scene;
    const { x, y, width, height } = this.#part;
    if (width >= layout.width * zoom && height >= layout.height * zoom) return true;
    const lies = (
      /** @type {number} */ from,
      /** @type {number} */ size,
      /** @type {number} */ scroll,
      /** @type {number} */ seen,
      /** @type {number} */ all,
    ) => (scroll >= from || from <= 0) && (scroll + seen <= from + size + 1 || from + size + 1 >= all);
    return (
      lies(x, width, pane.scrollLeft, pane.clientWidth, layout.width * zoom) &&
      lies(y, height, pane.scrollTop, pane.clientHeight, layout.height * zoom)
    );
  }
}
