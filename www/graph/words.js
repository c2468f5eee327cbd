// Words beside features, wherever there is room for them: the most influential features take theirs first. Plain geometry.

/** @import { Graph } from "../lab/messages.js" */
/** @import { Layout } from "./layout.js" */

import { isFeature } from "../lab/kinds.js";

/** A feature's word: from where it runs, its middle line, and its size, in the picture's units. @typedef {{ text: string, x: number, y: number, size: number }} Word */
/** @typedef {{ left: number, right: number, top: number, bottom: number }} Area */

const SIZE = 0.72; // rem on the screen; a larger zoom makes words larger by its root, so that there is room for more of them
const LEAST = 7; // characters that say something
const BEFORE = 0.25; // rem between a feature and its word
const AFTER = 0.5; // rem between a word and what follows it
const WIDEST = 30; // of a word, in its size
const NARROWEST = 2.5;
const CELL = 3; // rem; what may be in the way is looked up by squares of this size

/**
 * @param {Graph} graph
 * @param {Layout} layout
 * @param {{ rem: number, zoom: number, letters?: number, whole?: boolean, labelOf: (node: number) => string | undefined }} look `letters`: their size on the
 *   screen, in rem; `whole`: no word is cut,
 *   since a heat map says as much without it
 * @returns {Map<number, Word>} by node
 */
export function wordsOf(graph, { boxes, width }, { rem, zoom, letters = SIZE, whole, labelOf }) {
  const size = (letters * rem) / (zoom > 1 ? Math.sqrt(zoom) : zoom);
  const taken = new Taken(CELL * rem);
  for (const { x, y, width, height } of boxes.values())
    taken.add({ left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 });
  /** @type {Map<number, Word>} */ const words = new Map();
  const features = [...boxes.keys()].filter((node) => isFeature(graph.kind[node]));
  features.sort((a, b) => graph.influence[a] - graph.influence[b]);
  for (const node of features) {
    const box = boxes.get(node);
    if (!box) continue;
    const x = box.x + box.width / 2 + (BEFORE * rem) / Math.min(1, zoom);
    const area = { left: x, right: x + WIDEST * size, top: box.y - 0.55 * size, bottom: box.y + 0.55 * size };
    const right = Math.min(width - BEFORE * rem, taken.freeTo(area, (AFTER * rem) / Math.max(1, zoom)));
    const label = right - x < NARROWEST * size ? undefined : labelOf(node);
    if (!label) continue;
    const fits = (/** @type {string} */ form) => widthOf(form, size) <= right - x + 0.01;
    const text = whole ? [label].find(fits) : fitting(label, fits);
    if (text === undefined) continue;
    taken.add({ ...area, right: x + widthOf(text, size) });
    words.set(node, { text, x, y: box.y, size });
  }
  return words;
}

/**
 * The longest form of a label that fits: all of it, what the feature says without what it reads, fewer of the words that it lists, these
 * without signs around them, the beginning; nothing where none does that says something.
 * @param {string} label @param {(text: string) => boolean} fits
 */
export function fitting(label, fits) {
  const said = label.replace(/^.*→ /, "");
  const listed = said.replace(/…$| or \d+ more$/, "").split(", ");
  const fewer = listed.map((_, less) => `${listed.slice(0, listed.length - less).join(", ")}…`);
  if (said === listed.join(", ")) fewer.shift(); // which is all of it
  const bare = [said, ...fewer].map((form) => form.replace(/^on |[“”]/g, "").replace(/^says /, "→ "));
  const found = [label, said, ...fewer, ...bare].find(fits);
  if (found !== undefined) return found;
  const last = bare[bare.length - 1].replace(/…$/, "");
  const cut = (/** @type {number} */ length) => `${last.slice(0, length).trimEnd()}…`;
  if (last.length <= LEAST || !fits(cut(LEAST))) return undefined;
  let [low, high] = [LEAST, last.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(cut(middle))) low = middle;
    else high = middle - 1;
  }
  return cut(low);
}

/** How wide characters are, as shares of a text's size. @type {Map<string, number>} */
const WIDTHS = new Map();
for (const [signs, width] of /** @type {const} */ ([
  ["iljtfrI.,'’‘:;|! ", 0.32],
  ["mwMW…→", 0.9],
  ["ABCDEFGHJKLNOPQRSTUVXYZ“”", 0.66],
]))
  for (const sign of signs) WIDTHS.set(sign, width);

/** About how wide a text is; where no page is, nothing measures it. @param {string} text @param {number} size */
function widthOf(text, size) {
  let sum = 0;
  for (const sign of text) sum += WIDTHS.get(sign) ?? 0.57;
  return sum * size;
}

/** What is taken of a picture. */
class Taken {
  /** @type {Map<number, Area[]>} */ #squares = new Map();

  /** @param {number} edge of a square */
  constructor(edge) {
    this.edge = edge;
  }

  /** @param {number} value */
  #at(value) {
    return Math.floor(value / this.edge);
  }

  /** The squares that an area is in. @param {Area} area @param {(square: number) => void} visit */
  #each({ left, right, top, bottom }, visit) {
    for (let x = this.#at(left); x <= this.#at(right); x++) for (let y = this.#at(top); y <= this.#at(bottom); y++) visit(x * 1e6 + y);
  }

  /** @param {Area} area */
  add(area) {
    this.#each(area, (square) => {
      const there = this.#squares.get(square);
      if (there) there.push(area);
      else this.#squares.set(square, [area]);
    });
  }

  /** How far right an area may reach from where it begins, with some room after it. @param {Area} area @param {number} after */
  freeTo(area, after) {
    let right = area.right;
    for (let x = this.#at(area.left); x * this.edge < right + after; x++) {
      for (let y = this.#at(area.top); y <= this.#at(area.bottom); y++) {
        for (const { left, right: end, top, bottom } of this.#squares.get(x * 1e6 + y) ?? [])
          if (end > area.left && left < right + after && top < area.bottom && bottom > area.top) right = Math.max(area.left, left - after);
      }
    }
    return right;
  }
}
