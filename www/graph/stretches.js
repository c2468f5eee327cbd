// The layout of a text. Its tokens stand as text, in as many stretches as there are tokens with features: a stretch ends with its own such
// token, and what is active there stands above it. So tokens without features take no columns, and words have room. Plain geometry.

/** @import { Graph } from "../lab/messages.js" */
/** @import { Column } from "./columns.js" */
/** @import { Box, Layout, Span } from "./layout.js" */

import { TOKEN } from "../lab/kinds.js";
import { answerBlock } from "./answer-block.js";
import { counted, layersHeld, sortIntoColumns, spread, spreadEvenly } from "./columns.js";

/** @typedef {{ position: number, text: string, width: number }} Token width in rem */
/** A stretch is the column of its last token, whose cells hold features, then errors. @typedef {Column & { tokens: Token[] }} Stretch */

const TEXT = { size: 0.78, across: 0.48, pad: 0.5, height: 1.15, gap: 0.15 }; // of a token, in rem; `across`: of a character
const LINE = TEXT.height + TEXT.gap;
const HEAD = 0.36; // rem above the first line
const DOT = 0.95; // edge of a feature, in rem
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

  /** The largest features with their words that fit, or what is least high. @param {number} scale of all sizes */
  const attempt = (scale) => {
    const unit = scale * rem;
    const text = Math.max(unit, (letters / TEXT.size) * rem);
    const answers = answerBlock(graph, nodes, { width: seen - (width - room), rem, scale, letters });
    const above = (narrow ? ABOVE.narrow : ABOVE.least) * unit;
    const fixed = answers.height + (layers.length + 2) * above;
    /** @type {{ size: number, lines: number, left: number, rows: number[], needed: number } | undefined} */ let best;
    const labels = Array.from({ length: LINES }, (_, less) => stretches.map((stretch) => widthFor(stretch, less + 1, text)));
    const between = BETWEEN * unit * stretches.length;
    /** Whether all is wider than the room, whatever is done. */
    const isTooWide = (/** @type {number} */ size, /** @type {number} */ lines) =>
      labels[lines - 1].reduce((sum, label, i) => sum + Math.max(label, stretches[i].fullest > 0 ? size : 0), between) > room;
    const share = nodes.length > FEW ? spreadEvenly : spread;
    const fit = (/** @type {number} */ size, /** @type {number} */ lines) => {
      stretches.forEach((stretch, i) => {
        stretch.label = labels[lines - 1][i];
        stretch.between = BETWEEN * unit;
      });
      const left = share(stretches, room, size, { gap: 0, error: 0 });
      const rows = layers.map((layer) =>
        Math.max(...stretches.map(({ counts, across }) => Math.ceil(counts[layer] / Math.max(1, across)))),
      );
      const needed = fixed + textOf(lines, text) + rows.reduce((sum, each) => sum + bandOf(each, ROW.least * unit, unit), 0);
      return { size, lines, left, rows, needed };
    };
    const isDone = () => best !== undefined && best.needed <= height;
    for (let size = ROOM.most; size >= ROOM.least && !isDone(); size -= ROOM.step) {
      for (let lines = 1; lines <= LINES && !isDone(); lines++) {
        if (isTooWide(size * unit, lines)) continue;
        // More lines make nothing narrower.
        if (lines > 1 && labels[lines - 1].every((label, i) => label === labels[lines - 2][i])) break;
        const next = fit(size * unit, lines);
        if (next.left >= 0 && (!best || next.needed < best.needed)) best = next;
      }
    }
    // The stretches as the best attempt had them.
    return best && { ...fit(best.size, best.lines), unit, text, scale, above, fixed, answers };
  };
  let best = attempt(1);
  for (const scale of letters > 0 ? [...SMALLER, LEAST] : SMALLER) {
    if ((best && best.needed <= height) || (letters === 0 && scale * rem < LEGIBLE)) break;
    best = attempt(scale) ?? best;
  }
  if (!best) return undefined;
  const { unit, text, rows, lines, above, fixed } = best;
  const spare = Math.max(0, height - best.needed);
  const all = rows.reduce((sum, each) => sum + each, 0);
  const row = Math.min(ROW.most * unit, ROW.least * unit + spare / 2 / Math.max(1, all));
  const bands = rows.map((each) => bandOf(each, row, unit));
  const used = fixed + textOf(lines, text) + bands.reduce((sum, each) => sum + each, 0);
  return placed(graph, nodes, stretches, {
    ...best,
    ...{ width, unit, rem, gutter, narrow, layers, bands, row },
    height: Math.max(height, used),
    above: above + Math.max(0, height - used) / (layers.length + 2),
  });
}

/** The height of a layer. @param {number} rows @param {number} row @param {number} unit */
function bandOf(rows, row, unit) {
  return rows * row + 0.2 * unit;
}

