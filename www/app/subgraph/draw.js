// Draws the subgraph's cards and arrows as SVG.

/** @import { App } from "../app.js" */
/** @import { Flow, Item } from "./items.js" */
/** @import { Card } from "./places.js" */

import { svg } from "../dom.js";
import { chanceOf, counted, placeName, signed, spoken } from "../format.js";
import { picture } from "../graph/heat.js";
import { ERROR, KIND_NAMES, LOGIT } from "../kinds.js";

const NUMBERED = 14; // with more arrows than this, numbers would hide them
const WEAK = 0.03; // share of the strongest below which an arrow is left out

/**
 * @param {App} app
 * @param {Item} item
 * @param {Card} card
 * @param {number} rem
 */
export function drawCard(app, item, card, rem) {
  const { view } = app;
  const { graph } = /** @type {NonNullable<App["view"]>} */ (view);
  const { nodes, supernode, label } = item;
  const [node] = nodes;
  const [half, tall] = [card.width / 2, card.height / 2];
  const name = supernode
    ? `Supernode ${label}, ${supernode.open ? "open" : "closed"}: ${nodes.map((each) => app.nameOf(each)).join(", ")}`
    : spoken(graph, node, app.labelOf(node));
  const group = svg("g", { class: `item ${supernode ? "supernode" : KIND_NAMES[graph.kind[node]]}`, role: "graphics-symbol", "aria-label": name, tabindex: -1, "data-key": item.key });
  if (supernode && !supernode.open) group.append(svg("rect", { class: "frame behind", x: -half + 4, y: -tall - 4, width: card.width - 2, height: card.height, rx: 0.45 * rem }));
  group.append(svg("rect", { class: "frame", x: -half, y: -tall, width: card.width, height: card.height, rx: 0.45 * rem }));
  group.append(svg("rect", { class: "halo", x: -half - 3, y: -tall - 3, width: card.width + 6, height: card.height + 6, rx: 0.6 * rem }));
  const open = supernode?.open;
  const left = -half + 0.35 * rem;
  let text = left + 0.25 * rem;
  if (!open) {
    const thumb = thumbnail(app, strongest(app, nodes), left, -1 * rem, 2 * rem);
    if (thumb) {
      group.append(thumb);
      text = left + 2.5 * rem;
    }
  }
  const room = Math.max(3, Math.floor((half - text) / (0.52 * rem)));
  const top = open ? -tall + 0.85 * rem : -0.38 * rem;
  const detail = supernode ? counted(nodes.length, "node") : graph.kind[node] === LOGIT ? chanceOf(graph, node) : placeName(graph, node).replace(/^layer (\d+), at/, "L$1");
  group.append(svg("text", { class: "label", x: text, y: top }, cut(label, room)));
  if (!open) group.append(svg("text", { class: "detail", x: text, y: 0.62 * rem }, cut(detail, room + 2)));
  else nodes.forEach((each, i) => group.append(member(app, each, i, card, rem)));
  group.append(svg("title", {}, supernode ? name : `${label}: ${placeName(graph, node)}`));
  return group;
}

/** One node inside an open supernode. @param {App} app @param {number} node @param {number} i @param {Card} card @param {number} rem */
function member(app, node, i, card, rem) {
  const { graph } = /** @type {NonNullable<App["view"]>} */ (app.view);
  const across = Math.max(1, Math.min(4, Math.floor((card.width - 0.5 * rem) / (2.6 * rem))));
  const x = -card.width / 2 + (0.5 + (i % across) * 2.7) * rem;
  const y = -card.height / 2 + (1.7 + Math.floor(i / across) * 2.7) * rem;
  const group = svg("g", { class: "member", "data-node": graph.id[node] });
  group.append(svg("rect", { class: "frame", x, y, width: 2.4 * rem, height: 2.4 * rem, rx: 0.3 * rem }));
  const thumb = thumbnail(app, node, x + 1, y + 1, 2.4 * rem - 2);
  group.append(thumb ?? svg("text", { class: "detail", x: x + 0.2 * rem, y: y + 1.2 * rem }, cut(app.nameOf(node), 5)));
  group.append(svg("title", {}, `${app.nameOf(node)}: ${placeName(graph, node)}`));
  return group;
}

