// Where the items of the subgraph stand: as the reader put them, or by layer and token without overlap. Plain geometry.

/** @import { Lab } from "../lab.js" */
/** @import { Item } from "./items.js" */

/** @typedef {{ x: number, y: number, width: number, height: number }} Card centre and size, in pixels */

const ROOM = 0.75; // rem above and below a row, for arrows

const LINE = { length: 24, height: 1.05, most: 4 }; // characters of a line of a name; rem; lines

/** A name in lines, broken between words: names that begin alike differ further on. @param {string} label */
export function linesOf(label) {
  const lines = [""];
  for (const word of label.split(" ")) {
    const last = lines[lines.length - 1];
    if (last && last.length + 1 + word.length > LINE.length && lines.length < LINE.most) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines.map((line) => (line.length > 2 * LINE.length ? `${line.slice(0, 2 * LINE.length - 1)}…` : line));
}

/** How much the lines of a name beyond the first take, in pixels. @param {Item} item @param {number} rem */
export function extraOf(item, rem) {
  return (linesOf(item.label).length - 1) * LINE.height * rem;
}

/** @param {Item} item @param {number} rem @returns {{ width: number, height: number }} */
export function sizeOf(item, rem) {
  const longest = Math.max(...linesOf(item.label).map((line) => line.length), 0.8 * item.detail.length);
  const text = (3.8 + 0.52 * longest) * rem;
  const extra = extraOf(item, rem);
  if (!item.supernode?.open) return { width: Math.max(5.5 * rem, text), height: 2.7 * rem + extra };
  const across = Math.min(item.nodes.length, 4);
  return { width: Math.max(text, (0.8 + across * 2.7) * rem), height: (2 + Math.ceil(item.nodes.length / across) * 2.7) * rem + extra };
}

/**
 * @param {Lab} lab
 * @param {Item[]} items
 * @param {{ width: number, height: number, rem: number }} pane
 * @returns {{ cards: Map<Item, Card>, height: number }} the height that all of them need, at least the pane's
 */
export function placeItems(lab, items, { width, height, rem }) {
  const { graph } = /** @type {NonNullable<Lab["view"]>} */ (lab.view);
  const mean = (/** @type {Item} */ item, /** @type {(node: number) => number} */ of) =>
    item.nodes.reduce((sum, node) => sum + of(node), 0) / item.nodes.length;
  const gap = 0.9 * rem;

  // One row a layer; what does not fit side by side takes another row.
  const levels = Map.groupBy(items, (item) => Math.round(mean(item, (node) => graph.layer[node])));
  /** @type {Item[][]} from the tokens up */
  const rows = [];
  for (const level of [...levels.keys()].sort((a, b) => a - b)) {
    const sorted = /** @type {Item[]} */ (levels.get(level)).toSorted(
      (a, b) => mean(a, (node) => graph.position[node]) - mean(b, (node) => graph.position[node]),
    );
    let used = Infinity;
    for (const item of sorted) {
      const size = sizeOf(item, rem).width + gap;
      if (used + size > width - gap) {
        rows.push([]);
        used = 0;
      }
      rows[rows.length - 1].push(item);
      used += size;
    }
  }
  const heights = rows.map((row) => Math.max(...row.map((item) => sizeOf(item, rem).height)));
  const needed = heights.reduce((sum, each) => sum + each + 2 * ROOM * rem, 0);
  const full = Math.max(height, needed);
  const spare = (full - needed) / (rows.length || 1);
  /** @type {Map<Item, Card>} */
  const cards = new Map();
  let bottom = full;
  rows.forEach((row, i) => {
    bottom -= spare / 2 + ROOM * rem;
    const y = bottom - heights[i] / 2;
    const sizes = row.map((item) => sizeOf(item, rem));
    // Over its token as far as the neighbours leave room.
    const last = graph.tokens.length - 1 || 1;
    let x = 0;
    const centres = row.map((item, j) => {
      const wished = gap + (mean(item, (node) => graph.position[node]) / last) * (width - 2 * gap);
      x = Math.max(x + gap + sizes[j].width / 2, wished);
      const centre = x;
      x += sizes[j].width / 2;
      return centre;
    });
    let right = width;
    for (let j = row.length - 1; j >= 0; j--) {
      centres[j] = Math.min(centres[j], right - gap - sizes[j].width / 2);
      right = centres[j] - sizes[j].width / 2;
      cards.set(row[j], { x: centres[j], y, ...sizes[j] });
    }
    bottom -= heights[i] + ROOM * rem + spare / 2;
  });
  for (const [item, card] of cards) {
    const place = lab.arrangement.places[item.key];
    if (place) Object.assign(card, within({ ...card, x: place[0] * width, y: place[1] * full }, width, full));
  }
  return { cards, height: full };
}

/** Moved as little as brings it into the pane. @param {Card} card @param {number} width @param {number} height */
export function within(card, width, height) {
  const limit = (/** @type {number} */ value, /** @type {number} */ half, /** @type {number} */ most) =>
    Math.max(half, Math.min(most - half, value));
  return { ...card, x: limit(card.x, card.width / 2, width), y: limit(card.y, card.height / 2, height) };
}
