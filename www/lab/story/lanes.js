// The lanes of a story: what the cards of each path stand in, where the paths stand apart. Plain geometry.

/** @import { Box } from "./flows.js" */

import { svg } from "../dom.js";

/** What each path knows, from left to right. */
const LANES = /** @type {const} */ ([
  ["magnitude", "Sizes"],
  ["ones", "Last digits"],
]);
const ROOM = { beside: 0.3, above: 1.45, below: 0.5, name: [0.65, 1.05] }; // rem

/**
 * @param {string[]} paths of each item
 * @param {(item: number) => Box | undefined} boxOf
 * @param {number} rem pixels
 * @returns {SVGElement[]} none where a card of the one path stands below or above one of the other
 */
export function lanesOf(paths, boxOf, rem) {
  const lanes = LANES.map(([path, name]) => {
    const boxes = paths.flatMap((own, i) => (own === path ? (boxOf(i) ?? []) : []));
    const left = Math.min(...boxes.map(({ x, width }) => x - width / 2)) - ROOM.beside * rem;
    const right = Math.max(...boxes.map(({ x, width }) => x + width / 2)) + ROOM.beside * rem;
    const top = Math.min(...boxes.map(({ y, height }) => y - height / 2)) - ROOM.above * rem;
    const bottom = Math.max(...boxes.map(({ y, height }) => y + height / 2)) + ROOM.below * rem;
    return { path, name, left, right, top, bottom, cards: boxes.length };
  });
  const [sizes, digits] = lanes;
  // One card is no lane.
  if (lanes.some(({ cards }) => cards < 2) || sizes.right > digits.left + ROOM.beside * rem) return [];
  return lanes.flatMap(({ path, name, left, right, top, bottom }) => {
    const [inside, under] = ROOM.name.map((each) => each * rem);
    const outer = path === "ones" ? { x: right - inside, "text-anchor": "end" } : { x: left + inside, "text-anchor": "start" };
    const band = { x: left, y: top, width: right - left, height: bottom - top, rx: 12, class: `lane ${path}` };
    return [svg("rect", band), svg("text", { ...outer, y: top + under, class: `lane-name ${path}` }, name)];
  });
}
