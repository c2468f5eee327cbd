// A feature's operand plot, as small as it stands in lists.

/** @import { Lab } from "./lab.js" */
/** @import { Plotted } from "./view.js" */

import { html } from "./dom.js";
import { drawPlot } from "./graph/canvas.js";

const SIDE = 64; // pixels of the drawing

/**
 * @param {Lab} lab
 * @param {number} node
 * @param {Plotted} [view] the graph whose node it is, unless it is the one on show
 * @param {boolean} [here] whether the prompt's own operands are marked
 * @returns {HTMLCanvasElement | undefined} nothing where the node has no plot
 */
export function thumb(lab, node, view = lab.view, here = true) {
  const plot = lab.plot(node, view);
  if (!plot) return undefined;
  const canvas = html("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  if (context) drawPlot(lab, context, plot, SIDE, here ? view?.operands : undefined);
  return canvas;
}
