// The subgraph panel: pinned nodes to arrange, group, name and walk through, with the pointer or by keyboard alone.

/** @import { Lab } from "../lab.js" */
/** @import { Shape } from "../../graph/draw-svg.js" */
/** @import { Flow, Item } from "./items.js" */
/** @import { Card } from "./places.js" */

import { elementOf } from "../../graph/draw-svg.js";
import { byTouch } from "../device.js";
import { onResize, svg } from "../dom.js";
import { counted } from "../format.js";
import { keyed } from "../keyed.js";
import { Commands } from "./commands.js";
import { cardShape, drawFlows, MOST_FLOWS } from "./draw.js";
import { flowsOf, itemsOf } from "./items.js";
import { followKeys } from "./keys.js";
import { placeItems } from "./places.js";
import { followPointer } from "./pointer.js";

const KEYS =
  " Arrow keys move between items, with Alt they move the item; Space picks, G groups, R renames, " +
  "S switches its features off, Delete unpins.";

/** What is drawn, and what of it is picked. */
export class Subgraph {
  root = svg("svg", { role: "graphics-document", "aria-roledescription": "subgraph" });
  #arrows = svg("g");
  #drawn = svg("g");
  /** @type {Item[]} */ items = [];
  /** @type {Map<string | undefined, Item>} */ #itemsByKey = new Map();
  /** @type {Flow[]} */ #between = [];
  /** @type {Map<Item, Card>} */ cards = new Map();
  /** Keys of the items that the next command is about. @type {Set<string>} */ picked = new Set();
  /** The item of the one tab stop. @type {string | undefined} */ stop;
  height = 0;
  #rem = 16;
  /** A drawing that is to come. @type {ReturnType<typeof setTimeout> | undefined} */ #soon;

  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.panel = lab.part("subgraph");
    this.pane = lab.part("subgraph-pane");
    this.pane.append(this.root);
    this.root.append(this.#arrows, this.#drawn);
    this.commands = new Commands(this);
  }

