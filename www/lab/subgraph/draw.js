// Draws the subgraph's cards and arrows as SVG.

/** @import { Lab } from "../lab.js" */
/** @import { Flow, Item } from "./items.js" */
/** @import { Card } from "./places.js" */

import { svg } from "../dom.js";
import { placeName, signed, spoken } from "../format.js";
import { picture } from "../graph/heat.js";
import { FEATURE, isError, KIND_NAMES } from "../kinds.js";
import { extraOf, linesOf } from "./places.js";
import { pathThrough, placeOnRoute, routeUp } from "./routes.js";

const NUMBERED = 14; // with more arrows than this, numbers would hide them
export const MOST_FLOWS = 150; // arrows; the weakest of more are left out
const WEAK = 0.03; // share of the strongest below which an arrow is left out

/**
 * @param {Lab} lab
 * @param {Item} item
 * @param {Card} card
 * @param {number} rem
 */
export function drawCard(lab, item, card, rem) {
  const { view } = lab;
  const { graph } = /** @type {NonNullable<Lab["view"]>} */ (view);
  const { nodes, supernode, label } = item;
  const [node] = nodes;
  const [half, tall] = [card.width / 2, card.height / 2];
  const name = supernode
    ? `Supernode ${label}, ${supernode.open ? "open" : "closed"}: ${nodes.map((each) => lab.nameOf(each)).join(", ")}`
    : spoken(graph, node, lab.labelOf(node));
  const group = svg("g", {
    class: `item ${supernode ? "supernode" : KIND_NAMES[graph.kind[node]]}`,
    role: "graphics-symbol",
    "aria-label": name,
    tabindex: -1,
    "data-key": item.key,
  });
  if (supernode && !supernode.open)
    group.append(
      svg("rect", { class: "frame behind", x: -half + 4, y: -tall - 4, width: card.width - 2, height: card.height, rx: 0.45 * rem }),
    );
  group.append(svg("rect", { class: "frame", x: -half, y: -tall, width: card.width, height: card.height, rx: 0.45 * rem }));
  group.append(svg("rect", { class: "halo", x: -half - 3, y: -tall - 3, width: card.width + 6, height: card.height + 6, rx: 0.6 * rem }));
  const open = supernode?.open;
  const left = -half + 0.35 * rem;
  let text = left + 0.25 * rem;
  if (!open) {
    const thumb = thumbnail(lab, strongest(lab, nodes), left, -1 * rem, 2 * rem);
    if (thumb) {
      group.append(thumb);
      text = left + 2.5 * rem;
    }
  }
  const top = -tall + (open ? 0.85 : 0.97) * rem;
  const extra = extraOf(item, rem);
  const lines = linesOf(label);
  lines.forEach((line, i) =>
    group.append(svg("text", { class: "label", x: text, y: top + (i * extra) / Math.max(1, lines.length - 1) }, line)),
  );
  if (!open) group.append(svg("text", { class: "detail", x: text, y: tall - 0.73 * rem }, item.detail));
  else nodes.forEach((each, i) => group.append(member(lab, each, i, { card, rem, extra })));
  group.append(svg("title", {}, supernode ? name : `${label}: ${placeName(graph, node)}`));
  return group;
}

/**
 * One node inside an open supernode.
 * @param {Lab} lab
 * @param {number} node
 * @param {number} i
 * @param {{ card: Card, rem: number, extra: number }} place
 */
function member(lab, node, i, { card, rem, extra }) {
  const { graph } = /** @type {NonNullable<Lab["view"]>} */ (lab.view);
  const across = Math.max(1, Math.min(4, Math.floor((card.width - 0.5 * rem) / (2.6 * rem))));
  const x = -card.width / 2 + (0.5 + (i % across) * 2.7) * rem;
  const y = -card.height / 2 + extra + (1.7 + Math.floor(i / across) * 2.7) * rem;
  const group = svg("g", { class: "member", "data-node": graph.id[node] });
  group.append(svg("rect", { class: "frame", x, y, width: 2.4 * rem, height: 2.4 * rem, rx: 0.3 * rem }));
  const thumb = thumbnail(lab, node, x + 1, y + 1, 2.4 * rem - 2);
  group.append(thumb ?? svg("text", { class: "detail", x: x + 0.2 * rem, y: y + 1.2 * rem }, cut(lab.nameOf(node), 5)));
  group.append(svg("title", {}, `${lab.nameOf(node)}: ${placeName(graph, node)}`));
  return group;
}

/** The most influential of some nodes. @param {Lab} lab @param {number[]} nodes */
function strongest(lab, nodes) {
  const influence = lab.view?.graph.influence;
  return nodes.reduce((best, node) => (influence && influence[node] < influence[best] ? node : best), nodes[0]);
}

/** @param {Lab} lab @param {number} node @param {number} x @param {number} y @param {number} side */
function thumbnail(lab, node, x, y, side) {
  const plot = lab.plot(node);
  if (plot) return svg("image", { href: picture(lab, plot).toDataURL(), x, y, width: side, height: side, preserveAspectRatio: "none" });
  if (!isError(lab.view?.graph.kind[node] ?? FEATURE)) return undefined;
  const centre = `${x + side / 2} ${y + side / 2}`;
  return svg("rect", {
    class: "diamond",
    x: x + side * 0.28,
    y: y + side * 0.28,
    width: side * 0.44,
    height: side * 0.44,
    transform: `rotate(45 ${centre})`,
  });
}

/** @param {string} text @param {number} room */
function cut(text, room) {
  return text.length > room ? `${text.slice(0, room - 1)}…` : text;
}

/**
 * @param {Flow[]} flows strongest first
 * @param {Map<Item, Card>} cards
 * @param {number} rem
 * @param {(item: Item) => boolean} isShown whether an item's flows stand out
 */
export function drawFlows(flows, cards, rem, isShown) {
  const group = svg("g", { class: "flows-between" });
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
    const opacity = 0.3 + 0.6 * Math.sqrt(strength);
    const arrow = svg("g", { class: `flow ${minus ? "minus" : "plus"}${isShown(source) || isShown(target) ? " shown" : ""}` });
    arrow.append(
      svg("path", {
        class: "shaft",
        d: path,
        "stroke-width": thick,
        "stroke-dasharray": minus ? `${0.45 * rem} ${0.28 * rem}` : undefined,
        opacity,
      }),
      svg("path", { class: "head", d: tip, opacity }),
      svg("title", {}, `${source.label} → ${target.label}: ${signed(weight)}`),
    );
    const text = signed(weight);
    const size = { width: 0.45 * rem * text.length, height: 0.9 * rem };
    const place = shown.length <= NUMBERED ? placeOnRoute(points, size, taken) : undefined;
    if (place) {
      taken.push({ ...place, ...size });
      arrow.append(svg("text", { class: "number", ...place }, text));
    }
    return [arrow];
  });
  group.append(...arrows.reverse()); // the strongest on top
  return group;
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
