// The marks of a heat map, which cards and thumbs have too, where no other mark is drawn.

/** @import { CircleMark, Here, ImageMark } from "./marks.js" */

const SIDE = 100; // a heat map shows operands 0..99

/**
 * A heat map, and the ring at the prompt's place in it.
 * @template P
 * @param {P} plot
 * @param {{ x: number, y: number, size: number, corner: number }} square upper left corner, edge, its corners' radius
 * @param {Here | undefined} here
 * @param {number} [node]
 * @returns {[ImageMark<P>, ...CircleMark[]]}
 */
export function plotMarks(plot, { x, y, size, corner }, here, node) {
  /** @type {ImageMark<P>} */ const image = { shape: "image", part: "plot", node, x, y, size, corner, plot };
  if (!here) return [image];
  const centre = { x: x + ((here.b + 0.5) / SIDE) * size, y: y + ((here.a + 0.5) / SIDE) * size, radius: Math.max(2, size * 0.055) };
  const ring = /** @type {const} */ ({ shape: "circle", part: "ring", node, ...centre });
  return [
    image,
    { ...ring, stroke: "surface", line: Math.max(2.4, size * 0.065) },
    { ...ring, stroke: "accent", line: Math.max(1.3, size * 0.035) },
  ];
}
