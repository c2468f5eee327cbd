// The picture of a graph as one list of marks: plain data with places and names of colours, from which it is drawn on a canvas, as SVG,
// as a file and as a poster. Nothing else says how a graph looks.

/** @import { Graph } from "../lab/messages.js" */
/** @import { Box, Layout, Span } from "./layout.js" */
/** @import { Word } from "./words.js" */

import { chanceOf } from "../lab/format.js";
import { ATTENTION_ERROR, BIAS, FEATURE, isError, isFeature, LOGIT, TOKEN } from "../lab/kinds.js";
import { runsUp } from "./columns.js";
import { plotMarks } from "./plot-marks.js";

/**
 * The palette's names of colours.
 * @typedef {"surface" | "band" | "line-strong" | "ink" | "soft" | "faint" | "accent" | "action" | "dot" | "positive" | "negative"} Colour
 */
/**
 * What of the picture a mark is.
 * @typedef {"band" | "name" | "bracket" | "column" | "edge" | "plot" | "frame" | "ring" | "label" | "answer" | "chance" | "word"} Part
 */
/** What every mark has; `node`: whose it is, `name`: of the node. @typedef {{ part: Part, node?: number, name?: string }} Of */
/**
 * A rectangle by its upper left corner: a dot where its corners' radius is half its width, a diamond where it is turned about its middle
 * by 45 degrees.
 * @typedef {Of & { shape: "rect", x: number, y: number, width: number, height: number, corner: number, turn?: 45, fill?: Colour, stroke?:
 *   Colour, line?: number, dash?: number[] }} RectMark
 */
/**
 * Lines, as SVG writes them.
 * @typedef {Of & { shape: "path", d: string, fill?: Colour, stroke?: Colour, line?: number, dash?: number[] }} PathMark
 */
/**
 * An edge, or a strand of several in a bundle, of which `edge` is the strongest: a Bézier curve by its four points, up from source to
 * target; three points more for each curve that follows.
 * @typedef {Of & { shape: "curve", part: "edge", edge: number, points: number[], stroke: Colour, line: number, alpha: number, dash?:
 *   number[] }} CurveMark
 */
/** @typedef {Of & { shape: "circle", x: number, y: number, radius: number, stroke: Colour, line: number }} CircleMark x, y its centre */
/**
 * A heat map by its upper left corner; `plot` is what `plotOf` gave.
 * @template [P=any]
 * @typedef {Of & { shape: "image", x: number, y: number, size: number, corner: number, plot: P }} ImageMark
 */
/**
 * A text by its middle line; `anchor` says which end of it stands at x, `turn` is about that point, in degrees, and `halo` sets it off
 * from what is beneath.
 * @typedef {Of & { shape: "text", x: number, y: number, text: string, size: number, weight: number, font: "sans" | "mono", anchor:
 *   "start" | "middle" | "end", turn?: number, fill: Colour, halo?: Colour }} TextMark
 */
/** @typedef {RectMark | PathMark | CurveMark | CircleMark | ImageMark | TextMark} Mark */
/** The prompt's own operands. @typedef {{ a: number, b: number }} Here */

const UP = -90;
/** Of features' corners, as a share of their size. */
export const CORNER = 0.12;

/** The layers' backgrounds. @param {Layout} layout @returns {RectMark[]} */
export function bandMarks({ bands, width }) {
  return bands
    .filter(({ name }) => name.startsWith("Layer"))
    .map(({ top, bottom }) => ({ shape: "rect", part: "band", x: 0, y: top, width, height: bottom - top, corner: 0, fill: "band" }));
}

/**
 * The rows' names: beside them, or above them where no node stands.
 * @param {Layout} layout @param {number} rem @param {boolean} above
 * @returns {TextMark[]}
 */
export function nameMarks({ bands }, rem, above) {
  // Above the highest row there is no room.
  const shown = above ? bands.filter(({ top }) => top > 2 * rem) : bands;
  return shown.map(({ name, top, bottom }) => ({
    ...textMark("name", name, 0.9 * rem, above ? top - 0.5 * rem : (top + bottom) / 2),
    ...{ size: 0.74 * rem, weight: 600, font: "sans", anchor: "start", fill: "faint" },
  }));
}

/** Where the tokens begin, below all layers. @param {Layout} layout */
function footOf({ bands }) {
  return bands[0].top - 2;
}

/** A bracket over each token tells which nodes are its own. @param {Layout} layout @returns {PathMark[]} */
export function bracketMarks(layout) {
  const foot = footOf(layout);
  return layout.columns
    .filter(({ left, right, label }) => label !== "·" && left < right)
    .map(({ left, right }) => {
      const d = `M${tenth(left)} ${tenth(foot - 5)}v5H${tenth(right)}v-5`;
      return { shape: "path", part: "bracket", d, stroke: "line-strong", line: 1 };
    });
}

