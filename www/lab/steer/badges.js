// What became of nodes while features are set, on the nodes themselves.

/** @import { Lab } from "../lab.js" */
/** @import { Picture } from "../graph/picture.js" */

import { svg } from "../dom.js";
import { FEATURE, LOGIT } from "../kinds.js";
import { answerNow } from "./shifted.js";
import { keyOfNode, settingOf, settingText } from "./steering.js";

const LEAST_MOVED = 0.05; // of its activation, to be marked

/** Marks on the nodes what was set, which features moved how much, and how probable answers are now. @param {Lab} lab @param {Picture} picture */
export function markMoved(lab, picture) {
  const { view } = lab;
  for (const element of picture.elements.values()) {
    element.querySelector(".moved")?.remove();
    element.classList.remove("set", "moved-less", "moved-more");
  }
  if (!view || !lab.isSteered) return;
  const { graph, steered } = view;
  const badges = [...picture.elements].flatMap(([node, element]) => {
    if (graph.kind[node] === LOGIT) {
      const now = answerNow(lab, node);
      return now ? [{ node, element, ...now, weight: Infinity }] : [];
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
    return [{ node, element, text, kind: setting ? "setting" : share < 0 ? "less" : "more", weight: setting ? Infinity : Math.abs(share) }];
  });
  // Where there is no room for all, what was set comes first, then what moved most; of the others their frame tells.
  badges.sort((a, b) => b.weight - a.weight);
  // On a stage they are larger.
  const rem = picture.rem * (Number(lab.colour("badge")) || 1);
  /** @type {{ x: number, y: number, width: number }[]} */ const placed = [];
  for (const { node, element, text, kind } of badges) {
    element.classList.add(kind === "setting" ? "set" : `moved-${kind}`);
    const box = picture.layout?.boxes.get(node);
    if (!box) continue;
    const width = 0.36 * rem * text.length + 0.5 * rem;
    const height = 0.9 * rem;
    const [x, y] = [box.x, box.y + box.height / 2];
    if (placed.some((each) => Math.abs(each.x - x) < (each.width + width) / 2 + 1 && Math.abs(each.y - y) < height + 1)) continue;
    placed.push({ x, y, width });
    element.append(
      svg(
        "g",
        { class: `moved ${kind}`, transform: `translate(0 ${(box.height / 2).toFixed(1)})` },
        svg("rect", { x: -width / 2, y: -height / 2, width, height, rx: height / 2 }),
        svg("text", {}, text),
      ),
    );
  }
}
