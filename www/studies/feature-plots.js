// Operand plots of any features at the last token of a lab's prompt, active or not.

/** @import { Graph } from "../lab/messages.js" */
/** @import { ElementLab } from "../elements/element-lab.js" */
/** @import { Feature } from "./contexts.js" */

import { drawPlot } from "../lab/graph/canvas.js";
import { FEATURE } from "../lab/kinds.js";

/** A graph of features at its last token, active or not, so that their plots can be asked for. @param {ElementLab} lab @param {Feature[]} list */
function asNodes(lab, list) {
  const { graph, operands, recording } = /** @type {NonNullable<ElementLab["view"]>} */ (lab.view);
  /** @type {Graph} */
  const made = {
    ...graph,
    kind: Uint8Array.from(list, () => FEATURE),
    layer: Int32Array.from(list, ({ layer }) => layer),
    index: Uint32Array.from(list, ({ index }) => index),
    position: Uint32Array.from(list, () => graph.tokens.length - 1),
  };
  return { graph: made, operands, recording };
}

/** Draws what is known of the plots of some features, and asks for the rest. @param {ElementLab} lab @param {[Feature, HTMLCanvasElement][]} list */
export function drawPlots(lab, list) {
  const { view } = lab;
  if (!view?.operands) return;
  const nodes = asNodes(
    lab,
    list.map(([it]) => it),
  );
  if (!view.early) lab.worker.wantPlots(nodes.graph.kind.keys(), nodes);
  list.forEach(([, canvas], i) => {
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const plot = lab.plot(i, nodes);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    canvas.classList.toggle("waits", !plot);
    if (plot) drawPlot(lab, pen, plot, canvas.width, canvas.width > 100 ? view.operands : undefined);
  });
}