/**
 * Tokens that are no nodes of this graph, below their columns.
 * @param {Layout} layout @param {Span[]} columns of the layout, those wanted @param {number} rem
 * @returns {TextMark[]}
 */
export function columnMarks(layout, columns, rem) {
  return columns
    .filter(({ label }) => label)
    .map(({ centre, label, y = footOf(layout) + (runsUp(label, layout.turned) ? 0.78 : layout.turned ? 1.2 : 1.42) * rem }) => {
      const up = runsUp(label, layout.turned);
      const mark = { ...textMark("column", label, centre, y), size: 0.95 * rem, fill: /** @type {const} */ ("faint") };
      return up ? { ...mark, anchor: "end", turn: UP } : mark;
    });
}

/**
 * @template P
 * @param {Graph} graph
 * @param {Box} box
 * @param {{ rem: number, name?: string, plot?: P, operands?: Here, word?: Word }} look
 * @returns {Mark[]}
 */
export function nodeMarks(graph, box, { rem, name, plot, operands, word }) {
  const { node, x, y, label, size = 0.95, dot, turned, texts } = box;
  const kind = graph.kind[node];
  const frame = { ...frameOf(graph, box, rem), name };
  const said = word ? [wordMark(word, node)] : [];
  if (plot !== undefined) {
    const [image, ...rings] = plotMarks(plot, squareOf(box), operands, node);
    return [image, { ...frame, fill: undefined }, ...rings, ...said];
  }
  if (kind === LOGIT) {
    const fill = isWeak(graph, node) ? "action" : "surface";
    // By themselves the answer stands above its probability.
    const at = texts ?? { answer: 0, chance: 0, answerDown: -0.42 * rem, chanceDown: 0.62 * rem, size: 0.72 };
    const answer = textMark("answer", label, x + at.answer, y + (at.answerDown ?? 0), node);
    const chance = textMark("chance", chanceOf(graph, node), x + at.chance, y + (at.chanceDown ?? 0), node);
    return [frame, { ...answer, size: size * rem, weight: 600, fill }, { ...chance, size: at.size * rem, font: "sans", fill }];
  }
  if (kind === TOKEN) return [frame, { ...textMark("label", label, x, y, node), size: size * rem, turn: turned ? UP : undefined }];
  if (!isFeature(kind) || dot) return [frame, ...said];
  return [frame, { ...textMark("label", label, x, y, node), size: 0.68 * rem, font: "sans", fill: "soft" }];
}

/** @param {Word} word @param {number} node @returns {TextMark} */
export function wordMark({ text, x, y, size }, node) {
  return { ...textMark("word", text, x, y, node), size, font: "sans", anchor: "start", halo: "surface" };
}

/** Whether an answer is less probable than all others together: it is outlined then. @param {Graph} graph @param {number} node */
export function isWeak({ kind, activation }, node) {
  return kind[node] === LOGIT && activation[node] < 0.5;
}

/** @param {Graph} graph @param {Box} box @param {number} rem @returns {RectMark} */
function frameOf(graph, { node, x, y, width, height, dot }, rem) {
  const kind = graph.kind[node];
  const rect = (/** @type {number} */ across, /** @type {number} */ down, /** @type {number} */ corner) =>
    /** @type {const} */ ({ shape: "rect", part: "frame", node, x: x - across / 2, y: y - down / 2, width: across, height: down, corner });
  if (isError(kind)) {
    const dash = kind === ATTENTION_ERROR ? [3, 2] : undefined;
    return { ...rect(0.72 * width, 0.72 * width, 0), turn: 45, fill: "surface", stroke: "faint", line: 1.4, dash };
  }
  if (kind === BIAS) return { ...rect(width, 0.4 * height, 0), fill: "surface", stroke: "faint", line: 1.4 };
  if (isFeature(kind)) {
    // Attention's features have corners, and the MLPs' none.
    const corner = kind !== FEATURE ? 0 : dot ? width / 2 : CORNER * width;
    return { ...rect(width, height, corner), fill: "dot", stroke: "line-strong", line: 1 };
  }
  const frame = { ...rect(width, height, 0.4 * rem), line: 1 };
  if (kind === TOKEN) return { ...frame, fill: "surface", stroke: "line-strong" };
  return isWeak(graph, node) ? { ...frame, fill: "surface", stroke: "action" } : { ...frame, fill: "action" };
}

/** Where a node's heat map stands. @param {Box} box */
export function squareOf({ x, y, width }) {
  return { x: x - width / 2, y: y - width / 2, size: width, corner: CORNER * width };
}

/**
 * A token's text, as long as nothing else is said.
 * @param {Part} part @param {string} text @param {number} x @param {number} y @param {number} [node]
 * @returns {TextMark}
 */
function textMark(part, text, x, y, node) {
  return { shape: "text", part, node, x, y, text, size: 16, weight: 400, font: "mono", anchor: "middle", fill: "ink" };
}

/** @param {number} value */
function tenth(value) {
  return Math.round(value * 10) / 10;
}
