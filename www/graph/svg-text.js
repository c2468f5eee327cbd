// Marks as the text of an SVG, for which there need be no document: a file, a poster.

/** @import { Shape, SvgLook } from "./draw-svg.js" */
/** @import { Mark } from "./marks.js" */

import { shapeOf, short } from "./draw-svg.js";
import { CORNER } from "./marks.js";

/**
 * Marks as elements to be: those of one node in a group that its name is the title of.
 * @param {Iterable<Mark>} marks @param {SvgLook} look @returns {Shape[]}
 */
export function shapesOf(marks, look) {
  /** @type {Shape[]} */ const all = [];
  /** @type {{ node: number, within: Shape[] } | undefined} */ let group;
  for (const mark of marks) {
    if (mark.node === undefined) group = undefined;
    else if (mark.node !== group?.node) {
      group = { node: mark.node, within: [] };
      all.push({ tag: "g", attributes: {}, content: group.within });
    }
    const shape = shapeOf(mark, look);
    if (shape) (group?.within ?? all).push(shape);
    if (group && mark.name !== undefined) group.within.unshift({ tag: "title", attributes: {}, content: mark.name });
  }
  return all;
}

/** Marks as the text of SVG elements, one a line, without an `<svg>` around them. @param {Iterable<Mark>} marks @param {SvgLook} look */
export function svgOf(marks, look) {
  return shapesOf(marks, look)
    .map((shape) => textOf(shape, look.digits))
    .join("\n");
}

/** What rounds the corners of heat maps, each as its size wants it. @param {string} id @returns {Shape} */
export function roundCorners(id) {
  const rect = { tag: "rect", attributes: { width: 1, height: 1, rx: CORNER } };
  return { tag: "clipPath", attributes: { id, clipPathUnits: "objectBoundingBox" }, content: [rect] };
}

/** An element to be as text. @param {Shape} shape @param {number} [digits] decimals @returns {string} */
export function textOf({ tag, attributes, content }, digits = 2) {
  const pairs = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const set = pairs
    .map(([name, value]) => ` ${name}="${typeof value === "number" ? short(value, digits) : escaped(String(value))}"`)
    .join("");
  if (content === undefined) return `<${tag}${set}/>`;
  const inside = typeof content === "string" ? escaped(content) : content.map((shape) => `\n${textOf(shape, digits)}`).join("");
  return `<${tag}${set}>${inside}${typeof content === "string" ? "" : "\n"}</${tag}>`;
}

/** @type {Record<string, string>} */
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** A text as XML holds it: characters that it has no place for become signs. @param {string} text */
export function escaped(text) {
  return text
    .replaceAll(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, (character) =>
      character < " " ? String.fromCodePoint(0x2400 + character.charCodeAt(0)) : "\uFFFD",
    )
    .replaceAll(/[&<>"]/g, (character) => ENTITIES[character]);
}
