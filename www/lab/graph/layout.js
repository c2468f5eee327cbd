// Where everything in the graph stands: tokens across, layers up, no two nodes on one spot. Plain geometry.

/** @import { Graph } from "../messages.js" */

import { answerOf, visible } from "../format.js";
import { isFeature, LOGIT, TOKEN } from "../kinds.js";

/**
 * @typedef {object} Box a node's place, x and y its centre
 * @property {number} node
 * @property {number} x
 * @property {number} y
 * @property {number} width
 * @property {number} height
 * @property {string} label
 * @property {number} [size] of an answer’s text, in rem
 * @property {boolean} [turned] whether the label runs upwards
 * @property {boolean} [dot] whether it is a feature without a picture
 */
/** @typedef {{ name: string, top: number, bottom: number }} Band */
/** @typedef {{ width: number, height: number, boxes: Map<number, Box>, bands: Band[], columns: Span[], turned: boolean }} Layout */
/**
 * @typedef {{ left: number, right: number, centre: number, label: string }} Span how far the nodes over a token reach; its label, where
 *   no node holds that
 */
/**
 * @typedef {object} Column what stands over a token
 * @property {string} token its text, short
 * @property {boolean} empty whether pruning left nothing of it: then it takes next to no room
 * @property {boolean} labelled whether its token is a node
 * @property {number[][]} features
 * @property {number[]} counts how many features each layer has
 * @property {number} fullest the most of them
 * @property {number[]} steps how many features side by side make fewer rows than one less would
 * @property {number[][]} errors errors and biases
 * @property {number} erring the most of them in a layer
 * @property {number} across
 * @property {number} width
 * @property {number} label least width
 * @property {number} between the gap to the next
 */

const PLOTS = { largest: 4.6, smallest: 2, step: 0.1 }; // edge of a heat map, in rem
const DOTS = { largest: 1.3, smallest: 0.9, step: 0.1 }; // the same of a dot
const ANSWERS_ACROSS = 0.8; // share of the pane that a row of answers may take
// size of its text and room beside it, in rem; the same where one has more characters
const ANSWER = { size: 0.95, pad: 2.2, long: 12, smaller: 0.76, closer: 1.5 };
const TOKEN_LENGTH = 12; // characters shown of a token
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
    return { metrics, width, size, room, height: heightOf(columns, graph.layers, size, metrics) };
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
  const above = best.metrics.above + (height - best.height) / (graph.layers + 2);
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
    rem,
  });
}

/**
 * @param {Graph} graph
 * @param {Uint32Array} nodes
 * @returns {Column[]}
 */
