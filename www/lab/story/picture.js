// The story as shapes for a file, as it stands on the page: a stylesheet places its cards and breaks its lines, so both are measured.

/** @import { Shape } from "../../graph/draw-svg.js" */

import { html } from "../dom.js";

/** @typedef {{ x: number, y: number, width: number, height: number }} Box its upper left corner and its size, in pixels */
/** @typedef {{ fonts: { sans: string, mono: string }, corners: string }} Look `corners` is the id of what rounds a heat map's */

/** What of an arrow or a lane says where it is; the rest is the stylesheet's. */
const GEOMETRY = ["d", "x", "y", "width", "height", "rx", "text-anchor"];
/** What only somebody at the page sees. */
const STATES = ["lit", "selected", "near"];

/**
 * @param {HTMLElement} element in which `mountCards` draws, on show
 * @param {Look} look
 * @returns {{ shapes: Shape[], width: number, height: number }} without its foot
 */
export function storyShapes(element, look) {
  const marked = [element, ...element.querySelectorAll(".story-card")].map((each) => {
    const states = STATES.filter((state) => each.classList.contains(state));
    each.classList.remove(...states);
    return () => each.classList.add(...states);
  });
  try {
    return measured(element, look);
  } finally {
    for (const restore of marked) restore();
  }
}

/** @param {HTMLElement} element @param {Look} look */
function measured(element, look) {
  const { left, top } = element.getBoundingClientRect();
  const [x0, y0] = [left + element.clientLeft - element.scrollLeft, top + element.clientTop - element.scrollTop];
  const boxOf = (/** @type {DOMRect} */ { x, y, width, height }) => ({ x: x - x0, y: y - y0, width, height });
  const solid = solidOn(getComputedStyle(element).backgroundColor);
  /** @type {Shape[]} */ const shapes = [];
  for (const each of element.querySelectorAll(".story-flows > *")) shapes.push(flowShape(each, solid));
  for (const name of element.querySelectorAll(".row-name")) shapes.push(...textShapes(name, { boxOf, solid, look }));
  for (const card of element.querySelectorAll(".story-card")) {
    const style = getComputedStyle(card);
    shapes.push(...frameShapes(boxOf(card.getBoundingClientRect()), style, solid));
    for (const heat of card.querySelectorAll("canvas")) {
      const attributes = { href: heat.toDataURL(), ...boxOf(heat.getBoundingClientRect()), "clip-path": `url(#${look.corners})` };
      const { opacity } = getComputedStyle(heat);
      shapes.push({ tag: "image", attributes: { ...attributes, opacity: opacity === "1" ? undefined : opacity } });
    }
    for (const words of card.querySelectorAll(".title, .detail, .times, .changed")) {
      const box = boxOf(words.getBoundingClientRect());
      if (words.classList.contains("changed")) {
        const fill = solid(getComputedStyle(words).backgroundColor);
        shapes.push({ tag: "rect", attributes: { ...box, rx: box.height / 2, fill } });
      }
      shapes.push(...textShapes(words, { boxOf, solid, look }));
    }
  }
  const foot = element.querySelector(".story-foot")?.getBoundingClientRect();
  return { shapes, width: element.clientWidth, height: element.scrollHeight - (foot?.height ?? 0) };
}

