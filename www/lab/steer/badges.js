// What became of nodes while features are set, on the nodes themselves.

/** @import { Lab } from "../lab.js" */
/** @import { Picture } from "../graph/picture.js" */

import { svg } from "../dom.js";
import { FEATURE, LOGIT } from "../kinds.js";
import { answerNow } from "./shifted.js";
import { keyOfNode, settingOf, settingText } from "./steering.js";

const LEAST_MOVED = 0.05; // of its activation, to be marked

/** @typedef {{ x: number, y: number, width: number, height: number }} Box its middle and its size */
/**
 * @typedef {object} Badge
 * @property {number} node
 * @property {string} text
 * @property {"setting" | "less" | "more"} kind
 * @property {Box | undefined} box none where there is no room for it
 */

/**
 * What was set, which features moved how much, and how probable answers are now: what was set first, then what moved most.
 * @param {Lab} lab @param {Iterable<number>} nodes @param {(node: number) => Box | undefined} boxOf of a node @param {number} rem its size
 * @returns {Badge[]}
 */
export function badgesOf(lab, nodes, boxOf, rem) {
  const { view } = lab;
  if (!view || !lab.isSteered) return [];
  const { graph, steered } = view;
  const badges = [...nodes].flatMap((node) => {
    if (graph.kind[node] === LOGIT) {
      const now = answerNow(lab, node);
      return now ? [{ node, ...now, weight: Infinity }] : [];
    }
    if (graph.kind[node] !== FEATURE) return [];
    const setting = settingOf(lab.address.steering, /** @type {string} */ (keyOfNode(graph, node)));
    const moved = steered?.features[node];
    const share = moved && moved.before !== 0 ? (moved.after - moved.before) / Math.abs(moved.before) : 0;
    if (!setting && Math.abs(share) < LEAST_MOVED) return [];
    const text = setting
      ? settingText(setting)
      : moved?.after === 0
        ? "silent"
        : share > 9.99
          ? "> +999 %"
          : `${share < 0 ? "−" : "+"}${Math.round(100 * Math.abs(share))} %`;
    const kind = /** @type {Badge["kind"]} */ (setting ? "setting" : share < 0 ? "less" : "more");
    return [{ node, text, kind, weight: setting ? Infinity : Math.abs(share) }];
  });
  badges.sort((a, b) => b.weight - a.weight);
  /** @type {Box[]} */ const placed = [];
  return badges.map(({ node, text, kind }) => {
    const place = boxOf(node);
    if (!place) return { node, text, kind, box: undefined };
    const [width, height] = [0.36 * rem * text.length + 0.5 * rem, 0.9 * rem];
    // Of an answer the share that it had stays in sight.
    const below = graph.kind[node] === LOGIT ? 0.45 * height : 0;
    const box = { x: place.x, y: place.y + place.height / 2 + below, width, height };
    const hidden = placed.some((each) => Math.abs(each.x - box.x) < (each.width + width) / 2 + 1 && Math.abs(each.y - box.y) < height + 1);
    if (!hidden) placed.push(box);
    return { node, text, kind, box: hidden ? undefined : box };
  });
}

/** Marks nodes so. @param {Lab} lab @param {Picture} picture */
export function markMoved(lab, picture) {
  const { elements, layout } = picture;
  for (const element of elements.values()) {
    element.querySelector(".moved")?.remove();
    element.classList.remove("set", "moved-less", "moved-more");
  }
  // On a stage they are larger.
  const rem = picture.rem * (Number(lab.colour("badge")) || 1);
  for (const { node, text, kind, box } of badgesOf(lab, elements.keys(), (each) => layout?.boxes.get(each), rem)) {
    const element = /** @type {SVGElement} */ (elements.get(node));
    element.classList.add(kind === "setting" ? "set" : `moved-${kind}`);
    const place = layout?.boxes.get(node);
    if (!box || !place) continue;
    const { width, height } = box;
    element.append(
      svg(
        "g",
        { class: `moved ${kind}`, transform: `translate(0 ${(box.y - place.y).toFixed(1)})` },
        svg("rect", { x: -width / 2, y: -height / 2, width, height, rx: height / 2 }),
        svg("text", {}, text),
      ),
    );
  }
}