/** The most influential of some nodes. @param {App} app @param {number[]} nodes */
function strongest(app, nodes) {
  const influence = app.view?.graph.influence;
  return nodes.reduce((best, node) => (influence && influence[node] < influence[best] ? node : best), nodes[0]);
}

/** @param {App} app @param {number} node @param {number} x @param {number} y @param {number} side */
function thumbnail(app, node, x, y, side) {
  const plot = app.plot(node);
  if (plot) return svg("image", { href: picture(plot).toDataURL(), x, y, width: side, height: side, preserveAspectRatio: "none" });
  if (app.view?.graph.kind[node] !== ERROR) return undefined;
  const centre = `${x + side / 2} ${y + side / 2}`;
  return svg("rect", { class: "diamond", x: x + side * 0.28, y: y + side * 0.28, width: side * 0.44, height: side * 0.44, transform: `rotate(45 ${centre})` });
}

/** @param {string} text @param {number} room */
function cut(text, room) {
  return text.length > room ? `${text.slice(0, room - 1)}…` : text;
}

/** @param {Flow[]} flows @param {Map<Item, Card>} cards @param {number} rem @param {(item: Item) => boolean} isShown whether an item's flows stand out */
export function drawFlows(flows, cards, rem, isShown) {
  const group = svg("g", { class: "flows-between" });
  const most = Math.abs(flows[0]?.weight ?? 0);
  const shown = flows.filter(({ weight }) => Math.abs(weight) >= WEAK * most);
  for (const { source, target, weight } of shown.toReversed()) {
    const [from, to] = [cards.get(source), cards.get(target)];
    if (!from || !to) continue;
    const strength = Math.abs(weight) / most;
    const width = rem * (0.07 + 0.33 * Math.sqrt(strength));
    const head = Math.max(0.42 * rem, 1.6 * width);
    const up = from.y > to.y + 4;
    // From the upper edge to the lower one where the target is above, else from side to side.
    const [x, y, x3, y3] = up
      ? [from.x + lean(from, to), from.y - from.height / 2, to.x + lean(to, from), to.y + to.height / 2]
      : [from.x + (from.width / 2) * Math.sign(to.x - from.x || 1), from.y, to.x - (to.width / 2) * Math.sign(to.x - from.x || 1), to.y];
    const bend = up ? Math.max((y - y3) * 0.45, 1.2 * rem) : 0;
    const side = up ? 0 : Math.max(Math.abs(x3 - x) * 0.4, rem) * Math.sign(x3 - x || 1);
    const [endX, endY] = up ? [x3, y3 + head * 0.8] : [x3 - Math.sign(side) * head * 0.8, y3];
    const minus = weight < 0;
    const arrow = svg("g", { class: `flow ${minus ? "minus" : "plus"}${isShown(source) || isShown(target) ? " shown" : ""}` });
    arrow.append(
      svg("path", { class: "shaft", d: `M${x} ${y}C${x + side} ${y - bend} ${endX - side} ${endY + bend} ${endX} ${endY}`, "stroke-width": width, "stroke-dasharray": minus ? `${0.45 * rem} ${0.28 * rem}` : undefined, opacity: 0.3 + 0.6 * Math.sqrt(strength) }),
      svg("path", { class: "head", d: up ? `M${x3} ${y3}l${-head / 2} ${head}h${head}z` : `M${x3} ${y3}l${-Math.sign(side) * head} ${-head / 2}v${head}z`, opacity: 0.3 + 0.6 * Math.sqrt(strength) }),
      svg("title", {}, `${source.label} → ${target.label}: ${signed(weight)}`),
    );
    if (shown.length <= NUMBERED) arrow.append(svg("text", { class: "number", x: (x + endX) / 2 + 0.3 * rem, y: (y + endY) / 2 }, signed(weight)));
    group.append(arrow);
  }
  return group;
}

/** @param {Card} card @param {{ x: number }} towards */
function lean(card, towards) {
  return Math.max(-card.width * 0.35, Math.min(card.width * 0.35, (towards.x - card.x) * 0.1));
}