  /** Whether there is a subgraph: the room that the graph has depends on it. */
  #showOrHide() {
    const { lab, panel } = this;
    panel.hidden = lab.pinned.length === 0 && lab.arrangement.pinned.length === 0;
    const { classList } = lab.part("screen");
    classList.toggle("with-subgraph", !panel.hidden);
    const large = lab.address.large && !panel.hidden;
    classList.toggle("large-subgraph", large);
    this.commands.showLarge(large);
  }

  /** Once, for all that happens at the same time, and in a task of its own. */
  redrawSoon() {
    this.#showOrHide();
    if (!this.panel.hidden) this.#soon ||= setTimeout(() => this.lab.whenReleased(this.root, () => this.redraw()));
  }

  redraw() {
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#showOrHide();
    const { lab, panel, pane, root } = this;
    if (!lab.view || panel.hidden) return;
    this.#rem = lab.rem;
    this.items = itemsOf(lab);
    this.#itemsByKey = new Map(this.items.map((item) => [item.key, item]));
    this.#between = flowsOf(lab, this.items);
    this.#count();
    this.picked = new Set(this.items.map(({ key }) => key).filter((key) => this.picked.has(key)));
    const { clientWidth: width } = pane;
    const placed = placeItems(lab, this.items, { width, height: pane.clientHeight - 2, rem: this.#rem });
    this.cards = placed.cards;
    this.height = placed.height;
    root.setAttribute("width", String(width));
    root.setAttribute("height", String(this.height));
    root.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
    root.setAttribute("aria-label", `Subgraph of ${counted(this.items.length, "item")}.${byTouch ? "" : KEYS}`);
    const focused = root.contains(lab.focused);
    const shapes = new Map(this.items.map((item) => [item, cardShape(lab, item, /** @type {Card} */ (this.cards.get(item)), this.#rem)]));
    const drawn = keyed(this.#drawn, this.items, {
      key: ({ key }) => key,
      look: (item) => JSON.stringify(shapes.get(item)),
      make: (item) => /** @type {SVGGElement} */ (elementOf(/** @type {Shape} */ (shapes.get(item)))),
    });
    if (!drawn.has(this.stop)) this.stop = this.items[0]?.key;
    for (const item of this.items) {
      const element = /** @type {SVGGElement} */ (drawn.get(item.key));
      const card = /** @type {Card} */ (this.cards.get(item));
      element.setAttribute("transform", `translate(${card.x} ${card.y})`);
      element.setAttribute("tabindex", item.key === this.stop ? "0" : "-1");
      this.#mark(element, item);
    }
    this.redrawFlows();
    if (focused) drawn.get(this.stop)?.focus({ preventScroll: true });
    this.commands.enable();
  }

  #count() {
    const here = this.lab.pinned.length;
    const away = this.lab.arrangement.pinned.length - here;
    const left = this.#between.length > MOST_FLOWS ? `, the strongest ${MOST_FLOWS} of ${counted(this.#between.length, "effect")}` : "";
    this.lab.part("pinned-count").textContent = `${counted(here, "node")}${away > 0 ? `, ${away} more not in this graph` : ""}${left}`;
  }

  /** Draws the arrows again, and nothing else. */
  redrawFlows() {
    this.#arrows.replaceChildren(drawFlows(this.#between, this.cards, this.#rem));
    this.#lightFlows();
  }

  /** Has the arrows of what is picked or looked at stand out; their ways are as they were. */
  #lightFlows() {
    const { hovered, selected } = this.lab;
    const isLit = (/** @type {Item} */ { key, nodes }) =>
      this.picked.has(key) || nodes.some((node) => node === hovered || node === selected);
    const lit = new Set(this.items.filter(isLit).map(({ key }) => key));
    for (const arrow of /** @type {NodeListOf<SVGElement>} */ (this.#arrows.querySelectorAll("g.flow"))) {
      const { from = "", to = "" } = arrow.dataset;
      arrow.classList.toggle("shown", lit.has(from) || lit.has(to));
    }
  }

  /** Shows on an item's card what it is just now. @param {Element} element @param {Item | undefined} item */
  #mark(element, item) {
    const { selected, hovered } = this.lab;
    element.classList.toggle("picked", item !== undefined && this.picked.has(item.key));
    element.classList.toggle("selected", item !== undefined && selected !== undefined && item.nodes.includes(selected));
    element.classList.toggle("hovered", item !== undefined && hovered !== undefined && item.nodes.includes(hovered));
  }

  light() {
    for (const element of this.#elements()) this.#mark(element, this.itemWith(element.dataset.key));
    this.#lightFlows();
    this.commands.enable();
  }

  /** @returns {Iterable<SVGElement>} the items' cards */
  #elements() {
    return this.root.querySelectorAll("g.item");
  }

  /** @param {string | undefined} key */
  itemWith(key) {
    return this.#itemsByKey.get(key);
  }

  /** The item that an event happened to. @param {Event} event */
  itemAt(event) {
    const element = event.target instanceof Element ? event.target.closest("g.item") : null;
    return this.itemWith(element instanceof SVGElement ? element.dataset.key : undefined);
  }

  get pickedItems() {
    return this.items.filter(({ key }) => this.picked.has(key));
  }

  /** What a command is about: what is picked, or else the item that has the focus. */
  get meant() {
    const some = this.pickedItems;
    const { focused } = this.lab;
    const item = focused instanceof SVGElement && this.root.contains(focused) ? this.itemWith(focused.dataset.key) : undefined;
    return some.length > 0 || !item ? some : [item];
  }

  /** @param {string} key of the item that gets the keyboard */
  focus(key) {
    this.stop = key;
    for (const element of this.#elements()) {
      const here = element.dataset.key === key;
      element.setAttribute("tabindex", here ? "0" : "-1");
      if (here) element.focus();
    }
  }

  /** Moves a card that is being drawn. @param {Item} item @param {Card} card */
  move(item, card) {
    this.cards.set(item, card);
    this.root.querySelector(`g.item[data-key="${CSS.escape(item.key)}"]`)?.setAttribute("transform", `translate(${card.x} ${card.y})`);
    this.redrawFlows();
  }
}

/** @param {Lab} lab */
export function mountSubgraph(lab) {
  const subgraph = new Subgraph(lab);
  followPointer(subgraph);
  followKeys(subgraph);

  function ask() {
    if (lab.pinned.length > 1) lab.worker.between(lab.pinned);
  }
  lab.watch(
    () => [lab.view, lab.arrangement],
    () => lab.pinned.some((node) => !lab.view?.between?.nodes.includes(node)) && ask(),
  );
  lab.watch(
    () => lab.arrangement,
    () => lab.worker.wantPlots(lab.pinned),
  );
  const { features, plots } = lab;
  lab.watch(
    () => [
      lab.view,
      lab.arrangement,
      lab.address.large,
      lab.view?.between,
      lab.view?.graph.whole,
      plots.arrivals,
      features.names,
      lab.colours,
    ],
    () => subgraph.redrawSoon(),
  );
  lab.watch(
    () => [lab.hovered, lab.address.selected],
    () => subgraph.light(),
  );
  // The graph's pane has another size then too: each is drawn in a task of its own.
  onResize(subgraph.pane, () => subgraph.redrawSoon(), lab.lifetime);
}
