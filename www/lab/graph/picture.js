// The picture of one graph: bands and canvases below, named nodes above. It draws what it is told, and follows nobody.

/** @import { Lab } from "../lab.js" */
/** @import { Plotted } from "../view.js" */
/** @import { Pruned } from "../engine-api.js" */
/** @import { Box, Layout } from "../../graph/layout.js" */

import { svg } from "../dom.js";
import { keyed } from "../keyed.js";
import { LOGIT } from "../kinds.js";
import { Canvases } from "./canvases.js";
import { layoutOf, wordsFor } from "./layout-of.js";
import { drawBands, drawNames, drawNode, dress, lookOf, nameNode, nodeAt } from "./nodes.js";
import { pathsThrough } from "./paths.js";
import { readable } from "./when-readable.js";

/** @typedef {Plotted & { pruned: Pruned }} Pictured */
/** What is looked at. @typedef {{ centre: number | undefined, selected: number | undefined, pinned: Set<number> }} Looks */

const MOST_ELEMENTS = 1000; // of more nodes, only those that one looks at have an element
const MOST_RAISED = 200;

/** Where the nodes of a graph stand, to be compared. @param {Pictured | undefined} view @param {Layout | undefined} layout */
function placesOf(view, layout) {
  const boxes = [...(layout?.boxes.values() ?? [])].map(({ node, x, y, width }) => `${view?.graph.id[node]} ${x} ${y} ${width}`);
  return boxes.sort().join();
}

export class Picture {
  /** @type {Layout | undefined} */ layout;
  /** @type {Map<number, SVGGElement>} */ elements = new Map();
  /** Which nodes have an element. @type {Set<number>} */ #raised = new Set();
  /** How many graphs there were: an element serves for the next one where that takes the place of the same graph, recorded. */ #graphs = 0;
  rem = 16;
  /** @type {Canvases} */ #canvases;
  #bands = svg("svg", { "aria-hidden": "true" });
  /** Names of the layers, above all else so that they can be read while the graph scrolls beneath. */
  #names = svg("svg", { class: "names", "aria-hidden": "true" });
  root = svg("svg", { role: "graphics-document", "aria-roledescription": "attribution graph" });
  /** @type {Pictured | undefined} */ #view;
  /** Nodes with another look than that of the graph at rest. @type {Set<number>} */ #marked = new Set();
  /** @type {Looks | undefined} */ #looks;
  #zoom = 1;
  /** How far the graph is scrolled beneath the names of its rows, in pixels. */
  #held = 0;
  #scrolled = 0;
  /** Whether nodes are painted, and only those that one looks at have an element. */
  crowded = false;

