// The layout of a text. Its tokens stand as text, in as many stretches as there are tokens with features: a stretch ends with its own such
// token, and what is active there stands above it. So tokens without features take no columns, and words have room. Plain geometry.

/** @import { Graph } from "../lab/messages.js" */
/** @import { Column } from "./columns.js" */
/** @import { Layout } from "./layout.js" */

import { answerBlock } from "./answer-block.js";
import { counted, layersHeld, sortIntoColumns, spread, spreadEvenly } from "./columns.js";
import { placeStretches } from "./place-stretches.js";
import { TEXT, textOf, widthFor } from "./stretch-text.js";

/** @typedef {{ position: number, text: string, width: number }} Token width in rem */
/** A stretch is the column of its last token, whose cells hold features, then errors. @typedef {Column & { tokens: Token[] }} Stretch */

const ROW = { least: 1.05, most: 1.7 }; // from one row of features to the next, in rem
const ROOM = { most: 14, least: 5.5, step: 0.75 }; // of a feature with its word, in rem
const GUTTER = 4.4; // rem for the names of rows
const NARROW = 36; // rem; in a narrower pane these stand above their rows
const BETWEEN = 0.8; // rem from one stretch to the next
const LINES = 16; // that a stretch may have
const ABOVE = { least: 0.85, narrow: 1.15 }; // rem from one row to the next
const SMALLER = [0.92, 0.85, 0.78, 0.7]; // of all sizes, where not all fits
const LEAST = 0.6; // the same where letters have a size of their own
const LEGIBLE = 13; // pixels a rem that is scaled has at least
const FEW = 150; // nodes: with more, stretches become wider all at once, which takes a fraction of the time
const MOST = { nodes: 400, stretches: 24 }; // of more no word could be read at first sight

/**
 * What is to be laid out and where: `room` is what stretches may take of the width, `narrow` that it has none for the rows' names.
 * @typedef {{ graph: Graph, nodes: Uint32Array, stretches: Stretch[], layers: number[], room: number, narrow: boolean, height: number,
 *   rem: number, across: number, letters: number }} Task `across`: the room of the answers; `letters` as `layOutStretches` has them
 */
/**
 * The sizes that all is tried with: `unit` is a rem, scaled, `text` the same of tokens, `fixed` the height of what has no choice, and `labels`
 * how wide each stretch's tokens are, by the number of their lines less one.
 * @typedef {{ scale: number, unit: number, text: number, above: number, fixed: number, answers: ReturnType<typeof answerBlock>,
 *   labels: number[][] }} Sizes
 */
/**
 * How stretches fit with a room for each feature and a number of lines: what is left of the width, the rows of each layer, the height needed.
 * @typedef {{ size: number, lines: number, left: number, rows: number[], needed: number }} Fit
 */

/**
 * @param {Graph} graph
 * @param {Uint32Array} nodes the pruned nodes
 * @param {{ width: number, height: number, rem: number, seen?: number, letters?: number }} pane room in pixels; `seen`: the width that is
 *   in sight at once, which the answers keep to; `letters`: the least that they may have, in rem
 * @returns {Layout | undefined} as wide as the pane, and at least as high; nothing where not all finds room in that width
 */
export function layOutStretches(graph, nodes, { width, height, rem, seen = width, letters = 0 }) {
  if (nodes.length > MOST.nodes) return undefined;
  const stretches = stretchesOf(graph, nodes);
  if (stretches.length > MOST.stretches) return undefined;
  const narrow = seen < NARROW * rem;
  const gutter = (narrow ? 0.6 : GUTTER) * rem;
  const room = width - gutter - 0.6 * rem;
  const layers = layersHeld(stretches, graph.layers);
  /** @type {Task} */ const task = { graph, nodes, stretches, layers, room, narrow, height, rem, across: seen - (width - room), letters };
  const best = bestOf(task);
  if (!best) return undefined;
  const { unit, text, rows, lines, above, fixed } = best;
  const spare = Math.max(0, height - best.needed);
  const all = rows.reduce((sum, each) => sum + each, 0);
  const row = Math.min(ROW.most * unit, ROW.least * unit + spare / 2 / Math.max(1, all));
  const bands = rows.map((each) => bandOf(each, row, unit));
  const used = fixed + textOf(lines, text) + bands.reduce((sum, each) => sum + each, 0);
  return placeStretches(graph, nodes, stretches, {
    ...best,
    ...{ width, rem, gutter, narrow, layers, bands, row },
    height: Math.max(height, used),
    above: above + Math.max(0, height - used) / (layers.length + 2),
  });
}

