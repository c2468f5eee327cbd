// A canvas of the picture: its size, how much of the picture it holds, and how marks look on it.

/** @import { CanvasLook } from "../../graph/draw-canvas.js" */
/** @import { Layout } from "../../graph/layout.js" */
/** @import { OperandPlot } from "../engine-api.js" */
/** @import { Lab } from "../lab.js" */

import { drawMarks } from "../../graph/draw-canvas.js";
import { plotMarks } from "../../graph/plot-marks.js";
import { isOnPaper } from "../theme.js";
import { picture } from "./heat.js";

const MOST_PIXELS = 16e6;
const WHOLE_PIXELS = 4e6; // a larger picture is drawn as far as it is in sight, and a quarter of the pane around
const AROUND = 1.5;

/** As the stylesheet has it. @param {Lab} lab @returns {CanvasLook} */
export function lookOf(lab) {
  return {
    paint: (colour) => lab.colour(colour),
    fonts: { sans: lab.colour("sans"), mono: lab.colour("mono") },
    imageOf: (plot) => picture(lab, plot),
  };
}

/** A part of the picture, in pixels of the stage. @typedef {{ x: number, y: number, width: number, height: number }} Part */

/**
 * The part of a picture to draw.
 * @param {Lab} lab @param {Layout} layout @param {number} zoom @param {Element} pane that scrolls it
 * @returns {Part}
 */
export function partOf(lab, layout, zoom, pane) {
  const [width, height] = [layout.width * zoom, layout.height * zoom];
  if (isOnPaper(lab) || width * height * (devicePixelRatio || 1) ** 2 <= WHOLE_PIXELS) return { x: 0, y: 0, width, height };
  const { scrollLeft, scrollTop, clientWidth, clientHeight } = pane;
  const part = { width: Math.min(width, AROUND * clientWidth), height: Math.min(height, AROUND * clientHeight) };
  const from = (/** @type {number} */ scroll, /** @type {number} */ seen, /** @type {number} */ drawn, /** @type {number} */ all) =>
    Math.max(0, Math.min(all - drawn, Math.round(scroll - (drawn - seen) / 2)));
  return { x: from(scrollLeft, clientWidth, part.width, width), y: from(scrollTop, clientHeight, part.height, height), ...part };
}

/**
 * Sizes a canvas for sharp lines on this display, which empties it.
 * @param {HTMLCanvasElement} canvas
 * @param {Part} part
 * @param {number} zoom
 */
export function sized(canvas, { x, y, width, height }, zoom) {
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
  canvas.style.left = `${x}px`;
  canvas.style.top = `${y}px`;
  context.setTransform(scale * zoom, 0, 0, scale * zoom, -x * scale, -y * scale);
  return context;
}

/**
 * An operand plot by itself, with the prompt's place marked.
 * @param {Lab} lab
 * @param {CanvasRenderingContext2D} context
 * @param {OperandPlot} plot
 * @param {number} size edge, in pixels
 * @param {{ a: number, b: number } | undefined} here the prompt's operands
 */
export function drawPlot(lab, context, plot, size, here) {
  drawMarks(context, plotMarks(plot, { x: 0, y: 0, size, corner: 0 }, here, 0), lookOf(lab)); // a node: its ring stands on it
}
