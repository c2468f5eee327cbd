// Nodes painted on a canvas: with an element for each of thousands, every change of the page would take seconds.

/** @import { Lab } from "../lab.js" */
/** @import { Graph } from "../messages.js" */
/** @import { Box, Layout } from "./layout.js" */

import { chanceOf } from "../format.js";
import { ERROR, FEATURE, LOGIT, TOKEN } from "../kinds.js";
import { runsUp } from "./layout.js";

const AT_ONCE = 256; // of one kind are one path: more become slow to fill

/**
 * @param {Lab} lab
 * @param {CanvasRenderingContext2D} context
 * @param {Graph} graph
 * @param {Iterable<Box>} boxes
 * @param {number} rem
 */
export function paintNodes(lab, context, graph, boxes, rem) {
  const paint = (/** @type {string} */ name) => lab.colour(name);
  const [surface, line] = [paint("surface"), paint("line-strong")];
  /** @type {Record<number, { fill: string, stroke: string }>} */
  const looks = {
    [FEATURE]: { fill: paint("dot"), stroke: line },
    [ERROR]: { fill: surface, stroke: paint("faint") },
    [TOKEN]: { fill: surface, stroke: line },
    [LOGIT]: { fill: paint("action"), stroke: paint("action") },
  };
  /** @type {Map<number, { path: Path2D, count: number }>} */
  const paths = new Map();
  /** @param {number} kind */
  const put = (kind) => {
    const held = paths.get(kind);
    if (!held) return;
    paths.delete(kind);
    context.fillStyle = looks[kind].fill;
    context.strokeStyle = looks[kind].stroke;
    context.fill(held.path);
    context.stroke(held.path);
  };
  const named = [];
  context.lineWidth = 1;
  context.setLineDash([]);
  for (const box of boxes) {
    const kind = graph.kind[box.node];
    let held = paths.get(kind);
    if (!held) paths.set(kind, (held = { path: new Path2D(), count: 0 }));
    outline(held.path, kind, box, rem);
    if (kind === TOKEN || kind === LOGIT) named.push(box);
    if (++held.count >= AT_ONCE) put(kind);
  }
  for (const kind of [...paths.keys()]) put(kind);
  context.textAlign = "center";
  context.textBaseline = "middle";
  const mono = paint("mono");
  for (const box of named) {
    const { node, x, y, label, size, turned } = box;
    const answer = graph.kind[node] === LOGIT;
    context.font = `${answer ? 600 : 400} ${(size ?? 0.95) * rem}px ${mono}`;
    context.fillStyle = answer ? surface : paint("ink");
    write(context, label, x, answer ? y - 0.42 * rem : y, turned);
    if (!answer) continue;
    context.font = `${0.72 * rem}px ${paint("sans")}`;
    write(context, chanceOf(graph, node), x, y + 0.62 * rem);
  }
}

/**
 * Tokens that are no nodes of this graph, below their columns.
 * @param {Lab} lab
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {Layout["columns"]} columns
 * @param {number} rem
 */
export function paintColumns(lab, context, layout, columns, rem) {
  context.font = `${0.95 * rem}px ${lab.colour("mono")}`;
  context.fillStyle = lab.colour("faint");
  context.textBaseline = "middle";
  for (const { centre, label } of columns) {
    const turned = runsUp(label, layout.turned);
    context.textAlign = turned ? "right" : "center";
    write(context, label, centre, layout.bands[0].top - 2 + (turned ? 0.78 : layout.turned ? 1.2 : 1.42) * rem, turned);
  }
}

/** @param {CanvasRenderingContext2D} context @param {string} text @param {number} x @param {number} y @param {boolean} [turned] */
function write(context, text, x, y, turned = false) {
  context.save();
  context.translate(x, y);
  if (turned) context.rotate(-Math.PI / 2);
  context.fillText(text, 0, 0);
  context.restore();
}

/** @param {Path2D} path @param {number} kind @param {Box} box @param {number} rem */
function outline(path, kind, { x, y, width, height, dot }, rem) {
  if (kind === ERROR) {
    const reach = 0.36 * Math.SQRT2 * width;
    path.moveTo(x, y - reach);
    path.lineTo(x + reach, y);
    path.lineTo(x, y + reach);
    path.lineTo(x - reach, y);
    path.closePath();
  } else if (kind === FEATURE && dot) {
    path.moveTo(x + width / 2, y);
    path.arc(x, y, width / 2, 0, 2 * Math.PI);
  } else {
    path.roundRect(x - width / 2, y - height / 2, width, height, kind === FEATURE ? width * 0.12 : 0.4 * rem);
  }
}

/** The node at a point of the picture, if there is one. @param {Layout} layout @param {number} x @param {number} y */
export function nodeAt(layout, x, y) {
  for (const box of layout.boxes.values()) {
    if (Math.abs(box.x - x) <= box.width / 2 && Math.abs(box.y - y) <= box.height / 2) return box.node;
  }
  return undefined;
}
