// Where everything in the graph stands: tokens across, layers up, no two nodes on one spot. Plain geometry.

/** @import { Graph } from "../lab/messages.js" */

import { heightOf, labelColumns, layersHeld, sortIntoColumns, spread, spreadEvenly } from "./columns.js";
import { answerRows, place } from "./place.js";

/**
 * @typedef {object} Box a node's place, x and y its centre
 * @property {number} node
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 * @property {string} label
 * @property {number} [size] of an answer’s or a token’s text, in rem
 * @property {{ answer: number, chance: number, answerDown?: number, chanceDown?: number, size: number }} [texts] of an answer of a text: how
 *   far right of the middle, and below it, its text and its probability stand, and the size of that, in rem
 * @property {boolean} [fitted] whether its frame has no room for larger letters
 * @property {boolean} [turned] whether the label runs upwards
 * @property {boolean} [dot] whether it is a feature without a picture
 */
/** @typedef {{ name: string, top: number, bottom: number }} Band */
/**
 * @typedef {{ width: number, height: number, boxes: Map<number, Box>, bands: Band[], columns: Span[], turned: boolean, narrow?: boolean,
 *   stretchOf?: Int32Array, scale?: number }} Layout `narrow`: there is no room for the rows’ names beside them; `stretchOf`: of each
 *   token, its stretch; `scale`: of all sizes, where not all found room otherwise
 */
/**
 * @typedef {{ left: number, right: number, centre: number, label: string, y?: number }} Span how far the nodes over a token reach; its
 *   label, where no node holds that, and its middle, where that is not below the bracket
 */

const PLOTS = { largest: 4.6, smallest: 2, step: 0.1 }; // edge of a heat map, in rem
const DOTS = { largest: 1.3, smallest: 0.9, step: 0.1 }; // the same of a dot
const ANSWERS_ACROSS = 0.8; // share of the pane that a row of answers may take
const MANY = { nodes: 400, cells: 2000 }; // from here on columns become wider all at once, which takes a fraction of the time
const WIDENED = [1, 1.25, 1.5, 1.8, 2.2, 2.7, 3.3, 4]; // how much wider than its pane a full graph may become

/**
 * @param {Graph} graph
 * @param {Uint32Array} nodes the pruned nodes
 * @param {{ width: number, height: number, rem: number, plotted: boolean }} pane room in pixels; whether features are heat maps or dots
 * @returns {Layout} at least as large as the pane
 */
export function layOut(graph, nodes, pane) {
  const { rem, plotted } = pane;
  const sizes = plotted ? PLOTS : DOTS;
  const gutter = 4.4 * rem;
  const columns = sortIntoColumns(graph, nodes);
  const full = columns.filter(({ empty }) => !empty);
  const layers = layersHeld(columns, graph.layers);
  const between = Math.max(0.6, Math.min(1.5, 14 / full.length)) * rem;
  const turned = labelColumns(columns, between, pane.width - gutter - between, rem);
  const longest = Math.max(...full.map(({ token }) => token.length));
  const token = (turned ? 1.3 + 0.58 * longest : 2.6) * rem;
  const gap = (plotted ? 0.4 : 0.3) * rem;
  const answers = answerRows(graph, nodes, { rem, gap, room: ANSWERS_ACROSS * pane.width });
  const logit = answers.length * (2.6 * rem + gap) - gap;
  const many = nodes.length > MANY.nodes || full.length * graph.layers > MANY.cells;
  const fixed = { gap, between, token, logit, error: (plotted ? 1.25 : 1) * rem, turned };

  /** @param {number} width @param {number} size */
  const attempt = (width, size) => {
    // Room for the edges between two layers grows with the heat maps.
    const metrics = { ...fixed, above: Math.max(1.1 * rem, 0.55 * size) };
    const room = (many ? spreadEvenly : spread)(columns, width - gutter - between, size, metrics);
    return { metrics, width, size, room, height: heightOf(columns, layers, size, metrics) };
  };

  // The largest heat maps with which all fits. Where none does, the graph becomes wider than its pane,
  // which then scrolls; and higher only where a wider one would be as high.
  let best;
  search: for (const factor of WIDENED) {
    for (let size = sizes.largest; size >= sizes.smallest; size -= sizes.step) {
      const next = attempt(factor * pane.width, size * rem);
      const fits = next.room >= 0 && next.height <= pane.height;
      const better = !best || (best.room < 0 ? next.room > best.room : next.room >= 0 && next.height < best.height);
      if (fits || better) best = next;
      if (fits) break search;
    }
  }
  best ??= attempt(pane.width, sizes.smallest * rem);
  best = attempt(best.width, best.size); // the columns as the best attempt had them
  const height = Math.max(best.height, pane.height);
  const above = best.metrics.above + (height - best.height) / (layers.length + 2);
  const width = best.width - Math.min(0, best.room);
  return place(graph, nodes, columns, {
    ...best.metrics,
    width,
    height,
    size: best.size,
    above,
    gutter,
    room: Math.max(0, best.room),
    dot: !plotted,
    answers,
    layers,
    rem,
  });
}
