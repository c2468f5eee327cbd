// The graph's SVG: bands of layers below the canvases, and above them one named element a node.

/** @import { Shape } from "../../graph/draw-svg.js" */
/** @import { Box, Layout } from "../../graph/layout.js" */
/** @import { Mark } from "../../graph/marks.js" */
/** @import { Lab } from "../lab.js" */
/** @import { Plotted } from "../view.js" */
/** @import { Graph } from "../messages.js" */

import { elementOf, shapeOf } from "../../graph/draw-svg.js";
import { bandMarks, bracketMarks, columnMarks, isWeak, nameMarks, nodeMarks } from "../../graph/marks.js";
import { svg } from "../dom.js";
import { spoken } from "../format.js";
import { otherwise } from "../grade/otherwise.js";
import { KIND_NAMES } from "../kinds.js";

const HALO = 3; // pixels around a frame

/** What a node's element is drawn from. @param {Box} box @param {number} rem */
export function lookOf({ width, height, label, dot, turned, size, texts }, rem) {
  return [width, height, label, dot, turned, size, texts?.answer, texts?.size, rem].join();
}

/** Shows of a node what may be another from draw to draw. @param {Lab} lab @param {Plotted} view @param {SVGGElement} element @param {Box} box */
export function dress(lab, view, element, box) {
  change(element, "class", classOf(view.graph, box));
  change(element, "transform", `translate(${round(box.x)} ${round(box.y)})`);
  nameNode(lab, view, element, box.node);
  change(element, "tabindex", "-1");
}

/**
 * What a screen reader says of a node; anew when its label comes.
 * @param {Lab} lab
 * @param {Plotted} view
 * @param {SVGGElement} element
 * @param {number} node
 */
export function nameNode(lab, view, element, node) {
  const other = view === lab.view ? otherwise(lab, node) : undefined;
  change(element, "aria-label", [spoken(view.graph, node, lab.labelOf(node, view)), ...(other ? [other] : [])].join(", "));
}

/** @param {Element} element @param {string} name @param {string} value */
function change(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** @param {Graph} graph @param {Box} box */
function classOf(graph, { node, dot, fitted }) {
  return `node ${KIND_NAMES[graph.kind[node]]}${isWeak(graph, node) ? " weak" : ""}${dot ? " dot" : ""}${fitted ? " fitted" : ""}`;
}

/**
 * The layers' backgrounds, which go beneath all canvases.
 * @param {Layout} layout
 * @param {number} rem
 * @param {boolean} crowded whether texts are painted, with the nodes
 */
export function drawBands(layout, rem, crowded) {
  const brackets = svg("path", {
    d: bracketMarks(layout)
      .map(({ d }) => d)
      .join(""),
  });
  const group = svg("g", { class: "bands" }, ...bandMarks(layout).map(shaped), brackets);
  for (const mark of crowded ? [] : columnMarks(layout, layout.columns, rem)) {
    const text = shaped(mark);
    if (mark.turn) text.setAttribute("class", "turned");
    group.append(text);
  }
  return group;
}

/**
 * The rows' names: beside them, or above them where no node stands.
 * @param {Layout} layout @param {number} rem @param {boolean} above
 */
export function drawNames(layout, rem, above) {
  const names = nameMarks(layout, rem, above || layout.narrow === true).map(shaped);
  for (const name of names) name.setAttribute("dominant-baseline", "central");
  return svg("g", {}, ...names);
}

/** @param {Plotted} view @param {Box} box @param {number} rem @returns {SVGGElement} */
export function drawNode({ graph }, box, rem) {
  const group = svg("g", { role: "graphics-symbol", "data-id": graph.id[box.node] });
  for (const mark of nodeMarks(graph, { ...box, x: 0, y: 0 }, { rem })) {
    const element = shaped(mark);
    group.append(element);
    if (mark.part === "chance") element.setAttribute("class", "probability");
    // What has a size of its own; all other texts have the stylesheet's.
    if (mark.shape === "text" && (mark.part === "answer" || box.fitted || (mark.part === "label" && box.size)))
      element.style.fontSize = `${mark.size}px`;
    if (mark.shape !== "rect") continue;
    element.setAttribute("class", "frame");
    const { x, y, width, height, corner, turn } = mark;
    const around = { x: x - HALO, y: y - HALO, width: width + 2 * HALO, height: height + 2 * HALO, corner: corner + HALO };
    const halo = shaped({ shape: "rect", part: "frame", ...around, turn });
    halo.setAttribute("class", "halo");
    group.append(halo);
  }
  return group;
}

/** The node at a point of the picture, if there is one. @param {Layout} layout @param {number} x @param {number} y */
export function nodeAt(layout, x, y) {
  for (const box of layout.boxes.values()) {
    if (Math.abs(box.x - x) <= box.width / 2 && Math.abs(box.y - y) <= box.height / 2) return box.node;
  }
  return undefined;
}

/** A mark as an element that the stylesheet colours. @param {Mark} mark */
export function shaped(mark) {
  return elementOf(/** @type {Shape} */ (shapeOf(mark)));
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
