// The columns of a graph: what stands over each token, and how the width is shared among them. Plain geometry.

/** @import { Graph } from "../lab/messages.js" */

import { visible } from "../lab/format.js";
import { isFeature, LOGIT, TOKEN } from "../lab/kinds.js";

/**
 * @typedef {object} Column what stands over a token
 * @property {string} token its text, short
 * @property {boolean} empty whether pruning left nothing of it: then it takes next to no room
 * @property {boolean} labelled whether its token is a node
 * @property {number[][]} features
 * @property {number[]} counts how many features each layer has
 * @property {number} fullest the most of them
 * @property {number[][]} rows how many rows each layer takes, by how many features stand side by side: as far as it was asked for
 * @property {number[]} steps how many features side by side make fewer rows than one less would
 * @property {number[][]} errors errors and biases
 * @property {number} erring the most of them in a layer
 * @property {number} across
 * @property {number} width
 * @property {number} label least width
 * @property {number} between the gap to the next
 */

const TOKEN_LENGTH = 12; // characters shown of a token

/**
 * @param {Graph} graph
 * @param {Uint32Array} nodes
 * @returns {Column[]}
 */
export function sortIntoColumns(graph, nodes) {
  const columns = graph.tokens.map((token) => ({
    token: short(visible(token)),
    empty: true,
    labelled: false,
    features: Array.from({ length: graph.layers }, () => /** @type {number[]} */ ([])),
    counts: /** @type {number[]} */ ([]),
    fullest: 0,
    rows: /** @type {number[][]} */ ([]),
    steps: /** @type {number[]} */ ([]),
    errors: Array.from({ length: graph.layers }, () => /** @type {number[]} */ ([])),
    erring: 0,
    across: 0,
    width: 0,
    label: 0,
    between: 0,
  }));
  columns[columns.length - 1].empty = false; // the answer stands over it
  for (const node of nodes) {
    const column = columns[graph.position[node]];
    column.empty = false;
    if (graph.kind[node] === TOKEN) column.labelled = true;
    else if (isFeature(graph.kind[node])) column.features[graph.layer[node]].push(node);
    else if (graph.kind[node] !== LOGIT) column.errors[graph.layer[node]].push(node);
  }
  for (const column of columns) {
    for (const cell of column.features) cell.sort((a, b) => graph.influence[a] - graph.influence[b]);
    counted(column);
    column.erring = Math.max(0, ...column.errors.map((cell) => cell.length));
  }
  return columns;
}

/** Counts the features of a column. @template {Column} C @param {C} column @returns {C} it */
export function counted(column) {
  column.counts = column.features.map((cell) => cell.length);
  column.fullest = Math.max(0, ...column.counts);
  column.rows = [];
  column.steps = [];
  for (let across = 2; across <= column.fullest; across++) {
    if (column.counts.some((count) => Math.ceil(count / across) < Math.ceil(count / (across - 1)))) column.steps.push(across);
  }
  return column;
}

/** @param {string} token */
function short(token) {
  return token.length > TOKEN_LENGTH ? `${token.slice(0, TOKEN_LENGTH - 1)}…` : token;
}

/**
 * Least widths of the columns. Where the tokens do not fit side by side, they are turned to run upwards.
 * @param {Column[]} columns
 * @param {number} between
 * @param {number} available
 * @param {number} rem
 */
export function labelColumns(columns, between, available, rem) {
  for (const column of columns) {
    column.label = column.empty ? 0.5 * rem : Math.max(2.2, 1.1 + 0.62 * column.token.length) * rem;
    column.between = column.empty ? 0 : between;
  }
  const turned = columns.reduce((sum, column) => sum + column.label + column.between, 0) > available;
  if (!turned) return false;
  for (const column of columns) {
    column.label = Math.min(column.label, 1.5 * rem);
    if (column.fullest + column.erring === 0) column.between = Math.min(column.between, 0.25 * rem);
  }
  return true;
}

/** Whether a token runs upwards: what is narrow need not. @param {string} label @param {boolean} turned whether tokens do */
export function runsUp(label, turned) {
  return turned && label.length > 2;
}

/** @param {Column} column @param {number} size @param {{ gap: number, error: number }} metrics */
function widthOf(column, size, { gap, error }) {
  const errors = column.erring * (error + gap);
  const plots = column.across > 0 ? column.across * (size + gap) - gap : 0;
  return Math.max(column.label, plots + errors);
}

