// Draws marks as SVG: as elements to be, which are made elements of a document here and a text in `svg-text.js`.

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

import { HALO } from "./halo.js";

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
    const { x, y, text, size, weight, font, anchor, turn, halo } = mark;
    const transform = turn ? rotated(turn, x, y, look) : undefined;
    const type = look.paint && {
      "font-size": size,
      "font-weight": weight === 400 ? undefined : weight,
      "font-family": font === "sans" ? undefined : look.fonts?.[font],
      "text-anchor": anchor === "start" ? undefined : anchor,
      "dominant-baseline": "central",
    };
    const around = halo &&
      look.paint && { "stroke-width": HALO * size, "paint-order": "stroke", "stroke-linejoin": /** @type {const} */ ("round") };
    return { tag: "text", attributes: { x, y, transform, ...type, ...painted({ ...mark, stroke: halo }, look), ...around }, content: text };
  }
  const d = mark.shape === "path" ? mark.d : curve(mark.points);
  return { tag: "path", attributes: { d, ...painted(mark, look) } };
}

/** @param {number[]} points of a Bézier curve, or of several that follow each other */
function curve(points) {
  const [x, y, ...rest] = points.map((value) => short(value, 1));
  return `M${x} ${y}C${rest.join(" ")}`;
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

/** An element to be as an element of the page's document. @param {Shape} shape @returns {SVGElement} */
export function elementOf({ tag, attributes, content }) {
  const element = /** @type {SVGElement} */ (document.createElementNS(NAMESPACE, tag));
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) element.setAttribute(name, String(value));
  if (typeof content === "string") element.append(content);
  else if (content) element.append(...content.map(elementOf));
  return element;
}

/** A number with fewer decimals. @param {number} value @param {number} digits */
export function short(value, digits) {
  return Number(value.toFixed(digits));
}
