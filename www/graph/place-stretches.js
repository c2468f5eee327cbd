// Where all of a text in stretches stands, once it is known how wide and high each is. Plain geometry.

/** @import { Graph } from "../lab/messages.js" */
/** @import { answerBlock } from "./answer-block.js" */
/** @import { Band, Box, Layout, Span } from "./layout.js" */
/** @import { Stretch } from "./stretches.js" */

import { TOKEN } from "../lab/kinds.js";
import { HEAD, LINE, linesOf, TEXT, textOf } from "./stretch-text.js";

const DOT = 0.95; // edge of a feature, in rem

/**
 * `unit` is a rem, scaled, and `text` the same of tokens; `left` is what stretches leave of the width, `above` the room above each row, `row`
 * the height of a row of features, `bands` that of each layer.
 * @typedef {{ width: number, height: number, unit: number, text: number, scale: number, rem: number, gutter: number, narrow: boolean,
 *   above: number, row: number, lines: number, left: number, layers: number[], bands: number[],
 *   answers: ReturnType<typeof answerBlock> }} Measures
 */
/** @typedef {Map<number, Box>} Boxes */

/** @param {Graph} graph @param {Uint32Array} nodes @param {Stretch[]} stretches @param {Measures} measures @returns {Layout} */
export function placeStretches(graph, nodes, stretches, measures) {
  const { width, height, narrow, scale } = measures;
  /** @type {Boxes} */ const boxes = new Map();
  const columns = columnsOf(stretches, measures);
  const bands = bandsOf(measures);
  measures.layers.forEach((layer, i) => {
    const { top, bottom } = bands[i + 1];
    stretches.forEach((stretch, place) =>
      placeCell(boxes, stretch.features[layer], stretch.across, columns[place], (top + bottom) / 2, measures),
    );
  });
  placeAnswers(boxes, columns[stretches.length - 1].centre, bands[bands.length - 1].top, measures);
  const nodeAt = new Map(Array.from(nodes, (node) => [graph.kind[node] === TOKEN ? graph.position[node] : -1, node]));
  const { stretchOf, others } = placeTokens(
    boxes,
    stretches,
    columns,
    nodeAt,
    new Int32Array(graph.tokens.length).fill(-1),
    bands[0].top,
    measures,
  );
  // In the nodes' own order, which is that of the keyboard.
  const inOrder = new Map(Array.from(nodes, (node) => boxes.get(node)).flatMap((box) => (box ? [[box.node, box]] : [])));
  return { width, height, boxes: inOrder, bands, columns: [...columns, ...others], turned: false, narrow, stretchOf, scale };
}

/** From left to right. @param {Stretch[]} stretches @param {Measures} measures @returns {Span[]} */
function columnsOf(stretches, measures) {
  const weights = stretches.reduce((sum, { across }) => sum + across, 1e-9);
  let x = measures.gutter;
  return stretches.map((stretch) => {
    const left = x + stretch.between / 2;
    const right = left + stretch.width + (measures.left * stretch.across) / weights;
    x = right + stretch.between / 2;
    return { left, right, centre: (left + right) / 2, label: "" };
  });
}

/** From the tokens up: these, each layer, the answers. @param {Measures} measures @returns {Band[]} */
function bandsOf({ height, above, lines, text, layers, bands, answers }) {
  const heights = [textOf(lines, text), ...bands, answers.height];
  const names = ["Tokens", ...layers.map((layer) => `Layer ${layer}`), "Answer"];
  let next = height - 0.4 * above;
  return heights.map((high, i) => {
    const bottom = next;
    next = bottom - high - above;
    return { name: names[i], top: bottom - high, bottom };
  });
}

/**
 * What is active in a layer at a stretch.
 * @param {Boxes} boxes @param {number[]} cell @param {number} across features beside each other @param {Span} column @param {number} middle
 * @param {Measures} measures
 */
function placeCell(boxes, cell, across, { left, right }, middle, { unit, row }) {
  const rows = Math.max(1, Math.ceil(cell.length / Math.max(1, across)));
  const pitch = (right - left) / Math.max(1, across);
  cell.forEach((node, i) => {
    // Down each column first, as words are read; the most influential one is the first.
    const [down, over] = [i % rows, Math.floor(i / rows)];
    const y = middle + (down - (rows - 1) / 2) * row;
    boxes.set(node, { node, x: left + over * pitch + (DOT / 2) * unit, y, width: DOT * unit, height: DOT * unit, label: "", dot: true });
  });
}

/** Above the last stretch, as far as the pane goes. @param {Boxes} boxes @param {number} last @param {number} top @param {Measures} measures */
function placeAnswers(boxes, last, top, { answers, gutter, width, unit }) {
  const from = Math.max(gutter, Math.min(last - answers.width / 2, width - 0.6 * unit - answers.width));
  for (const box of answers.boxes) boxes.set(box.node, { ...box, x: from + box.x, y: top + box.y });
}

/**
 * The text.
 * @param {Boxes} boxes @param {Stretch[]} stretches @param {Span[]} columns @param {Map<number, number>} nodeAt by position
 * @param {Int32Array} stretchOf of each token, filled here @param {number} top @param {Measures} measures
 * @returns {{ stretchOf: Int32Array, others: Span[] }} `others`: tokens that are no nodes
 */
function placeTokens(boxes, stretches, columns, nodeAt, stretchOf, top, { text, rem }) {
  /** @type {Span[]} */ const others = [];
  stretches.forEach((stretch, place) => {
    const { left, right } = columns[place];
    linesOf(stretch, right - left + 0.01, text).forEach((line, i) => {
      let from = left;
      const y = top + (HEAD + (i + 0.5) * LINE) * text;
      for (const { position, text: label, width: share } of line) {
        const node = nodeAt.get(position);
        const width = share * text;
        const x = from + width / 2;
        from += width + TEXT.gap * text;
        stretchOf[position] = place;
        if (node === undefined) others.push({ left: x, right: x, centre: x, label, y });
        else boxes.set(node, { node, x, y, width, height: TEXT.height * text, label, size: (TEXT.size * text) / rem });
      }
    });
  });
  return { stretchOf, others };
}
