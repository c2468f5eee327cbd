// A column of compared features: those of one graph alone, or of both, with how strongly each fires here and there.

/** @import { Lab } from "../lab.js" */
/** @import { Graph, Traced } from "../messages.js" */
/** @import { Twins } from "./twins.js" */

import { html } from "../dom.js";
import { placeName } from "../format.js";
import { FEATURE } from "../kinds.js";
import { thumb } from "../thumb.js";

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {"lost" | "shared" | "gained"} kind
 * @property {number[]} nodes
 * @property {number} which graph they are nodes of
 */

/**
 * @param {Lab} lab
 * @param {Twins} twins
 * @param {[Traced, Traced]} graphs
 * @param {Column} what
 * @param {(which: number, node: number | undefined) => void} point lights a node up in both
 */
export function column(lab, twins, graphs, { title, kind, nodes, which }, point) {
  const [traced, other] = [graphs[which], graphs[1 - which]];
  const rows = nodes.map((node) => {
    const twin = twins.counterpart(which, node);
    const here = traced.graph.activation[node].toFixed(2);
    const there = twin === undefined ? absent(other.graph) : other.graph.activation[twin].toFixed(2);
    const away = kind === "shared" && twin !== undefined ? prunedIn(twins, node, twin) : undefined;
    const row = html(
      "li",
      { tabindex: 0 },
      // In its place, so that names stand below each other.
      thumb(lab, node, traced) ?? html("canvas", { "aria-hidden": "true" }),
      html("span", { class: "name" }, lab.nameOf(node, traced), html("small", {}, placeName(traced.graph, node))),
      html("span", { class: "weight" }, which === 0 ? `${here} → ${there}` : `${there} → ${here}`, away && html("small", {}, away)),
    );
    for (const event of ["pointerenter", "focus"]) row.addEventListener(event, () => point(which, node));
    for (const event of ["pointerleave", "blur"]) row.addEventListener(event, () => point(which, undefined));
    return row;
  });
  return html(
    "section",
    { class: kind },
    html("h3", {}, title, html("small", {}, String(nodes.length))),
    rows.length > 0 ? html("ul", {}, ...rows) : html("p", { class: "note" }, "None."),
  );
}

/** @param {Twins} twins @param {number} first @param {number} second the same in both graphs */
function prunedIn(twins, first, second) {
  if (!twins.isDrawn(0, first)) return "pruned in the first";
  return twins.isDrawn(1, second) ? undefined : "pruned in the second";
}

/** What is said of a feature that a graph does not have: only with all active ones as nodes is it silent. @param {Graph} graph */
function absent({ kind, activeFeatures }) {
  return kind.filter((each) => each === FEATURE).length < activeFeatures ? "no node" : "silent";
}
