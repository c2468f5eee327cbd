// The subgraph's cards and arrows, of the marks that the graph is made of: as elements that the stylesheet gives their states, and as
// shapes for a file.

/** @import { Shape, SvgLook } from "../../graph/draw-svg.js" */
/** @import { Mark, PathMark, RectMark, TextMark } from "../../graph/marks.js" */
/** @import { Lab } from "../lab.js" */
/** @import { Flow, Item } from "./items.js" */
/** @import { Card } from "./places.js" */

import { elementOf, shapeOf } from "../../graph/draw-svg.js";
import { placeName, signed, spoken } from "../format.js";
import { picture } from "../graph/heat.js";
import { FEATURE, isError, KIND_NAMES, LOGIT } from "../kinds.js";
import { extraOf, linesOf } from "./places.js";
import { pathThrough, placeOnRoute, routeUp } from "./routes.js";

const NUMBERED = 14; // with more arrows than this, numbers would hide them
export const MOST_FLOWS = 150; // arrows; the weakest of more are left out
const WEAK = 0.03; // share of the strongest below which an arrow is left out

/** In the page colours are the stylesheet's. @type {SvgLook} */
const ON_PAGE = { paint: (colour) => `var(--${colour})`, fonts: { sans: "var(--sans)", mono: "var(--mono)" } };

/**
 * @param {Flow[]} flows strongest first
 * @param {Map<Item, Card>} cards
 * @param {number} rem
 */
export function drawFlows(flows, cards, rem) {
  return elementOf(flowsShape(flows, cards, rem, ON_PAGE));
}

/**
 * @param {Lab} lab
 * @param {Item} item
 * @param {Card} card
 * @param {number} rem
 * @param {SvgLook} [look]
 * @returns {Shape}
 */
export function cardShape(lab, item, card, rem, look = ON_PAGE) {
  const { view } = lab;
  const { graph } = /** @type {NonNullable<Lab["view"]>} */ (view);
  const { nodes, supernode, label } = item;
  const [node] = nodes;
  const [half, tall] = [card.width / 2, card.height / 2];
  const name = supernode
    ? `Supernode ${label}, ${supernode.open ? "open" : "closed"}: ${nodes.map((each) => lab.nameOf(each)).join(", ")}`
    : spoken(graph, node, lab.labelOf(node));
  const answer = !supernode && graph.kind[node] === LOGIT;
  /** @type {Shape[]} */ const content = [];
  const put = (/** @type {string} */ name, /** @type {Mark} */ mark) => content.push(classed(name, mark, look));
  const box = { x: -half, y: -tall, width: card.width, height: card.height };
  /** @type {RectMark} */
  const frame = answer
    ? { ...FRAME, ...box, corner: 0.45 * rem, fill: "action", stroke: undefined }
    : { ...FRAME, ...box, corner: 0.45 * rem, ...(supernode ? GROUP : {}) };
  if (supernode && !supernode.open) put("frame behind", { ...frame, x: -half + 4, y: -tall - 4, width: card.width - 2 });
  put("frame", frame);
  put("halo", { ...BARE, x: -half - 3, y: -tall - 3, width: card.width + 6, height: card.height + 6, corner: 0.6 * rem });
  const open = supernode?.open;
  const left = -half + 0.35 * rem;
  let text = left + 0.25 * rem;
  if (!open) {
    const thumb = thumbnail(lab, strongest(lab, nodes), left, -1 * rem, 2 * rem, look);
    if (thumb) {
      content.push(thumb);
      text = left + 2.5 * rem;
    }
  }
  const top = -tall + (open ? 0.85 : 0.97) * rem;
  const extra = extraOf(item, rem);
  const lines = linesOf(label);
  lines.forEach((line, i) => {
    const y = top + (i * extra) / Math.max(1, lines.length - 1);
    put("label", { ...TEXT, x: text, y, text: line, size: 0.86 * rem, weight: 600, fill: answer ? "surface" : "ink" });
  });
  if (!open) put("detail", { ...detail(item.detail, text, tall - 0.73 * rem, rem), fill: answer ? "surface" : "soft" });
  else nodes.forEach((each, i) => content.push(member(lab, each, i, { card, rem, extra }, look)));
  content.push(titled(supernode ? name : `${label}: ${placeName(graph, node)}`));
  const attributes = {
    class: `item ${supernode ? "supernode" : KIND_NAMES[graph.kind[node]]}`,
    role: "graphics-symbol",
    "aria-label": name,
    tabindex: -1,
    "data-key": item.key,
  };
  return { tag: "g", attributes, content };
}

