// The answers of a text, in as few rows as hold them: the probable ones large, the others small and on one line each. Plain geometry.

/** @import { Graph } from "../lab/messages.js" */
/** @import { Box } from "./layout.js" */

import { answerOf, chanceOf } from "../lab/format.js";
import { LOGIT } from "../lab/kinds.js";

const PROBABLE = 0.1;
const LARGE = { size: 0.82, pad: 1.4, height: 2.6, length: 30, chance: 0.72, down: [-0.42, 0.62] }; // in rem; characters shown
const SMALL = { size: 0.66, pad: 0.7, height: 1.25, length: 20, chance: 0.62, between: 0.4 };
const MONO = 0.62; // a character's width, as a share of its size
const SANS = 0.56;
const GAP = 0.2; // rem
const BESIDE = { rows: 3, least: 11 }; // small ones that may stand beside the large ones, and the room that they need for it

/** A box whose x and y are from the block's upper left corner. @typedef {Box} Placed */

/**
 * @param {Graph} graph
 * @param {Uint32Array} nodes
 * @param {{ width: number, rem: number, scale: number, letters?: number }} room `scale`: of all sizes; `letters`: the least that they may
 *   have, in rem
 * @returns {{ width: number, height: number, boxes: Placed[] }}
 */
export function answerBlock(graph, nodes, { width, rem: whole, scale, letters = 0 }) {
  const rem = scale * whole;
  const gap = GAP * rem;
  const [scaleOfLarge, scaleOfSmall] = [LARGE, SMALL].map(({ chance }) => Math.max(scale, letters / chance));
  const [largeHeight, smallHeight] = [LARGE.height * scaleOfLarge * whole, SMALL.height * scaleOfSmall * whole];
  const logits = nodes.filter((node) => graph.kind[node] === LOGIT);
  const isLarge = (/** @type {number} */ node, /** @type {number} */ place) => place === 0 || graph.activation[node] >= PROBABLE;
  const large = Array.from(logits.filter(isLarge), (node) => largeOf(graph, node, whole, scaleOfLarge));
  const small = Array.from(
    logits.filter((node, place) => !isLarge(node, place)),
    (node) => smallOf(graph, node, whole, scaleOfSmall),
  );
  const total = large.reduce((sum, box) => sum + box.width + gap, -gap);
  const beside = width - total - 2 * gap;
  const rows = beside >= BESIDE.least * rem ? rowsOf(small, beside, gap) : [];
  if (small.length === 0 || (rows.length > 0 && rows.length <= BESIDE.rows)) {
    const height = Math.max(largeHeight, rows.length * (smallHeight + gap) - gap);
    const first = stack([large], 0, (height - largeHeight) / 2, gap);
    const second = stack(rows, small.length > 0 ? total + 2 * gap : 0, (height - (rows.length * (smallHeight + gap) - gap)) / 2, gap);
    return { width: Math.max(first.right, second.right), height, boxes: [...first.boxes, ...second.boxes] };
  }
  const first = stack(rowsOf(large, width, gap), 0, 0, gap);
  const second = stack(rowsOf(small, width, gap), 0, first.bottom + gap, gap);
  return { width: Math.max(first.right, second.right), height: second.bottom, boxes: [...first.boxes, ...second.boxes] };
}

/** @param {Graph} graph @param {number} node @param {number} whole a rem @param {number} scale of all its sizes @returns {Placed} */
function largeOf(graph, node, whole, scale) {
  const { size, pad, height, length, chance, down } = LARGE;
  const rem = whole * scale;
  const label = cut(answerOf(graph, node), length);
  const [answerDown, chanceDown] = down.map((each) => each * rem);
  const texts = { answer: 0, chance: 0, answerDown, chanceDown, size: chance * scale };
  const width = (pad + MONO * size * Math.max(label.length, 5)) * rem;
  return { node, x: 0, y: 0, width, height: height * rem, label, size: size * scale, texts, fitted: true };
}

/** @param {Graph} graph @param {number} node @param {number} whole a rem @param {number} scale of all its sizes @returns {Placed} */
function smallOf(graph, node, whole, scale) {
  const { size, pad, height, length, chance, between } = SMALL;
  const rem = whole * scale;
  const label = cut(answerOf(graph, node), length);
  const [text, number] = [MONO * size * label.length, SANS * chance * chanceOf(graph, node).length];
  const both = text + between + number;
  const texts = { answer: ((text - both) / 2) * rem, chance: ((both - number) / 2) * rem, size: chance * scale };
  return { node, x: 0, y: 0, width: (both + pad) * rem, height: height * rem, label, size: size * scale, texts, fitted: true };
}

/** @param {string} text @param {number} length */
function cut(text, length) {
  return text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text;
}

/** @param {Placed[]} boxes @param {number} width @param {number} gap */
function rowsOf(boxes, width, gap) {
  /** @type {Placed[][]} */ const rows = [];
  let free = -1;
  for (const box of boxes) {
    if (box.width > free) {
      rows.push([]);
      free = width;
    }
    rows[rows.length - 1].push(box);
    free -= box.width + gap;
  }
  return rows;
}

/** @param {Placed[][]} rows @param {number} left @param {number} top @param {number} gap */
function stack(rows, left, top, gap) {
  /** @type {Placed[]} */ const boxes = [];
  let [right, bottom] = [left, top];
  for (const row of rows) {
    const high = Math.max(0, ...row.map(({ height }) => height));
    let x = left;
    for (const box of row) {
      boxes.push({ ...box, x: x + box.width / 2, y: bottom + high / 2 });
      x += box.width + gap;
    }
    right = Math.max(right, x - gap);
    bottom += high + gap;
  }
  return { boxes, right, bottom: bottom - (rows.length > 0 ? gap : 0) };
}
