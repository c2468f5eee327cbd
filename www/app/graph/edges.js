// Draws edges on a canvas: wide is strong, blue-green adds, dashed orange takes away.

/** @import { Pruned } from "../engine-api.js" */
/** @import { Box, Layout } from "./layout.js" */

import { colour } from "../theme.js";

const MOST_PIXELS = 16e6;
const STEPS = 24; // of strength: all edges of one step are stroked at once

/** Sizes a canvas for sharp lines on this display, which empties it. @param {HTMLCanvasElement} canvas @param {Layout} layout @param {number} zoom */
export function sized(canvas, layout, zoom) {
  const width = layout.width * zoom;
  const height = layout.height * zoom;
  // Phones draw nothing on a canvas that is too large.
  const scale = Math.min(devicePixelRatio || 1, Math.sqrt(MOST_PIXELS / (width * height)));
  const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  } else {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, across, down);
  }
  context.setTransform(scale * zoom, 0, 0, scale * zoom, 0, 0);
  return context;
}

/** How an edge is drawn: its width in rem, its opacity. @param {number} strength its share of the strongest @param {"all" | "own" | "along"} role @param {number} crowd */
export function strokeOf(strength, role, crowd) {
  const width = 0.04 + (role === "own" ? 0.26 : 0.2) * Math.sqrt(strength);
  const alpha = role === "own" ? 0.35 + 0.6 * Math.sqrt(strength) : role === "along" ? 0.2 + 0.4 * Math.sqrt(strength) : 0.1 * crowd + 0.5 * Math.sqrt(crowd) * strength ** 0.7;
  return { width, alpha };
}

/** Fainter than this nobody sees a line, and a thousand of them only make a fog. */
const UNSEEN = 0.02;
/** Lines as faint are most of a large graph, and can wait until the eye rests. */
const FAINT = 0.05;

/** Beyond a few hundred lines the faint ones hide the strong, so all become fainter. @param {number} edges */
export function crowdOf(edges) {
  return Math.min(1, Math.sqrt(250 / edges));
}

/** The strength below which an edge is fainter than this. @param {number} crowd @param {number} alpha */
function strengthAt(crowd, alpha) {
  return Math.max(0, (alpha - 0.1 * crowd) / (0.5 * Math.sqrt(crowd))) ** (1 / 0.7);
}

/** Dashes of what takes away, in rem. */
export const DASHES = [0.4, 0.22];

/** The largest |weight|, 0 without edges. @param {Float32Array} weights @param {number[]} [only] */
export function strongestOf(weights, only) {
  let strongest = 0;
  if (only) for (const edge of only) strongest = Math.max(strongest, Math.abs(weights[edge]));
  else for (const weight of weights) strongest = Math.max(strongest, Math.abs(weight));
  return strongest;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {Pruned} pruned
 * @param {{ only?: number[], along?: boolean, part?: "strong" | "faint", first?: number, end?: number, rem: number }} options
 *   `only`: these edges, drawn boldly, or less so along paths; `part`: of all edges those that are well seen, or the others,
 *   beneath what is drawn; from `first` up to `end`
 * @returns {boolean} whether there are faint ones
 */
export function drawEdges(context, layout, pruned, { only, along, part, first = 0, end = Infinity, rem }) {
  const { sources, targets, weights } = pruned;
  const strongest = strongestOf(weights, only);
  if (strongest === 0) return false;
  const count = only ? only.length : weights.length;
  const crowd = crowdOf(count);
  const [unseen, faint] = [strengthAt(crowd, UNSEEN), strengthAt(crowd, FAINT)];
  const [least, most] = part === "strong" ? [faint, Infinity] : part === "faint" ? [unseen, faint] : [unseen, Infinity];
  /** By strength and sign, weakest first. @type {(Path2D | undefined)[]} */
  const paths = new Array(2 * STEPS);
  for (let i = first; i < Math.min(count, end); i++) {
    const edge = only ? only[i] : i;
    const from = layout.boxes.get(sources[edge]);
    const to = layout.boxes.get(targets[edge]);
    const strength = Math.abs(weights[edge]) / strongest;
    if (!from || !to || (!only && (strength < least || strength >= most))) continue;
    const step = Math.min(STEPS - 1, Math.floor(Math.sqrt(strength) * STEPS));
    const at = 2 * step + (weights[edge] < 0 ? 1 : 0);
    addCurve((paths[at] ??= new Path2D()), from, to);
  }
  context.globalCompositeOperation = part === "faint" ? "destination-over" : "source-over";
  const colours = [colour("--positive"), colour("--negative")];
  paths.forEach((path, at) => {
    if (!path) return;
    const { width, alpha } = strokeOf((((at >> 1) + 0.5) / STEPS) ** 2, only ? (along ? "along" : "own") : "all", crowd);
    const minus = at & 1;
    context.strokeStyle = colours[minus];
    context.globalAlpha = alpha;
    context.lineWidth = rem * width;
    context.setLineDash(minus ? DASHES.map((dash) => dash * rem) : []);
    context.stroke(path);
  });
  context.globalAlpha = 1;
  return faint > unseen;
}

/** The four points of an edge's Bézier curve. @param {Box} from @param {Box} to */
export function curveOf(from, to) {
  // Lines leave and enter spread along the edge of a box, towards where they go.
  const lean = (to.x - from.x) * 0.06;
  const fromX = from.x + clamp(lean, from.width * 0.38);
  const toX = to.x - clamp(lean, to.width * 0.38);
  const fromY = from.y - from.height / 2;
  const toY = to.y + to.height / 2;
  const bend = Math.max(Math.abs(fromY - toY) * 0.5, 18);
  return [fromX, fromY, fromX, fromY - bend, toX, toY + bend, toX, toY];
}

/** @param {Path2D} path @param {Box} from @param {Box} to */
function addCurve(path, from, to) {
  const [x, y, x1, y1, x2, y2, x3, y3] = curveOf(from, to);
  path.moveTo(x, y);
  path.bezierCurveTo(x1, y1, x2, y2, x3, y3);
}

/** @param {number} value @param {number} limit */
function clamp(value, limit) {
  return Math.max(-limit, Math.min(limit, value));
}
