// The graph's SVG: bands of layers below the canvases, and above them one named element a node.

/** @import { Lab, Plotted } from "../lab.js" */
/** @import { Graph } from "../messages.js" */
/** @import { Box, Layout } from "./layout.js" */

import { svg } from "../dom.js";
import { chanceOf, spoken } from "../format.js";
import { otherwise } from "../grade/otherwise.js";
import { ATTENTION_FEATURE, BIAS, FEATURE, isError, KIND_NAMES, LOGIT } from "../kinds.js";
import { runsUp } from "./layout.js";

/** What a node's element was drawn from. @type {WeakMap<SVGGElement, string>} */
const shapes = new WeakMap();

/**
 * @param {Lab} lab
 * @param {Plotted} view
 * @param {Iterable<Box>} boxes
 * @param {number} rem
 * @param {Map<number, SVGGElement>} before elements of the same graph: those that look the same serve again
 * @returns {Map<number, SVGGElement>}
 */
export function drawNodes(lab, view, boxes, rem, before) {
  const nodes = new Map();
  for (const box of boxes) {
    const { node, x, y, width, height, label, dot, turned } = box;
    const shape = [width, height, label, dot, turned, rem].join();
    let element = before.get(node);
    if (!element || shapes.get(element) !== shape) shapes.set((element = drawNode(view, box, rem)), shape);
    change(element, "class", classOf(view.graph, box));
    change(element, "transform", `translate(${round(x)} ${round(y)})`);
    nameNode(lab, view, element, node);
    change(element, "tabindex", "-1");
    nodes.set(node, element);
  }
  return nodes;
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
function classOf(graph, { node, dot }) {
  const kind = graph.kind[node];
  const weak = kind === LOGIT && graph.activation[node] < 0.5;
  return `node ${KIND_NAMES[kind]}${weak ? " weak" : ""}${dot ? " dot" : ""}`;
}

/**
 * The layers' backgrounds, which go beneath all canvases.
 * @param {Layout} layout
 * @param {number} rem
 * @param {boolean} crowded whether texts are painted, with the nodes
 */
export function drawBands(layout, rem, crowded) {
  const group = svg("g", { class: "bands" });
  for (const { name, top, bottom } of layout.bands) {
    if (name.startsWith("Layer")) {
      group.append(svg("rect", { x: 0, y: top, width: layout.width, height: bottom - top }));
    }
  }
  // A bracket over each token tells which nodes are its own.
  const foot = layout.bands[0].top - 2;
  const brackets = layout.columns
    .filter(({ label }) => label !== "·")
    .map(({ left, right }) => `M${round(left)} ${foot - 5}v5H${round(right)}v-5`);
  group.append(svg("path", { d: brackets.join("") }));
  for (const { centre, label } of crowded ? [] : layout.columns) {
    const turned = runsUp(label, layout.turned);
    const place = `translate(${round(centre)} ${round(foot + (turned ? 0.78 : layout.turned ? 1.2 : 1.42) * rem)})`;
    if (label) group.append(svg("text", { class: turned ? "turned" : "", transform: turned ? `${place} rotate(-90)` : place }, label));
  }
  return group;
}

/**
 * The rows' names: beside them, or above them where no node stands.
 * @param {Layout} layout @param {number} rem @param {boolean} above
 */
export function drawNames(layout, rem, above) {
  // Above the highest row there is no room.
  const shown = above ? layout.bands.filter(({ top }) => top > 2 * rem) : layout.bands;
  const names = shown.map(({ name, top, bottom }) =>
    svg("text", { x: 0.9 * rem, y: above ? top - 0.5 * rem : (top + bottom) / 2, "dominant-baseline": "central" }, name),
  );
  return svg("g", {}, ...names);
}

/** @param {Plotted} view @param {Box} box @param {number} rem */
function drawNode({ graph }, box, rem) {
  const { node, width, height, label, dot } = box;
  const kind = graph.kind[node];
  const group = svg("g", { role: "graphics-symbol", "data-id": graph.id[node] });
  const error = isError(kind);
  const half = error ? width * 0.36 : width / 2;
  const tall = error ? half : kind === BIAS ? height * 0.2 : height / 2;
  // Attention's features have corners, and the MLPs' none.
  const corner = error || kind === ATTENTION_FEATURE || kind === BIAS ? 0 : dot ? half : kind === FEATURE ? width * 0.12 : 0.4 * rem;
  const turn = error ? "rotate(45)" : undefined;
  group.append(
    svg("rect", { class: "frame", x: -half, y: -tall, width: 2 * half, height: 2 * tall, rx: corner, transform: turn }),
    svg("rect", { class: "halo", x: -half - 3, y: -tall - 3, width: 2 * half + 6, height: 2 * tall + 6, rx: corner + 3, transform: turn }),
  );
  if (kind === LOGIT) {
    const name = svg("text", { y: -0.42 * rem }, label);
    name.style.fontSize = `${(box.size ?? 1) * rem}px`; // rem is the host page’s in an element
    group.append(name, svg("text", { class: "probability", y: 0.62 * rem }, chanceOf(graph, node)));
  } else if (!error && kind !== BIAS && !dot) {
    group.append(svg("text", box.turned ? { transform: "rotate(-90)" } : {}, label));
  }
  return group;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
