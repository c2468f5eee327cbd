// Moves through the graph with the arrow keys: to the nearest node that way.

/** @import { Layout } from "../../graph/layout.js" */

/** @type {Record<string, [number, number]>} */
const DIRECTIONS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** More than any way along a row. */
const OTHER_ROW = 1e6;

/**
 * @param {Layout} layout
 * @param {number} from node
 * @param {string} key
 * @returns {number | undefined} the node to go to; undefined for other keys and at the border
 */
export function neighbour(layout, from, key) {
  const direction = DIRECTIONS[key];
  const here = layout.boxes.get(from);
  if (!direction || !here) return undefined;
  const [dx, dy] = direction;
  let best;
  let least = Infinity;
  for (const box of layout.boxes.values()) {
    const along = (box.x - here.x) * dx + (box.y - here.y) * dy;
    const aside = Math.abs((box.x - here.x) * dy) + Math.abs((box.y - here.y) * dx);
    if (along < 4) continue;
    // Sideways keys stay in their row as long as it goes on; up and down look straight ahead first.
    const cost = along + aside * (dx ? 6 : 1.5) + (dx && aside >= 4 ? OTHER_ROW : 0);
    if (cost < least) [best, least] = [box.node, cost];
  }
  return best;
}
