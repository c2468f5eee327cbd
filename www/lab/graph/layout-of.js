// Where the nodes of a graph stand, and the words beside them: as readable as can be, or plainly where what makes them so did not arrive.

/** @import { Layout } from "../../graph/layout.js" */
/** @import { Lab } from "../lab.js" */
/** @import { Pictured } from "./picture.js" */

import { layOut } from "../../graph/layout.js";
import { readable } from "./when-readable.js";

const WIDER = [1, 1.2, 1.4];
const STAGE_PX = 20; // from a stage nobody reads smaller letters

/** The least that letters may have, in rem. @param {Lab} lab */
function lettersOf(lab) {
  return lab.root.classList?.contains("on-stage") ? STAGE_PX / lab.rem : 0;
}

/**
 * Where a graph's nodes stand.
 * @param {Lab} lab @param {Pictured} view @param {{ width: number, least?: number, height: number, rem: number }} room as `Picture.draw` has it
 */
export function layoutOf(lab, { graph, pruned, operands }, { width, least = 0, height, rem }) {
  const pane = { width: Math.max(width, least), height, rem, plotted: operands !== undefined };
  const here = readable();
  if (here && !pane.plotted) {
    const layOutStretches = (/** @type {number} */ wide) =>
      here.layOutStretches(graph, pruned.nodes, { ...pane, width: wide, seen: width, letters: lettersOf(lab) });
    const whole = layOutStretches(width);
    if (whole) return whole;
    // What does not find room in the pane is wider, and as high as the pane if it can be.
    const wider = WIDER.map((factor) => factor * pane.width);
    const high = wider.map(layOutStretches).filter((each) => each !== undefined);
    if (high.length > 0) return high.find((each) => each.height <= height) ?? high[0];
  }
  return layOut(graph, pruned.nodes, pane);
}

/**
 * The words that there is room for, by node.
 * @param {Lab} lab @param {Pictured} view @param {Layout} layout @param {{ rem: number, zoom: number }} sizes as the layout has them
 */
export function wordsFor(lab, view, layout, sizes) {
  const { zoom } = sizes;
  const scale = layout.scale ?? 1;
  const rem = sizes.rem * scale;
  const letters = lettersOf(lab) > 0 ? Math.max(1, lettersOf(lab) / scale) : undefined;
  return readable()?.wordsOf(view.graph, layout, {
    ...{ rem, zoom, letters, whole: view.operands !== undefined },
    labelOf: (node) => lab.labelOf(node, view),
  });
}