  /** @param {Lab} lab @param {HTMLElement} stage takes the picture's size */
  constructor(lab, stage) {
    this.lab = lab;
    this.stage = stage;
    this.#canvases = new Canvases(lab, stage);
    stage.append(this.#bands, ...this.#canvases.all, this.root, this.#names);
    for (const canvas of this.#canvases.all) canvas.addEventListener("contextrestored", () => this.#paint());
  }

  /**
   * @param {Pictured} view
   * @param {{ width: number, least?: number, height: number, zoom: number, name: string }} frame room in pixels, and the least width that
   *   a graph takes that is no text in stretches; what screen readers call it
   */
  draw(view, { width, least = 0, height, zoom, name }) {
    const before = this.#view;
    const sameGraph = before?.graph === view.graph;
    // The live graph takes the place of the recorded one: the same nodes under other numbers.
    const follows = !sameGraph && view.recording !== undefined && before?.recording === view.recording;
    const placed = follows ? placesOf(before, this.layout) : undefined;
    const sameZoom = this.#zoom === zoom;
    this.#view = view;
    this.#zoom = zoom;
    this.rem = this.lab.rem;
    const { rem } = this;
    const layout = (this.layout = layoutOf(this.lab, view, { width, least, height, rem }));
    this.stage.style.width = `${layout.width * zoom}px`;
    this.stage.style.height = `${layout.height * zoom}px`;
    for (const each of [this.root, this.#bands, this.#names]) {
      each.setAttribute("width", String(layout.width * zoom));
      each.setAttribute("height", String(layout.height * zoom));
      each.setAttribute("viewBox", `0 0 ${layout.width} ${layout.height}`);
    }
    this.root.setAttribute("aria-label", name);
    this.crowded = layout.boxes.size > MOST_ELEMENTS;
    if (!sameGraph && !follows) this.#graphs += 1;
    this.#raised = new Set(this.crowded ? this.#answers() : layout.boxes.keys());
    const old = new Set(this.elements.values());
    this.#place();
    for (const [node, element] of this.elements)
      if (old.has(element)) dress(this.lab, view, element, /** @type {Box} */ (layout.boxes.get(node)));
    this.#marked = follows ? new Set(this.elements.keys()) : new Set();
    const { crowded } = this;
    this.#canvases.scene = {
      ...{ view, layout, rem, zoom, crowded },
      isRaised: (node) => this.elements.has(node),
      bundles: readable()?.Bundles.gather(view.graph, view.pruned, layout, rem),
      words: wordsFor(this.lab, view, layout, { rem, zoom }),
    };
    this.#writeWords();
    this.#bands.replaceChildren(drawBands(layout, this.rem, this.crowded));
    this.#names.replaceChildren(drawNames(layout, rem, this.#held > 0));
    // Where all stands as it stood, its edges are drawn already, and would flicker.
    if (follows && sameZoom && !this.crowded && placed === placesOf(view, layout)) this.paintPlots();
    else this.#paint();
  }

  /** Gives elements to the nodes that have one, and takes away those of others. */
  #place() {
    const { lab, rem } = this;
    const view = /** @type {Pictured} */ (this.#view);
    const boxes = [...this.#raised].map((node) => this.layout?.boxes.get(node)).filter((box) => box !== undefined);
    const elements = keyed(this.root, boxes, {
      key: ({ node }) => view.graph.id[node],
      look: (box) => `${this.#graphs} ${lookOf(box, rem)}`,
      make: (box) => {
        const element = drawNode(view, box, rem);
        dress(lab, view, element, box);
        return element;
      },
    });
    this.elements = new Map(boxes.map(({ node }) => [node, /** @type {SVGGElement} */ (elements.get(view.graph.id[node]))]));
  }

  #answers() {
    const { graph } = /** @type {Pictured} */ (this.#view);
    const nodes = [.../** @type {Layout} */ (this.layout).boxes.keys()];
    return nodes.filter((node) => graph.kind[node] === LOGIT).slice(0, MOST_RAISED);
  }

  /** A node's element, made now where it is only painted; nothing where the node is not on show. @param {number} node */
  elementOf(node) {
    if (!this.layout?.boxes.has(node) || !this.#view) return undefined;
    if (!this.#raised.has(node)) this.#raise([...this.#raised, node]);
    return this.elements.get(node);
  }

  /** Of a crowded graph, gives just these nodes elements. @param {Iterable<number>} nodes */
  #raise(nodes) {
    const before = this.elements;
    this.#raised = new Set(nodes);
    this.#place();
    for (const [node, element] of this.elements) if (!before.has(node)) this.#markPlotted(node, element);
  }

  /** Those that keep their elements whatever one looks at. */
  #standing() {
    const { graph } = /** @type {Pictured} */ (this.#view);
    return [...this.elements].flatMap(([node, element]) =>
      graph.kind[node] === LOGIT || element.getAttribute("tabindex") === "0" || element === this.lab.focused ? [node] : [],
    );
  }

  /** The node that an event of the pointer or the keyboard is about. @param {Event} event */
  nodeOf(event) {
    const element = event.target instanceof Element ? event.target.closest(".node") : null;
    const id = element instanceof SVGElement ? element.dataset.id : undefined;
    if (id !== undefined) return this.#view?.graph.id.indexOf(id);
    if (!this.crowded || !this.layout || !(event instanceof MouseEvent)) return undefined;
    const { left, top } = this.root.getBoundingClientRect();
    return nodeAt(this.layout, (event.clientX - left) / this.#zoom, (event.clientY - top) / this.#zoom);
  }

  /** Draws the heat maps that are here, and the nodes that have no element. */
  paintPlots() {
    for (const [node, element] of this.elements) this.#markPlotted(node, element);
    this.#canvases.paintPlots();
  }

  #paint() {
    for (const [node, element] of this.elements) this.#markPlotted(node, element);
    this.#canvases.paint();
  }

  /** @param {number} node @param {Element} element */
  #markPlotted(node, element) {
    element.classList.toggle("plotted", this.lab.plot(node, this.#view) !== undefined);
  }

  /**
   * Names of rows stay in sight while the graph scrolls, above the rows then, so that they cover no node; and what comes into sight is
   * drawn.
   * @param {number} left pixels that are out of sight
   */
  holdNames(left) {
    const moves = left > 0 !== this.#held > 0;
    this.#held = left;
    if (moves && this.layout) this.#names.replaceChildren(drawNames(this.layout, this.rem, left > 0));
    this.#names.firstElementChild?.setAttribute("transform", `translate(${left / this.#zoom} 0)`);
    this.#scrolled ||= requestAnimationFrame(() => {
      this.#scrolled = 0;
      if (this.#canvases.hold(/** @type {Element} */ (this.stage.parentElement))) return;
      this.#paint();
      if (this.#looks) this.light(this.#looks);
    });
  }

  /** Names the nodes anew, once their labels are there. */
  nameNodes() {
    const { scene } = this.#canvases;
    if (!scene) return;
    for (const [node, element] of this.elements) nameNode(this.lab, scene.view, element, node);
    const before = scene.words?.size;
    scene.words = wordsFor(this.lab, scene.view, scene.layout, scene);
    if (!this.crowded) this.#writeWords();
    else if (scene.words?.size !== before) this.#canvases.paintPlots();
  }

  #writeWords() {
    const words = this.#canvases.scene?.words;
    if (this.crowded || !words) return;
    for (const [node, element] of this.elements)
      readable()?.writeWord(element, /** @type {Box} */ (this.layout?.boxes.get(node)), words.get(node));
  }

  /** Shows which node is looked at, and the paths through it. @param {Looks} looks */
  light(looks) {
    const { centre, selected, pinned } = (this.#looks = looks);
    const { layout, elements } = this;
    const view = this.#view;
    if (!layout || !view) return;
    this.#canvases.rest();
    const shown = centre !== undefined && layout.boxes.has(centre) ? centre : undefined;
    if (this.crowded)
      this.#raise([...this.#standing(), ...[shown, selected, ...pinned].filter((node) => node !== undefined).slice(0, MOST_RAISED)]);
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
    this.#canvases.light(paths);
  }

  /** The middle of a node in pixels of the stage. @param {number} node */
  boxOf(node) {
    const box = this.layout?.boxes.get(node);
    if (!box) return undefined;
    const k = this.#zoom;
    return { x: box.x * k, y: box.y * k, width: box.width * k, height: box.height * k };
  }
}
