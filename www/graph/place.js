// Puts every node into its band and column, once both have their sizes. Plain geometry.

/** @import { Graph } from "../lab/messages.js" */
/** @import { Column } from "./columns.js" */
/** @import { Box, Layout } from "./layout.js" */

import { answerOf } from "../lab/format.js";
import { LOGIT, TOKEN } from "../lab/kinds.js";
import { bandHeight, runsUp } from "./columns.js";

// size of its text and room beside it, in rem; the same where one has more characters
const ANSWER = { size: 0.95, pad: 2.2, long: 12, smaller: 0.76, closer: 1.5 };

/**
 * @param {Graph} graph
 * @param {Uint32Array} nodes
 * @param {Column[]} columns
 * @param {{ width: number, height: number, size: number, above: number, gutter: number, room: number, gap: number, between: number,
 *   token: number, logit: number, error: number, turned: boolean, dot: boolean, answers: { node: number, width: number, size: number
 *   }[][], layers: number[], rem: number }} m `layers`: those that hold something
 * @returns {Layout}
 */
export function place(graph, nodes, columns, m) {
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
  for (const layer of m.layers) {
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
export function answerRows(graph, nodes, { rem, gap, room }) {
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
