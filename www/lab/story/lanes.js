// The lanes of a story: what the cards of each path stand in, where the paths stand apart. What is on no path stands between them, with
// room of its own. Plain geometry.

/** @import { StoryItem } from "../engine-api.js" */
/** @import { Box } from "./flows.js" */

import { svg } from "../dom.js";
import { pathOf } from "./words.js";

/** What each path knows, from left to right. */
const LANES = /** @type {const} */ ([
  ["magnitude", "Sizes"],
  ["ones", "Last digits"],
]);
const ROOM = { beside: 0.3, above: 1.45, below: 0.5, name: [0.65, 1.05], between: 0.45 }; // rem

/** Whether each path has cards enough for a lane; one is none. @param {StoryItem[]} items */
export function hasLanes(items) {
  return LANES.every(([path]) => items.filter((item) => pathOf(item) === path).length > 1);
}

/**
 * @param {StoryItem[]} items
 * @param {(item: number) => Box | undefined} boxOf
 * @param {number} highest where the first row of cards begins, with its name where that stands above them
 * @param {number} rem pixels
 * @returns {SVGElement[]} none where a card of the one path stands below or above one of the other
 */
export function lanesOf(items, boxOf, highest, rem) {
  if (!hasLanes(items)) return [];
  const boxesOf = (/** @type {string} */ path) =>
    items.flatMap((item, i) => (item.kind === "features" && pathOf(item) === path ? (boxOf(i) ?? []) : []));
  const [sizes, digits] = LANES.map(([path]) => around(boxesOf(path), ROOM.beside * rem));
  if (sizes.right > digits.left + ROOM.beside * rem) return [];
  const [inside, under] = ROOM.name.map((each) => each * rem);
  const y = highest - ROOM.above * rem;
  const lanes = LANES.flatMap(([path, name], i) => {
    const { left, right, bottom } = [sizes, digits][i];
    const outer = i > 0 ? { x: right - inside, "text-anchor": "end" } : { x: left + inside, "text-anchor": "start" };
    const band = { x: left, y, width: right - left, height: bottom + ROOM.below * rem - y, rx: 12, class: `lane ${path}` };
    return [svg("rect", band), svg("text", { ...outer, y: y + under, class: `lane-name ${path}` }, name)];
  });
  const room = ROOM.between * rem;
  const between = boxesOf("").map(({ x, y, width, height }) => {
    const size = { width: width + 2 * room, height: height + 2 * room };
    return svg("rect", { x: x - size.width / 2, y: y - size.height / 2, ...size, rx: 12, class: "between-lanes" });
  });
  return [...lanes, ...between];
}

/** The edges of what is around some boxes. @param {Box[]} boxes @param {number} beside room left and right of them, in pixels */
function around(boxes, beside) {
  return {
    left: Math.min(...boxes.map(({ x, width }) => x - width / 2)) - beside,
    right: Math.max(...boxes.map(({ x, width }) => x + width / 2)) + beside,
    bottom: Math.max(...boxes.map(({ y, height }) => y + height / 2)),
  };
}