function sortIntoColumns(graph, nodes) {
  const columns = graph.tokens.map((token) => ({
    token: short(visible(token)),
    empty: true,
    labelled: false,
    features: Array.from({ length: graph.layers }, () => /** @type {number[]} */ ([])),
    counts: /** @type {number[]} */ ([]),
    fullest: 0,
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
    column.counts = column.features.map((cell) => cell.length);
    column.fullest = Math.max(0, ...column.counts);
    for (let across = 2; across <= column.fullest; across++) {
      if (column.counts.some((count) => Math.ceil(count / across) < Math.ceil(count / (across - 1)))) column.steps.push(across);
    }
    column.erring = Math.max(0, ...column.errors.map((cell) => cell.length));
  }
  return columns;
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
function labelColumns(columns, between, available, rem) {
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
function spread(columns, available, size, metrics) {
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
      for (let layer = 0; layer < layers; layer++) {
        const rows = rowsOf(column, layer, column.across);
        if (rows > first[layer]) [first[layer], second[layer]] = [rows, first[layer]];
        else if (rows > second[layer]) second[layer] = rows;
      }
    }
    let best,
      width = 0,
      gain = 0;
    for (const column of columns) {
      const { across, steps } = column;
      // One more may save nothing where two or three more save a row.
      for (const wider of steps) {
        if (wider <= across) continue;
        const extra = (wider - across) * pitch;
        if (extra > free) break;
        let saved = 0;
        for (let layer = 0; layer < layers; layer++) {
          const [rows, fewer] = [rowsOf(column, layer, across), rowsOf(column, layer, wider)];
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
function spreadEvenly(columns, available, size, metrics) {
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

/** @param {Column} column @param {number} layer @param {number} across features side by side */
function rowsOf({ counts }, layer, across) {
  return across ? Math.ceil(counts[layer] / across) : 0;
}

/** @param {Column[]} columns @param {number} layer */
function rowsIn(columns, layer) {
  return columns.reduce((most, column) => Math.max(most, rowsOf(column, layer, column.across)), 0);
}

/** @param {Column[]} columns @param {number} layer @param {number} size @param {{ gap: number, error: number }} metrics */
function bandHeight(columns, layer, size, { gap, error }) {
  const rows = rowsIn(columns, layer);
  return Math.max(error + gap, rows * (size + gap) - gap) + 2 * gap;
}

/**
 * @param {Column[]} columns
 * @param {number} layers
 * @param {number} size
 * @param {{ gap: number, above: number, token: number, logit: number, error: number }} metrics
 */
function heightOf(columns, layers, size, metrics) {
  let height = metrics.logit + metrics.token + (layers + 2) * metrics.above;
  for (let layer = 0; layer < layers; layer++) height += bandHeight(columns, layer, size, metrics);
  return height;
}

/**
 * @param {Graph} graph
 * @param {Uint32Array} nodes
 * @param {Column[]} columns
 * @param {{ width: number, height: number, size: number, above: number, gutter: number, room: number, gap: number, between: number,
 *   token: number, logit: number, error: number, turned: boolean, dot: boolean, answers: { node: number, width: number, size: number
 *   }[][], rem: number }} m
 * @returns {Layout}
 */
function place(graph, nodes, columns, m) {
  // What is left over goes to the columns that hold something, and a little to all.
  const weight = (/** @type {Column} */ column) => (column.empty ? 0 : 0.25 + column.across);
  const weights = columns.reduce((sum, column) => sum + weight(column), 0);
  let x = m.gutter + m.between / 2;
  const spans = columns.map((column) => {
    const share = (m.room * weight(column)) / weights;
    const left = x + column.between / 2;
    const right = left + column.width + share;
    x = right + column.between / 2;
    const label = column.empty ? "·" : column.labelled ? "" : column.token;
    return { left, right, centre: (left + right) / 2, label };
  });

  /** @type {Map<number, Box>} */
  const boxes = new Map();
  const bands = [];
  let bottom = m.height - m.above * 0.4 - m.token;
  bands.push({ name: "Tokens", top: bottom, bottom: bottom + m.token });
  for (let layer = 0; layer < graph.layers; layer++) {
    bottom -= m.above;
    const height = bandHeight(columns, layer, m.size, m);
    const top = bottom - height;
    bands.push({ name: `Layer ${layer}`, top, bottom });
    columns.forEach((column, position) => placeCell(column, layer, spans[position].centre, (top + bottom) / 2));
    bottom = top;
  }
  const logits = bottom - m.above - m.logit / 2;
  bands.push({ name: "Answer", top: logits - m.logit / 2, bottom: logits + m.logit / 2 });

  for (const node of nodes) {
    if (graph.kind[node] !== TOKEN) continue;
    const position = graph.position[node];
    const { token: label, label: room } = columns[position];
    const { rem } = m;
    const turned = runsUp(label, m.turned);
    const height = (turned ? 0.6 + 0.58 * label.length : m.turned ? 1.6 : 1.87) * rem;
    const y = bands[0].top + 0.36 * rem + height / 2;
    boxes.set(node, { node, x: spans[position].centre, y, width: room, height, label, turned });
  }
  placeLogits();
  return { width: m.width, height: m.height, boxes, bands, columns: spans, turned: m.turned };

  /** @param {Column} column @param {number} layer @param {number} centre @param {number} middle */
  function placeCell(column, layer, centre, middle) {
    const cell = column.features[layer];
    const rows = Math.max(1, Math.ceil(cell.length / Math.max(1, column.across)));
    const perRow = Math.ceil(cell.length / rows);
    const errors = column.errors[layer];
    const errorRoom = errors.length * (m.error + m.gap);
    const widest = Math.max(0, perRow * (m.size + m.gap) - m.gap);
    const from = centre - (widest + errorRoom - (cell.length > 0 ? 0 : m.gap)) / 2 + errorRoom;
    cell.forEach((node, i) => {
      const row = Math.floor(i / perRow);
      const inRow = Math.min(perRow, cell.length - row * perRow);
      const left = from + ((perRow - inRow) * (m.size + m.gap)) / 2;
      const nodeX = left + (i - row * perRow) * (m.size + m.gap) + m.size / 2;
      // The most influential row is the upper one.
      const nodeY = middle + (row - (rows - 1) / 2) * (m.size + m.gap);
      boxes.set(node, { node, x: nodeX, y: nodeY, width: m.size, height: m.size, label: String(graph.index[node]), dot: m.dot });
    });
    errors.forEach((node, i) => {
      const x = from - errorRoom + i * (m.error + m.gap) + m.error / 2;
      boxes.set(node, { node, x, y: middle, width: m.error, height: m.error, label: "" });
    });
  }

  function placeLogits() {
    const { rem } = m;
    const last = spans[spans.length - 1];
    m.answers.forEach((row, i) => {
      const total = row.reduce((sum, { width }) => sum + width + m.gap, -m.gap);
      let left = Math.max(m.gutter, Math.min(last.centre - total / 2, m.width - m.between - total));
      const y = logits + (i - (m.answers.length - 1) / 2) * (2.6 * rem + m.gap);
      for (const { node, width, size } of row) {
        boxes.set(node, { node, x: left + width / 2, y, width, height: 2.6 * rem, label: answerOf(graph, node), size });
        left += width + m.gap;
      }
    });
  }
}

/**
 * The answers in rows that are not much wider than a pane shows beside the answering token.
 * @param {Graph} graph
 * @param {Uint32Array} nodes
 * @param {{ rem: number, gap: number, room: number }} metrics
 */
function answerRows(graph, nodes, { rem, gap, room }) {
  /** @type {{ node: number, width: number, size: number }[][]} */
  const rows = [];
  let used = Infinity;
  const long = nodes.some((node) => graph.kind[node] === LOGIT && answerOf(graph, node).length > ANSWER.long);
  const [size, pad] = long ? [ANSWER.smaller, ANSWER.closer] : [ANSWER.size, ANSWER.pad];
  for (const node of nodes) {
    if (graph.kind[node] !== LOGIT) continue;
    const width = (pad + (0.68 / ANSWER.size) * size * Math.max(answerOf(graph, node).length, 4)) * rem;
    if (used + width > room) {
      rows.push([]);
      used = 0;
    }
    rows[rows.length - 1].push({ node, width, size });
    used += width + gap;
  }
  return rows;
}
