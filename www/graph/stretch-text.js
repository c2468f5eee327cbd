// The tokens of a stretch: in how many lines they stand, and how wide and high that is. Plain geometry.

/** @import { Stretch, Token } from "./stretches.js" */

export const TEXT = { size: 0.78, across: 0.48, pad: 0.5, height: 1.15, gap: 0.15 }; // of a token, in rem; `across`: of a character
export const LINE = TEXT.height + TEXT.gap;
export const HEAD = 0.36; // rem above the first line

/** The height of the tokens. @param {number} lines @param {number} text a rem of theirs */
export function textOf(lines, text) {
  return (HEAD + lines * LINE) * text;
}

/** A stretch's tokens in lines. @param {Stretch} stretch @param {number} width @param {number} unit */
export function linesOf({ tokens }, width, unit) {
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
export function widthFor(stretch, lines, unit) {
  const widths = stretch.tokens.map((token) => token.width);
  const all = widths.reduce((sum, width) => sum + width + TEXT.gap, 0);
  let width = Math.max(2, all / lines - TEXT.gap, ...widths) + 0.01;
  while (linesOf(stretch, width * unit, unit).length > lines) width += 0.5;
  return width * unit;
}