/** Looks at rest; what a reader does to a card is shown by the stylesheet. */
const BARE = /** @type {const} */ ({ shape: "rect", part: "frame", corner: 0 });
const FRAME = /** @type {const} */ ({ ...BARE, fill: "surface", stroke: "line-strong" });
const GROUP = /** @type {const} */ ({ fill: "band", stroke: "soft" });
const TEXT = /** @type {const} */ ({ shape: "text", part: "label", weight: 400, font: "sans", anchor: "start" });
const PATH = /** @type {const} */ ({ shape: "path", part: "edge" });

/** @param {string} text @param {number} x @param {number} y @param {number} rem @returns {TextMark} */
function detail(text, x, y, rem) {
  return { ...TEXT, text, x, y, size: 0.72 * rem, fill: "soft" };
}

/** @param {string} name of its class @param {Mark} mark @param {SvgLook} look @returns {Shape} */
function classed(name, mark, look) {
  const { tag, attributes, content } = /** @type {Shape} */ (shapeOf(mark, look));
  return { tag, attributes: { ...attributes, class: name }, content };
}

/** @param {string} text @returns {Shape} */
function titled(text) {
  return { tag: "title", attributes: {}, content: text };
}

/**
 * One node inside an open supernode.
 * @param {Lab} lab
 * @param {number} node
 * @param {number} i
 * @param {{ card: Card, rem: number, extra: number }} place
 * @param {SvgLook} look
 * @returns {Shape}
 */
function member(lab, node, i, { card, rem, extra }, look) {
  const { graph } = /** @type {NonNullable<Lab["view"]>} */ (lab.view);
  const across = Math.max(1, Math.min(4, Math.floor((card.width - 0.5 * rem) / (2.6 * rem))));
  const x = -card.width / 2 + (0.5 + (i % across) * 2.7) * rem;
  const y = -card.height / 2 + extra + (1.7 + Math.floor(i / across) * 2.7) * rem;
  const side = 2.4 * rem;
  const inside =
    thumbnail(lab, node, x + 1, y + 1, side - 2, look) ??
    classed("detail", detail(cut(lab.nameOf(node), 5), x + 0.2 * rem, y + 1.2 * rem, rem), look);
  const frame = classed("frame", { ...FRAME, x, y, width: side, height: side, corner: 0.3 * rem }, look);
  const content = [frame, inside, titled(`${lab.nameOf(node)}: ${placeName(graph, node)}`)];
  return { tag: "g", attributes: { class: "member", "data-node": graph.id[node] }, content };
}

/** The most influential of some nodes. @param {Lab} lab @param {number[]} nodes */
function strongest(lab, nodes) {
  const influence = lab.view?.graph.influence;
  return nodes.reduce((best, node) => (influence && influence[node] < influence[best] ? node : best), nodes[0]);
}

/**
 * @param {Lab} lab @param {number} node @param {number} x @param {number} y @param {number} size @param {SvgLook} look
 * @returns {Shape | undefined}
 */
function thumbnail(lab, node, x, y, size, look) {
  const plot = lab.plot(node);
  const hrefOf = () => picture(lab, /** @type {NonNullable<typeof plot>} */ (plot)).toDataURL();
  if (plot) return shapeOf({ shape: "image", part: "plot", x, y, size, corner: 0, plot }, { hrefOf });
  if (!isError(lab.view?.graph.kind[node] ?? FEATURE)) return undefined;
  const place = { x: x + size * 0.28, y: y + size * 0.28, width: size * 0.44, height: size * 0.44 };
  return classed("diamond", { ...BARE, ...place, turn: 45, stroke: "faint", line: 1.5 }, look);
}

/** @param {string} text @param {number} room */
function cut(text, room) {
  return text.length > room ? `${text.slice(0, room - 1)}…` : text;
}

/**
 * @param {Flow[]} flows strongest first
 * @param {Map<Item, Card>} cards
 * @param {number} rem
 * @param {SvgLook} look
 * @returns {Shape}
 */