/** A colour of the stylesheet over the background, as any program reads it. @param {string} background */
function solidOn(background) {
  const context = /** @type {CanvasRenderingContext2D} */ (html("canvas", { width: 1, height: 1 }).getContext("2d"));
  return (/** @type {string} */ colour) => {
    for (const fill of [background, colour]) {
      context.fillStyle = fill;
      context.fillRect(0, 0, 1, 1);
    }
    const parts = [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
    return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  };
}

/** An arrow, a lane or its name. @param {Element} element @param {(colour: string) => string} solid @returns {Shape} */
function flowShape(element, solid) {
  const style = getComputedStyle(element);
  /** @type {Shape["attributes"]} */ const attributes = {};
  for (const name of GEOMETRY) attributes[name] = element.getAttribute(name) ?? undefined;
  if (element.localName !== "path") {
    const type = element.localName === "text" ? { "font-size": Number.parseFloat(style.fontSize), "font-weight": style.fontWeight } : {};
    return {
      tag: element.localName,
      attributes: { ...attributes, fill: solid(style.fill), ...type },
      content: element.textContent || undefined,
    };
  }
  const line = {
    fill: "none",
    stroke: solid(style.stroke),
    "stroke-width": Number.parseFloat(style.strokeWidth),
    "stroke-opacity": style.strokeOpacity,
    "stroke-linecap": style.strokeLinecap,
    "stroke-dasharray": style.strokeDasharray === "none" ? undefined : style.strokeDasharray.replaceAll("px", ""),
  };
  return { tag: "path", attributes: { ...attributes, ...line } };
}

/** A card without what is in it: its border is broader at the left where it names a path. @param {Box} box @param {CSSStyleDeclaration} style @param {(colour: string) => string} solid @returns {Shape[]} */
function frameShapes({ x, y, width, height }, style, solid) {
  const [radius, line, broad] = [style.borderTopLeftRadius, style.borderTopWidth, style.borderLeftWidth].map(Number.parseFloat);
  const border = {
    stroke: line > 0 ? solid(style.borderTopColor) : undefined,
    "stroke-width": line || undefined,
    "stroke-dasharray": style.borderTopStyle === "dashed" ? `${3 * line} ${3 * line}` : undefined,
  };
  const inside = { x: x + line / 2, y: y + line / 2, width: width - line, height: height - line, rx: radius - line / 2 };
  /** @type {Shape[]} */ const shapes = [{ tag: "rect", attributes: { ...inside, fill: solid(style.backgroundColor), ...border } }];
  if (broad <= line) return shapes;
  const bottom = y + height;
  const inner = `${radius - broad} ${radius - line} 0 0`;
  const d = [
    `M${x + radius} ${y}A${radius} ${radius} 0 0 0 ${x} ${y + radius}V${bottom - radius}A${radius} ${radius} 0 0 0 ${x + radius} ${bottom}`,
    `V${bottom - line}A${inner} 1 ${x + broad} ${bottom - radius}V${y + radius}A${inner} 1 ${x + radius} ${y + line}Z`,
  ].join("");
  return [...shapes, { tag: "path", attributes: { d, fill: solid(style.borderLeftColor) } }];
}

/**
 * Each line of a text, as long as it is here whatever fonts there are elsewhere.
 * @param {Element} element
 * @param {{ boxOf: (rect: DOMRect) => Box, solid: (colour: string) => string, look: Look }} how
 * @returns {Shape[]}
 */
function textShapes(element, { boxOf, solid, look }) {
  const style = getComputedStyle(element);
  const type = {
    "font-size": Number.parseFloat(style.fontSize),
    "font-weight": style.fontWeight === "400" ? undefined : style.fontWeight,
    "font-family": style.fontFamily.includes("mono") ? look.fonts.mono : undefined,
    "dominant-baseline": "central",
    fill: solid(style.color),
  };
  return linesOf(element).map(({ text, from, to }) => {
    const { x, y, height } = boxOf(from);
    const length = boxOf(to).x + to.width - x;
    const attributes = { x, y: y + height / 2, textLength: length, lengthAdjust: "spacingAndGlyphs", ...type };
    return { tag: "text", attributes, content: text };
  });
}

/** The lines that a text is broken into, with where their first and their last characters are. @param {Element} element */
function linesOf(element) {
  /** @type {{ text: string, from: DOMRect, to: DOMRect }[]} */ const lines = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    let at = 0;
    for (const character of node.textContent ?? "") {
      range.setStart(node, at);
      range.setEnd(node, (at += character.length));
      const rect = range.getBoundingClientRect();
      const line = lines.at(-1);
      if (line && Math.abs(rect.top - line.from.top) < rect.height / 2) {
        line.text += character;
        if (character.trim()) line.to = rect;
      } else if (character.trim()) lines.push({ text: character, from: rect, to: rect });
    }
  }
  return lines.map((line) => ({ ...line, text: line.text.trimEnd() }));
}
