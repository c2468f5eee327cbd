// Turns an operand plot's bytes into colours, and draws it with the prompt's place marked.

/** @import { OperandPlot } from "../engine-api.js" */

import { colour } from "../theme.js";

const SIDE = 100; // operands 0..99

/** @type {Uint32Array | undefined} */ let ramp;
/** Coloured plots, forgotten with the plot or when the theme changes. @type {WeakMap<OperandPlot, HTMLCanvasElement>} */
let coloured = new WeakMap();

/** After a change of theme: colours are computed anew. */
export function forgetColours() {
  ramp = undefined;
  coloured = new WeakMap();
}

/** 256 colours from the four of the stylesheet, as pixels in memory order. */
function colours() {
  const canvas = document.createElement("canvas");
  canvas.width = 256;
  canvas.height = 1;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const gradient = context.createLinearGradient(0, 0, 256, 0);
  ["--plot-0", "--plot-1", "--plot-2", "--plot-3"].forEach((name, i) => gradient.addColorStop([0, 0.3, 0.65, 1][i], colour(name)));
  context.fillStyle = gradient;
  context.fillRect(0, 0, 256, 1);
  return new Uint32Array(context.getImageData(0, 0, 256, 1).data.buffer);
}

/** The plot as a picture of 100 x 100 pixels, a downwards and b across. @param {OperandPlot} plot */
export function picture(plot) {
  let canvas = coloured.get(plot);
  if (canvas) return canvas;
  ramp ??= colours();
  canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const image = new ImageData(SIDE, SIDE);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = ramp[plot.pixels[i]];
  /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).putImageData(image, 0, 0);
  coloured.set(plot, canvas);
  return canvas;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {OperandPlot} plot
 * @param {{ x: number, y: number, size: number, radius: number }} square upper left corner, edge, corner radius
 * @param {{ a: number, b: number } | undefined} here the prompt's operands
 */
export function drawPlot(context, plot, { x, y, size, radius }, here) {
  context.save();
  context.beginPath();
  context.roundRect(x, y, size, size, radius);
  context.clip();
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(picture(plot), x, y, size, size);
  context.restore();
  if (!here) return;
  const markX = x + ((here.b + 0.5) / SIDE) * size;
  const markY = y + ((here.a + 0.5) / SIDE) * size;
  const r = Math.max(2, size * 0.055);
  context.beginPath();
  context.arc(markX, markY, r, 0, 2 * Math.PI);
  context.lineWidth = Math.max(2.4, size * 0.065);
  context.strokeStyle = colour("--surface");
  context.stroke();
  context.lineWidth = Math.max(1.3, size * 0.035);
  context.strokeStyle = colour("--accent");
  context.stroke();
}
