// The arrows of a story: which are drawn, and how. Plain geometry.

/** @import { Story } from "../engine-api.js" */

import { curveOf } from "../../graph/curves.js";
import { svg } from "../dom.js";

const WEAK = 0.05; // share of the strongest below which an arrow is drawn at its own card alone, or as the strongest that a card has
const MOST_INTO = 5; // the same of more arrows into one card
const WIDTH = { least: 1, most: 9 };

/** @typedef {{ x: number, y: number, width: number, height: number }} Box its middle and its size, in pixels */

/**
 * The arrows between cards of different rows, the weakest first.
 * @param {Story} story @param {(item: number) => Box | undefined} boxOf @param {number | undefined} lit an item whose arrows all stand out
 * @returns {SVGElement[]}
 */
export function flowsOf({ flows, items }, boxOf, lit) {
  const up = flows.filter(([source, target]) => items[source].row < items[target].row);
  const most = Math.abs(up[0]?.[2] ?? 0);
  const into = new Array(items.length).fill(0);
  const strong = new Set(up.filter(([, target, weight]) => Math.abs(weight) >= WEAK * most && into[target]++ < MOST_INTO));
  // No card stands there without what leads to it, and where it leads.
  const strongest = items.flatMap((_, i) => [up.find(([source]) => source === i), up.find(([, target]) => target === i)]);
  for (const flow of strongest) if (flow) strong.add(flow);
  const drawn = up.filter((flow) => {
    const [source, target, weight] = flow;
    const own = lit === source || lit === target;
    return strong.has(flow) || (own && Math.abs(weight) >= (WEAK * most) / 5);
  });
  return drawn.reverse().flatMap(([source, target, weight]) => {
    const [from, to] = [boxOf(source), boxOf(target)];
    if (!from || !to) return [];
    const share = Math.abs(weight) / most;
    const [x, y, x1, y1, x2, y2, x3, y3] = curveOf(/** @type {any} */ (from), /** @type {any} */ (to)).map(
      (each) => Math.round(each * 10) / 10,
    );
    const look = {
      d: `M${x} ${y}C${x1} ${y1} ${x2} ${y2} ${x3} ${y3}`,
      "stroke-width": (WIDTH.least + (WIDTH.most - WIDTH.least) * share).toFixed(1),
      "stroke-opacity": (0.3 + 0.6 * Math.sqrt(share)).toFixed(2),
      class: `${weight < 0 ? "takes" : "adds"}${lit === source || lit === target ? " own" : ""}`,
    };
    return [svg("path", look)];
  });
}