export function flowsShape(flows, cards, rem, look) {
  const most = Math.abs(flows[0]?.weight ?? 0);
  const shown = flows.filter(({ weight }) => Math.abs(weight) >= WEAK * most).slice(0, MOST_FLOWS);
  const all = [...cards.values()];
  const width = Math.max(0, ...all.map((card) => card.x + card.width / 2)) + rem;
  /** What a number must not lie on. */
  const taken = [...all];
  const arrows = shown.flatMap((flow) => {
    const { source, target, weight } = flow;
    const [from, to] = [cards.get(source), cards.get(target)];
    if (!from || !to) return [];
    const strength = Math.abs(weight) / most;
    const thick = rem * (0.07 + 0.33 * Math.sqrt(strength));
    const head = Math.max(0.42 * rem, 1.6 * thick);
    const { points, path, tip } = wayOf(from, to, { others: all.filter((card) => card !== from && card !== to), head, width, rem });
    const minus = weight < 0;
    const colour = minus ? "negative" : "positive";
    const dash = minus ? [0.45 * rem, 0.28 * rem] : undefined;
    const lines = [classed("shaft", { ...PATH, d: path, stroke: colour, line: thick, dash }, look)];
    lines.push(classed("head", { ...PATH, d: tip, fill: colour }, look));
    for (const { attributes } of lines) attributes.opacity = 0.3 + 0.6 * Math.sqrt(strength);
    const text = signed(weight);
    const content = [...lines, titled(`${source.label} → ${target.label}: ${text}`)];
    const size = { width: 0.45 * rem * text.length, height: 0.9 * rem };
    const place = shown.length <= NUMBERED ? placeOnRoute(points, size, taken) : undefined;
    if (place) {
      taken.push({ ...place, ...size });
      const number = classed("number", { ...detail(text, place.x, place.y, rem), size: 0.7 * rem, anchor: "middle" }, look);
      const outline = { stroke: look.paint?.("surface"), "stroke-width": 4, "stroke-linejoin": "round", "paint-order": "stroke" };
      Object.assign(number.attributes, outline);
      content.push(number);
    }
    const attributes = { class: `flow ${minus ? "minus" : "plus"}`, "data-from": source.key, "data-to": target.key };
    return [{ tag: "g", attributes, content }];
  });
  return { tag: "g", attributes: { class: "flows-between" }, content: arrows.reverse() }; // the strongest on top
}

/**
 * An arrow's way: from the upper edge of the one card to the lower edge of the other where that is above, and the reverse;
 * of two side by side, over what stands between them.
 * @param {Card} from @param {Card} to @param {{ others: Card[], head: number, width: number, rem: number }} around
 */
function wayOf(from, to, { others, head, width, rem }) {
  const beside = Math.abs(from.y - to.y) < (from.height + to.height) / 2;
  const sign = beside || to.y > from.y ? 1 : -1; // which way it arrives: down, or up
  const start = { x: from.x + lean(from, to), y: from.y + (beside ? -1 : sign) * (from.height / 2) };
  const tip = { x: to.x + lean(to, from), y: to.y - sign * (to.height / 2) };
  const end = { x: tip.x, y: tip.y - sign * head * 0.8 };
  const triangle = `M${tip.x} ${tip.y}l${-head / 2} ${-sign * head}h${head}z`;
  if (beside) {
    const over =
      Math.min(
        from.y - from.height / 2,
        to.y - to.height / 2,
        ...others.filter((card) => Math.abs(card.y - from.y) < 4).map((card) => card.y - card.height / 2),
      ) -
      1.3 * rem;
    const path = `M${start.x} ${start.y}C${start.x} ${over} ${end.x} ${over} ${end.x} ${end.y}`;
    const middle = { x: (start.x + end.x) / 2, y: (start.y + end.y + 6 * over) / 8 };
    return { points: [start, middle, end], path, tip: triangle };
  }
  const points = sign < 0 ? routeUp(start, end, others, width) : routeUp(end, start, others, width).reverse();
  return { points, path: pathThrough(points), tip: triangle };
}

/** @param {Card} card @param {{ x: number }} towards */
function lean(card, towards) {
  return Math.max(-card.width * 0.35, Math.min(card.width * 0.35, (towards.x - card.x) * 0.1));
}
