// Turns an operand plot's bytes into colours.

/** @import { Lab } from "../lab.js" */
/** @import { OperandPlot } from "../engine-api.js" */

const SIDE = 100; // operands 0..99

/** Coloured plots of each palette, forgotten with the plot. @type {WeakMap<OperandPlot, Map<string, HTMLCanvasElement>>} */
const coloured = new WeakMap();

/** 256 colours from the four of the stylesheet, as pixels in memory order. @param {string[]} four */
function rampOf(four) {
  const canvas = document.createElement("canvas");
  canvas.width = 256;
  canvas.height = 1;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const gradient = context.createLinearGradient(0, 0, 256, 0);
  four.forEach((colour, i) => gradient.addColorStop([0, 0.3, 0.65, 1][i], colour));
  context.fillStyle = gradient;
  context.fillRect(0, 0, 256, 1);
  return new Uint32Array(context.getImageData(0, 0, 256, 1).data.buffer);
}

/** The ramps of the palettes met so far: light, dark, a stage's. @type {Map<string, Uint32Array>} */
const ramps = new Map();

/** The plot as a picture of 100 x 100 pixels, a downwards and b across. @param {Lab} lab @param {OperandPlot} plot */
export function picture(lab, plot) {
  const four = ["plot-0", "plot-1", "plot-2", "plot-3"].map((name) => lab.colour(name));
  const palette = four.join();
  const known = coloured.get(plot) ?? new Map();
  let canvas = known.get(palette);
  if (canvas) return canvas;
  const ramp = ramps.get(palette) ?? rampOf(four);
  ramps.set(palette, ramp);
  canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const image = new ImageData(SIDE, SIDE);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) pixels[i] = ramp[plot.pixels[i]];
  /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).putImageData(image, 0, 0);
  coloured.set(plot, known.set(palette, canvas));
  return canvas;
}