/** In the largest sizes in which all fits, or else in the smallest. @param {Task} task @returns {Sizes & Fit | undefined} */
function bestOf(task) {
  const { rem, height, letters } = task;
  let best = attempt(task, 1);
  for (const scale of letters > 0 ? [...SMALLER, LEAST] : SMALLER) {
    if ((best && best.needed <= height) || (letters === 0 && scale * rem < LEGIBLE)) break;
    best = attempt(task, scale) ?? best;
  }
  return best;
}

/** The largest features with their words that fit, or what is least high. @param {Task} task @param {number} scale of all sizes */
function attempt(task, scale) {
  const sizes = sizesAt(task, scale);
  const { unit, labels } = sizes;
  /** @type {Fit | undefined} */ let best;
  const isDone = () => best !== undefined && best.needed <= task.height;
  for (let size = ROOM.most; size >= ROOM.least && !isDone(); size -= ROOM.step) {
    for (let lines = 1; lines <= LINES && !isDone(); lines++) {
      if (isTooWide(task, sizes, size * unit, lines)) continue;
      // More lines make nothing narrower.
      if (lines > 1 && labels[lines - 1].every((label, i) => label === labels[lines - 2][i])) break;
      const next = fit(task, sizes, size * unit, lines);
      if (next.left >= 0 && (!best || next.needed < best.needed)) best = next;
    }
  }
  // The stretches as the best attempt had them.
  return best && { ...sizes, ...fit(task, sizes, best.size, best.lines) };
}

/** @param {Task} task @param {number} scale @returns {Sizes} */
function sizesAt({ graph, nodes, stretches, layers, narrow, rem, across, letters }, scale) {
  const unit = scale * rem;
  const text = Math.max(unit, (letters / TEXT.size) * rem);
  const answers = answerBlock(graph, nodes, { width: across, rem, scale, letters });
  const above = (narrow ? ABOVE.narrow : ABOVE.least) * unit;
  const fixed = answers.height + (layers.length + 2) * above;
  const labels = Array.from({ length: LINES }, (_, less) => stretches.map((stretch) => widthFor(stretch, less + 1, text)));
  return { scale, unit, text, above, fixed, answers, labels };
}

/** Whether all is wider than the room, whatever is done. @param {Task} task @param {Sizes} sizes @param {number} size @param {number} lines */
function isTooWide({ stretches, room }, { unit, labels }, size, lines) {
  const between = BETWEEN * unit * stretches.length;
  return labels[lines - 1].reduce((sum, label, i) => sum + Math.max(label, stretches[i].fullest > 0 ? size : 0), between) > room;
}

/**
 * Makes stretches as wide as they can be.
 * @param {Task} task @param {Sizes} sizes @param {number} size room of a feature with its word, in pixels @param {number} lines @returns {Fit}
 */
function fit({ nodes, stretches, layers, room }, { unit, text, fixed, labels }, size, lines) {
  stretches.forEach((stretch, i) => {
    stretch.label = labels[lines - 1][i];
    stretch.between = BETWEEN * unit;
  });
  const share = nodes.length > FEW ? spreadEvenly : spread;
  const left = share(stretches, room, size, { gap: 0, error: 0 });
  const rows = layers.map((layer) => Math.max(...stretches.map(({ counts, across }) => Math.ceil(counts[layer] / Math.max(1, across)))));
  const needed = fixed + textOf(lines, text) + rows.reduce((sum, each) => sum + bandOf(each, ROW.least * unit, unit), 0);
  return { size, lines, left, rows, needed };
}

/** The height of a layer. @param {number} rows @param {number} row @param {number} unit */
function bandOf(rows, row, unit) {
  return rows * row + 0.2 * unit;
}

/** @param {Graph} graph @param {Uint32Array} nodes @returns {Stretch[]} */
function stretchesOf(graph, nodes) {
  /** @type {Stretch[]} */ const stretches = [];
  /** @type {Token[]} */ let tokens = [];
  sortIntoColumns(graph, nodes).forEach((column, position, { length }) => {
    const cells = column.features.map((features, layer) => [...features, ...column.errors[layer]]);
    const ends = position === length - 1 || cells.some((cell) => cell.length > 0);
    // In running text a space before a word needs no sign.
    const text = column.token.replace(/^␣(?=.)/, "");
    if (column.labelled || ends) tokens.push({ position, text, width: TEXT.pad + TEXT.across * text.length });
    if (!ends) return;
    stretches.push(counted({ ...column, features: cells, tokens }));
    tokens = [];
  });
  return stretches;
}
