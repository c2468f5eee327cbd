// Draws marks as SVG: as a text, for which there need be no document, or as elements of one. Both are of the same shapes.

/** @import { Colour, Mark } from "./marks.js" */

/**
 * How marks look in this SVG. Without `paint` they have their geometry only, and a stylesheet says the rest.
 * @typedef {object} SvgLook
 * @property {(colour: Colour) => string} [paint] a colour as an attribute has it
 * @property {{ sans: string, mono: string }} [fonts] families; `sans` is what the whole picture is in
 * @property {(plot: any) => string} [hrefOf] address of a heat map's picture
 * @property {string} [corners] id of `roundCorners` in the same SVG; without it heat maps have corners
 * @property {string} [prefix] in front of a class a colour, `fill-ink` or `stroke-ink`, for a stylesheet with another palette; no classes
 *   without it
 * @property {number} [digits] decimals of numbers in the text; 2 without it
 */
/** @typedef {Record<string, string | number | undefined>} Attributes */
/** @typedef {{ tag: string, attributes: Attributes, content?: string | Shape[] }} Shape an element to be */

import { CORNER } from "./marks.js";

const NAMESPACE = "http://www.w3.org/2000/svg";

/**
 * One mark as an element to be; nothing where it is a picture without an address.
 * @param {Mark} mark @param {SvgLook} [look] @returns {Shape | undefined}
 */
export function shapeOf(mark, look = {}) {
  if (mark.shape === "image") {
    const { x, y, size, plot } = mark;
    const href = look.hrefOf?.(plot);
    const clip = look.corners === undefined ? undefined : `url(#${look.corners})`;
    return href === undefined ? undefined : { tag: "image", attributes: { href, x, y, width: size, height: size, "clip-path": clip } };
  }
  if (mark.shape === "rect") {
    const { x, y, width, height, corner, turn } = mark;
    const transform = turn ? rotated(turn, x + width / 2, y + height / 2, look) : undefined;
    return { tag: "rect", attributes: { x, y, width, height, rx: corner || undefined, transform, ...painted(mark, look) } };
  }
  if (mark.shape === "circle") {
    const { x: cx, y: cy, radius: r } = mark;
    return { tag: "circle", attributes: { cx, cy, r, ...painted(mark, look) } };
  }
  if (mark.shape === "text") {
    const { x, y, text, size, weight, font, anchor, turn } = mark;
    const transform = turn ? rotated(turn, x, y, look) : undefined;
    const type = look.paint && {
      "font-size": size,
      "font-weight": weight === 400 ? undefined : weight,
      "font-family": font === "sans" ? undefined : look.fonts?.[font],
      "text-anchor": anchor === "start" ? undefined : anchor,
      "dominant-baseline": "central",
    };
    return { tag: "text", attributes: { x, y, transform, ...type, ...painted(mark, look) }, content: text };
  }
  const d = mark.shape === "path" ? mark.d : curve(mark.points);
  return { tag: "path", attributes: { d, ...painted(mark, look) } };
}

/** @param {number[]} points of a Bézier curve */
function curve(points) {
  const [x, y, x1, y1, x2, y2, x3, y3] = points.map((value) => short(value, 1));
  return `M${x} ${y}C${x1} ${y1} ${x2} ${y2} ${x3} ${y3}`;
}

/** @param {number} turn @param {number} x @param {number} y @param {SvgLook} look */
function rotated(turn, x, y, { digits = 2 }) {
  return `rotate(${turn} ${short(x, digits)} ${short(y, digits)})`;
}

/**
 * @param {{ fill?: Colour, stroke?: Colour, line?: number, alpha?: number, dash?: number[], shape: string }} mark @param {SvgLook} look
 * @returns {Attributes}
 */
function painted({ shape, fill, stroke, line, alpha, dash }, { paint, prefix }) {
  if (!paint) return {};
  const classes = prefix === undefined ? [] : [fill && `${prefix}fill-${fill}`, stroke && `${prefix}stroke-${stroke}`].filter(Boolean);
  return {
    fill: fill ? paint(fill) : shape === "text" ? undefined : "none",
    stroke: stroke && paint(stroke),
    "stroke-width": stroke && line !== 1 ? line : undefined,
    "stroke-opacity": stroke && alpha,
    "stroke-dasharray": stroke && dash?.map((each) => short(each, 4)).join(" "),
    class: classes.join(" ") || undefined,
  };
}

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

/** An element to be as an element of the page's document. @param {Shape} shape @returns {SVGElement} */
export function elementOf({ tag, attributes, content }) {
  const element = /** @type {SVGElement} */ (document.createElementNS(NAMESPACE, tag));
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, String(value));
  if (typeof content === "string") element.append(content);
  else if (content) element.append(...content.map(elementOf));
  return element;
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

/** @param {number} value @param {number} digits */
function short(value, digits) {
  return Number(value.toFixed(digits));
}