/** The height of the tokens. @param {number} lines @param {number} text a rem of theirs */
function textOf(lines, text) {
  return (HEAD + lines * LINE) * text;
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

/** A stretch's tokens in lines. @param {Stretch} stretch @param {number} width @param {number} unit */
function linesOf({ tokens }, width, unit) {
  /** @type {Token[][]} */ const lines = [];
  let free = -1;
  for (const token of tokens) {
    if (token.width > free) {
      lines.push([]);
      free = width / unit;
    }
    lines[lines.length - 1].push(token);
    free -= token.width + TEXT.gap;
  }
  return lines;
}

/** The least width with which a stretch has no more lines. @param {Stretch} stretch @param {number} lines @param {number} unit */
function widthFor(stretch, lines, unit) {
  const widths = stretch.tokens.map((token) => token.width);
  const all = widths.reduce((sum, width) => sum + width + TEXT.gap, 0);
  let width = Math.max(2, all / lines - TEXT.gap, ...widths) + 0.01;
  while (linesOf(stretch, width * unit, unit).length > lines) width += 0.5;
  return width * unit;
}

/**
 * @param {Graph} graph
 * @param {Uint32Array} nodes
 * @param {Stretch[]} stretches
 * @param {{ width: number, height: number, unit: number, text: number, scale: number, rem: number, gutter: number, narrow: boolean, above: number, row: number,
 *   lines: number, left: number, layers: number[], bands: number[], answers: ReturnType<typeof answerBlock> }} m `unit`: a rem, scaled; `text`: the same of tokens
 * @returns {Layout}
 */
function placed(graph, nodes, stretches, m) {
  const { unit, text, scale, above, row, width, height } = m;
  /** @type {Map<number, Box>} */ const boxes = new Map();
  const weights = stretches.reduce((sum, { across }) => sum + across, 1e-9);
  let x = m.gutter;
  /** @type {Span[]} */
  const columns = stretches.map((stretch) => {
    const left = x + stretch.between / 2;
    const right = left + stretch.width + (m.left * stretch.across) / weights;
    x = right + stretch.between / 2;
    return { left, right, centre: (left + right) / 2, label: "" };
  });
  const token = textOf(m.lines, text);
  let bottom = height - 0.4 * above - token;
  const bands = [{ name: "Tokens", top: bottom, bottom: bottom + token }];
  m.layers.forEach((layer, i) => {
    const top = bottom - above - m.bands[i];
    stretches.forEach((stretch, place) => placeCell(stretch, layer, columns[place], top + m.bands[i] / 2));
    bands.push({ name: `Layer ${layer}`, top, bottom: top + m.bands[i] });
    bottom = top;
  });
  const top = bottom - above - m.answers.height;
  bands.push({ name: "Answer", top, bottom: top + m.answers.height });

  const at = new Map(Array.from(nodes, (node) => [graph.kind[node] === TOKEN ? graph.position[node] : -1, node]));
  /** Which stretch a token is in. */ const stretchOf = new Int32Array(graph.tokens.length).fill(-1);
  stretches.forEach((stretch, place) => {
    const { left, right } = columns[place];
    linesOf(stretch, right - left + 0.01, text).forEach((line, i) => {
      let from = left;
      const y = bands[0].top + (HEAD + (i + 0.5) * LINE) * text;
      for (const { position, text: label, width: share } of line) {
        const node = at.get(position);
        const width = share * text;
        const x = from + width / 2;
        from += width + TEXT.gap * text;
        stretchOf[position] = place;
        if (node === undefined) columns.push({ left: x, right: x, centre: x, label, y });
        else boxes.set(node, { node, x, y, width, height: TEXT.height * text, label, size: (TEXT.size * text) / m.rem });
      }
    });
  });
  const last = columns[stretches.length - 1].centre;
  const from = Math.max(m.gutter, Math.min(last - m.answers.width / 2, width - 0.6 * unit - m.answers.width));
  for (const box of m.answers.boxes) boxes.set(box.node, { ...box, x: from + box.x, y: top + box.y });
  return { width, height, boxes: inOrder(), bands, columns, turned: false, narrow: m.narrow, stretchOf, scale };

  /** The boxes in the nodes' own order, which is that of the keyboard. */
  function inOrder() {
    return new Map(Array.from(nodes, (node) => boxes.get(node)).flatMap((box) => (box ? [[box.node, box]] : [])));
  }

  /** @param {Stretch} stretch @param {number} layer @param {Span} span @param {number} middle */
  function placeCell({ features, across }, layer, { left, right }, middle) {
    const cell = features[layer];
    const rows = Math.max(1, Math.ceil(cell.length / Math.max(1, across)));
    const pitch = (right - left) / Math.max(1, across);
    cell.forEach((node, i) => {
      // Down each column first, as words are read; the most influential one is the first.
      const [down, over] = [i % rows, Math.floor(i / rows)];
      const y = middle + (down - (rows - 1) / 2) * row;
      boxes.set(node, { node, x: left + over * pitch + (DOT / 2) * unit, y, width: DOT * unit, height: DOT * unit, label: "", dot: true });
    });
  }
}
