// A few words beside the node under the pointer.

/** @import { Lab } from "../lab.js" */

import { html } from "../dom.js";
import { activationOf, chanceOf, nameOf, partOf, placeName, signed } from "../format.js";
import { isFeature, LOGIT } from "../kinds.js";
import { endsOf } from "./paths.js";

const LISTED = 3;

export class Tooltip {
  /**
   * @param {Lab} lab
   * @param {HTMLElement} pane
   * @param {HTMLElement} element
   */
  constructor(lab, pane, element) {
    this.lab = lab;
    this.pane = pane;
    this.element = element;
  }

  /**
   * @param {{ x: number, y: number, width: number, height: number } | undefined} box of the node, in pixels of the stage; nothing: none
   *   is shown
   */
  show(box) {
    const { view, hovered } = this.lab;
    this.element.hidden = !box;
    if (!view || !box || hovered === undefined) return;
    const { graph } = view;
    const label = this.lab.labelOf(hovered);
    const facts = [placeName(graph, hovered)];
    if (label !== undefined) facts.unshift(nameOf(graph, hovered));
    if (isFeature(graph.kind[hovered])) facts.push(`activation ${activationOf(graph, hovered, 2)}`);
    if (graph.kind[hovered] === LOGIT) facts.push(chanceOf(graph, hovered));
    const part = partOf(graph, hovered);
    if (part) facts.push(part);
    this.element.replaceChildren(
      html("strong", {}, label ?? nameOf(graph, hovered)),
      html("div", {}, facts.join(" · ")),
      // While another node is kept in the panel, the neighbours stand here.
      ...(this.lab.selected === undefined ? [] : this.#strongest(hovered)),
    );
    const { offsetWidth, offsetHeight } = this.element;
    const below = box.y - box.height / 2 - this.pane.scrollTop < offsetHeight + 14;
    const top = below ? box.y + box.height / 2 + 10 : box.y - box.height / 2 - offsetHeight - 10;
    const left = Math.min(
      Math.max(this.pane.scrollLeft + 6, box.x - offsetWidth / 2),
      this.pane.scrollLeft + this.pane.clientWidth - offsetWidth - 6,
    );
    this.element.style.top = `${top}px`;
    this.element.style.left = `${left}px`;
  }

  /** The strongest edges on show, in and out. @param {number} node */
  #strongest(node) {
    const { pruned } = /** @type {NonNullable<Lab["view"]>} */ (this.lab.view);
    const { into, outOf } = endsOf(pruned);
    /** @param {Uint32Array} edges @param {Uint32Array} theirs @param {string} title */
    const line = (edges, theirs, title) => {
      if (edges.length === 0) return undefined;
      const named = Array.from(edges.subarray(0, LISTED), (edge) => `${this.lab.nameOf(theirs[edge])} ${signed(pruned.weights[edge])}`);
      return html("div", {}, `${title} ${named.join(", ")}${edges.length > LISTED ? ", …" : ""}`);
    };
    return [line(into(node), pruned.sources, "from"), line(outOf(node), pruned.targets, "to")].filter((each) => each !== undefined);
  }
}