/**
 * Shares out the width: a column at a time becomes wider, always the one that saves most rows for its width.
 * @param {Column[]} columns their `across` and `width` are set
 * @param {number} available
 * @param {number} size
 * @param {{ gap: number, error: number }} metrics
 * @returns {number} the width left over; below zero where it does not suffice
 */
export function spread(columns, available, size, metrics) {
  const pitch = size + metrics.gap;
  const layers = columns[0].features.length;
  for (const column of columns) column.across = column.fullest > 0 ? 1 : 0;
  let free = available - columns.reduce((sum, column) => sum + widthOf(column, size, metrics) + column.between, 0);
  // Of each layer the most rows that a column has, and the most that another one has.
  const [first, second] = [new Array(layers), new Array(layers)];
  for (;;) {
    first.fill(0);
    second.fill(0);
    for (const column of columns) {
      const held = rowsOf(column, column.across);
      for (let layer = 0; layer < layers; layer++) {
        const rows = held[layer];
        if (rows > first[layer]) [first[layer], second[layer]] = [rows, first[layer]];
        else if (rows > second[layer]) second[layer] = rows;
      }
    }
    let best,
      width = 0,
      gain = 0;
    for (const column of columns) {
      const { across, steps } = column;
      const held = rowsOf(column, across);
      // One more may save nothing where two or three more save a row.
      for (const wider of steps) {
        if (wider <= across) continue;
        const extra = (wider - across) * pitch;
        if (extra > free) break;
        let saved = 0;
        const left = rowsOf(column, wider);
        for (let layer = 0; layer < layers; layer++) {
          const rows = held[layer];
          const fewer = left[layer];
          saved += first[layer] - Math.max(rows === first[layer] ? second[layer] : first[layer], fewer);
          // Of two ways to save a row, the one that also evens out the columns.
          saved += 0.01 * (rows * rows - fewer * fewer);
        }
        if (saved / extra > gain) [best, width, gain] = [column, wider, saved / extra];
      }
    }
    if (!best) break;
    free += widthOf(best, size, metrics);
    best.across = width;
    free -= widthOf(best, size, metrics);
  }
  for (const column of columns) column.width = widthOf(column, size, metrics);
  return free;
}

/**
 * Shares out the width at once: every column as wide as leaves none of its cells more rows than some number, the least that fits.
 * @param {Column[]} columns their `across` and `width` are set
 * @param {number} available
 * @param {number} size
 * @param {{ gap: number, error: number }} metrics
 * @returns {number} the width left over; below zero where it does not suffice
 */
export function spreadEvenly(columns, available, size, metrics) {
  const leftWith = (/** @type {number} */ rows) => {
    let free = available;
    for (const column of columns) {
      column.across = Math.ceil(column.fullest / rows);
      column.width = widthOf(column, size, metrics);
      free -= column.width + column.between;
    }
    return free;
  };
  let [low, high] = [1, columns.reduce((most, { fullest }) => Math.max(most, fullest), 1)];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (leftWith(middle) >= 0) high = middle;
    else low = middle + 1;
  }
  return leftWith(low);
}

/** How many rows each layer takes. @param {Column} column @param {number} across features side by side */
function rowsOf({ counts, rows }, across) {
  return (rows[across] ??= counts.map((count) => (across ? Math.ceil(count / across) : 0)));
}

/** @param {Column[]} columns @param {number} layer */
function rowsIn(columns, layer) {
  return columns.reduce((most, column) => Math.max(most, rowsOf(column, column.across)[layer]), 0);
}

/** @param {Column[]} columns @param {number} layer @param {number} size @param {{ gap: number, error: number }} metrics */
export function bandHeight(columns, layer, size, { gap, error }) {
  const rows = rowsIn(columns, layer);
  return Math.max(error + gap, rows * (size + gap) - gap) + 2 * gap;
}

/** The layers that hold something: no other takes room. @param {Column[]} columns @param {number} layers */
export function layersHeld(columns, layers) {
  const held = (/** @type {number} */ layer) => columns.some(({ features, errors }) => features[layer].length + errors[layer].length > 0);
  return [...Array(layers).keys()].filter(held);
}

/**
 * @param {Column[]} columns
 * @param {number[]} layers that hold something
 * @param {number} size
 * @param {{ gap: number, above: number, token: number, logit: number, error: number }} metrics
 */
export function heightOf(columns, layers, size, metrics) {
  const bands = layers.map((layer) => bandHeight(columns, layer, size, metrics));
  return bands.reduce((height, band) => height + band, metrics.logit + metrics.token + (layers.length + 2) * metrics.above);
}
