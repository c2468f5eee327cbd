// Draws edges on a canvas: wide is strong, blue-green adds, dashed orange takes away.

/** @import { Pruned } from "../engine-api.js" */
/** @import { Box, Layout } from "./layout.js" */

import { colour } from "../theme.js";

const MOST_PIXELS = 16e6;

/** Sizes a canvas for sharp lines on this display. @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
export function sized(canvas, width, height) {
  // Phones draw nothing on a canvas that is too large.
  const scale = Math.min(devicePixelRatio || 1, Math.sqrt(MOST_PIXELS / (width * height)));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return context;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {Pruned} pruned
 * @param {{ only?: number, rem: number }} options `only`: the edges of one node, drawn boldly
 */
export function drawEdges(context, layout, pruned, { only, rem }) {
  const { sources, targets, weights } = pruned;
  const positive = colour("--positive");
  const negative = colour("--negative");
  const chosen = [];
  let strongest = 0;
  for (let edge = 0; edge < weights.length; edge++) {
    if (only !== undefined && sources[edge] !== only && targets[edge] !== only) continue;
    strongest = Math.max(strongest, Math.abs(weights[edge]));
    chosen.push(edge);
  }
  chosen.sort((a, b) => Math.abs(weights[a]) - Math.abs(weights[b]));
  // Beyond a few hundred lines the faint ones only make a fog, so all become fainter.
  const crowd = only === undefined ? Math.min(1, Math.sqrt(250 / chosen.length)) : 1;
  for (const edge of chosen) {
    const from = layout.boxes.get(sources[edge]);
    const to = layout.boxes.get(targets[edge]);
    if (!from || !to) continue;
    const strength = Math.abs(weights[edge]) / strongest;
    const minus = weights[edge] < 0;
    context.strokeStyle = minus ? negative : positive;
    context.globalAlpha = only === undefined ? crowd * (0.1 + 0.6 * strength ** 0.7) : 0.35 + 0.6 * Math.sqrt(strength);
    context.lineWidth = rem * (0.04 + (only === undefined ? 0.2 : 0.26) * Math.sqrt(strength));
    context.setLineDash(minus ? [0.4 * rem, 0.22 * rem] : []);
    curve(context, from, to);
  }
  context.globalAlpha = 1;
}

/** @param {CanvasRenderingContext2D} context @param {Box} from @param {Box} to */
function curve(context, from, to) {
  // Lines leave and enter spread along the edge of a box, towards where they go.
  const lean = (to.x - from.x) * 0.06;
  const fromX = from.x + clamp(lean, from.width * 0.38);
  const toX = to.x - clamp(lean, to.width * 0.38);
  const fromY = from.y - from.height / 2;
  const toY = to.y + to.height / 2;
  const bend = Math.max(Math.abs(fromY - toY) * 0.5, 18);
  context.beginPath();
  context.moveTo(fromX, fromY);
  context.bezierCurveTo(fromX, fromY - bend, toX, toY + bend, toX, toY);
  context.stroke();
}

/** @param {number} value @param {number} limit */
function clamp(value, limit) {
  return Math.max(-limit, Math.min(limit, value));
}
