// A few words beside the node under the pointer.

/** @import { App } from "../app.js" */
/** @import { Layout } from "./layout.js" */

import { html } from "../dom.js";
import { nameOf, percent, placeName, signed } from "../format.js";
import { FEATURE, LOGIT } from "../kinds.js";

const LISTED = 3;

export class Tooltip {
  /**
   * @param {App} app
   * @param {HTMLElement} pane
   * @param {HTMLElement} element
   */
  constructor(app, pane, element) {
    this.app = app;
    this.pane = pane;
    this.element = element;
  }

  /** @param {Layout | undefined} layout */
  show(layout) {
    const { view, hovered } = this.app;
    const box = hovered === undefined ? undefined : layout?.boxes.get(hovered);
    this.element.hidden = !box;
    if (!view || !box || !layout) return;
    const { graph } = view;
    const facts = [placeName(graph, box.node)];
    if (graph.kind[box.node] === FEATURE) facts.push(`activation ${graph.activation[box.node].toFixed(2)}`);
    if (graph.kind[box.node] === LOGIT) facts.push(percent(graph.activation[box.node]));
    this.element.replaceChildren(
      html("strong", {}, nameOf(graph, box.node)),
      html("div", {}, facts.join(" · ")),
      // While another node is kept in the panel, the neighbours stand here.
      ...(this.app.selected === undefined ? [] : this.#strongest(box.node)),
    );
    const below = box.y - box.height / 2 - this.pane.scrollTop < this.element.offsetHeight + 14;
    const top = below ? box.y + box.height / 2 + 10 : box.y - box.height / 2 - this.element.offsetHeight - 10;
    const left = Math.min(Math.max(6, box.x - this.element.offsetWidth / 2), layout.width - this.element.offsetWidth - 6);
    this.element.style.top = `${top}px`;
    this.element.style.left = `${left}px`;
  }

  /** The strongest edges on show, in and out. @param {number} node */
  #strongest(node) {
    const { graph, pruned } = /** @type {NonNullable<App["view"]>} */ (this.app.view);
    /** @param {Uint32Array} ours @param {Uint32Array} theirs @param {string} title */
    const line = (ours, theirs, title) => {
      const edges = Array.from(ours.keys()).filter((edge) => ours[edge] === node);
      if (edges.length === 0) return undefined;
      edges.sort((a, b) => Math.abs(pruned.weights[b]) - Math.abs(pruned.weights[a]));
      const named = edges.slice(0, LISTED).map((edge) => `${nameOf(graph, theirs[edge])} ${signed(pruned.weights[edge])}`);
      return html("div", {}, `${title} ${named.join(", ")}${edges.length > LISTED ? ", …" : ""}`);
    };
    return [line(pruned.targets, pruned.sources, "from"), line(pruned.sources, pruned.targets, "to")].filter((each) => each !== undefined);
  }
}
