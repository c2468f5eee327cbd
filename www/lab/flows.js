// A list of inputs or outputs by weight; a click goes to the node.

/** @import { Lab } from "./lab.js" */
/** @import { Inputs } from "./engine-api.js" */
/** @import { Way } from "./heads.js" */

import { html, term } from "./dom.js";
import { percent, placeName, signed, visible } from "./format.js";
import { ATTENTION_FEATURE, BIAS, FEATURE, isError } from "./kinds.js";
import { thumb } from "./thumb.js";
import { laterParts } from "./tried-again.js";

/** How heads are put in words comes with the first that are asked for. @type {typeof import("./heads.js").wayOf | undefined} */ let wayOf;
export async function loadWays() {
  wayOf ??= (await laterParts()).wayOf;
}

const FIRST = 8;
const MORE = 200; // rows that a click adds

export class Flows {
  /**
   * @param {Lab} lab
   * @param {"Inputs" | "Outputs"} title
   * @param {number} centre the node whose they are
   * @param {Uint32Array} nodes by |weight|, strongest first
   * @param {Float32Array} weights
   * @param {Inputs} [sums] for inputs: what closes the sum
   */
  constructor(lab, title, centre, nodes, weights, sums) {
    this.lab = lab;
    this.title = title;
    this.centre = centre;
    this.nodes = nodes;
    this.weights = weights;
    this.visible = new Set(lab.view?.pruned.nodes);
    const all = weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
    const list = html("div", { class: `flows ${title.toLowerCase()}` });
    const fill = () => {
      const count = Math.min(this.lab.reader.opened[title] ?? FIRST, nodes.length);
      const rows = Array.from({ length: count }, (_, i) => this.#row(i, sums ? all : undefined)).flat();
      // A graph from a file does not say what closes the sum, and derivatives are none.
      const close =
        sums && Number.isFinite(sums.total) && lab.view?.graph.hold === "patterns,norms"
          ? [sum(term("remainder", "Remainder"), sums.remainder), sum(term("pre-activation", "Sum: pre-activation"), sums.total)]
          : [];
      list.replaceChildren(...rows, ...close);
    };
    fill();
    /** @type {HTMLElement[]} */
    this.elements = [html("h3", {}, term(title.toLowerCase(), title), html("small", {}, String(nodes.length))), list];
    if (nodes.length === 0)
      list.append(html("p", { class: "note" }, title === "Inputs" ? "No inputs." : "No effect on any node of this graph."));
    if (nodes.length > FIRST) this.elements.push(this.#more(title, fill));
  }

  /** @param {string} title @param {() => void} fill */
  #more(title, fill) {
    const button = html("button", { type: "button", class: "quiet more" });
    const all = this.nodes.length;
    /** How many rows the next click leaves. */
    const next = () => {
      const now = this.lab.reader.opened[title] ?? FIRST;
      return now >= all ? FIRST : now === FIRST ? MORE : now + MORE;
    };
    const name = () => {
      const count = next();
      button.textContent =
        count === FIRST ? `Show the first ${FIRST}` : count >= all ? `Show all ${all}` : `Show ${count} of ${all.toLocaleString("en")}`;
    };
    button.addEventListener("click", () => {
      this.lab.reader.opened[title] = next();
      name();
      fill();
    });
    name();
    return button;
  }

  /** @param {number} i @param {number | undefined} all sum of all |weights|, where shares are told */
  #row(i, all) {
    const { lab } = this;
    const view = /** @type {NonNullable<Lab["view"]>} */ (lab.view);
    const { graph } = view;
    const node = this.nodes[i];
    const weight = this.weights[i];
    const fill = html("i");
    fill.style.width = `${(100 * Math.abs(weight)) / Math.abs(this.weights[0])}%`;
    const drawn = this.visible.has(node);
    const [source, target] = this.title === "Inputs" ? [node, this.centre] : [this.centre, node];
    const way = wayOf?.(lab, source, target, weight);
    const button = html(
      "button",
      {
        type: "button",
        class: `${weight < 0 ? "negative" : "positive"}${drawn ? "" : " pruned"}`,
        title: [drawn ? "" : "Not drawn: pruned away at these thresholds.", way?.long ?? ""].join(" ").trim() || undefined,
        "data-id": graph.id[node],
      },
      this.#thumb(node),
      html("span", { class: "name" }, lab.nameOf(node), html("small", {}, placeName(graph, node))),
      html("span", { class: "bar", "aria-hidden": "true" }, fill),
      html("span", { class: "weight" }, signed(weight), ...(all ? [html("small", {}, percent(Math.abs(weight) / all))] : [])),
    );
    button.addEventListener("click", (event) => (event.shiftKey ? lab.togglePin(node, view) : lab.select(node, view)));
    button.addEventListener("pointermove", () => lab.hover(drawn ? node : undefined));
    button.addEventListener("pointerleave", () => lab.hover(undefined));
    // As high before the heads are known as then, so that no row moves.
    return lab.isLive && lab.selected === this.centre ? [button, this.#way(way, source, target)] : [button];
  }

  /** What carries an edge; a head leads to why it looks there. @param {Way | undefined} way @param {number} source @param {number} target */
  #way(way, source, target) {
    const { lab } = this;
    const { position } = /** @type {NonNullable<Lab["view"]>} */ (lab.view).graph;
    const parts = (way?.short ?? []).map(({ text, layer, head }) => {
      if (layer === undefined || head === undefined) return text;
      const button = html("button", { type: "button", title: "Why it looks there" }, text);
      const asked = `${layer}.${head}@${position[target]}-${position[source]}`;
      button.addEventListener("click", () => (lab.address.head = asked));
      return button;
    });
    return html(
      "p",
      { class: "way", title: way?.long },
      ...parts.flatMap((part, i) => [i === 0 || parts[i - 1] === "head " ? "" : ", ", part]),
    );
  }

  /** @param {number} node */
  #thumb(node) {
    const { lab } = this;
    const { graph } = /** @type {NonNullable<Lab["view"]>} */ (lab.view);
    const plot = thumb(lab, node, undefined, false);
    if (plot) return plot;
    const kind = graph.kind[node];
    const text = isError(kind)
      ? "◇"
      : kind === FEATURE
        ? "●"
        : kind === ATTENTION_FEATURE
          ? "■"
          : kind === BIAS
            ? "▬"
            : visible(graph.tokens[graph.position[node]] ?? "");
    return html("span", { class: "glyph", "aria-hidden": "true" }, text);
  }
}

/** @param {string | Node} name @param {number} value */
function sum(name, value) {
  return html("p", { class: "sum" }, html("span", { class: "name" }, name), html("span", { class: "weight" }, signed(value)));
}
