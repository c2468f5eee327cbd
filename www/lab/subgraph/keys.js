// The subgraph by keyboard: arrows walk from item to item, with Alt they move one, and letters are commands.

/** @import { Card } from "./places.js" */
/** @import { Subgraph } from "./subgraph.js" */

import { within } from "./places.js";

const NUDGE = 0.02; // of the pane, a key press

/** @type {Record<string, [number, number]>} */
const DIRECTIONS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

/** @param {Subgraph} subgraph */
export function followKeys(subgraph) {
  const { lab, pane, root, commands } = subgraph;
  /** @type {Record<string, () => void>} */
  const byKey = {
    g: () => commands.group(),
    u: () => commands.ungroup(),
    r: () => commands.rename(),
    o: () => commands.open(),
    s: () => commands.steer(),
    delete: () => commands.unpin(),
    backspace: () => commands.unpin(),
  };

  root.addEventListener("keydown", (event) => {
    const item = subgraph.itemAt(event);
    const card = item && subgraph.cards.get(item);
    if (!item || !card || event.ctrlKey || event.metaKey) return;
    const direction = DIRECTIONS[event.key];
    const command = byKey[event.key.toLowerCase()];
    if (direction && event.altKey) {
      const [x, y] = [card.x + direction[0] * NUDGE * pane.clientWidth, card.y + direction[1] * NUDGE * subgraph.height];
      const moved = within({ ...card, x, y }, pane.clientWidth, subgraph.height);
      lab.arrange(`nudge ${item.key}`, ({ places }) => (places[item.key] = [moved.x / pane.clientWidth, moved.y / subgraph.height]));
    } else if (direction) {
      const next = nearest(subgraph, card, direction);
      if (next) subgraph.focus(next.key);
    } else if (event.key === "Enter") lab.select(item.nodes[0]);
    else if (event.key === " ") {
      if (!subgraph.picked.delete(item.key)) subgraph.picked.add(item.key);
      subgraph.light();
    } else if (command) command();
    else return;
    event.preventDefault();
  });
}

/** The next item in a direction. @param {Subgraph} subgraph @param {Card} from @param {[number, number]} direction */
function nearest({ cards }, from, [dx, dy]) {
  let best;
  let least = Infinity;
  for (const [item, card] of cards) {
    const along = (card.x - from.x) * dx + (card.y - from.y) * dy;
    const aside = Math.abs((card.x - from.x) * dy) + Math.abs((card.y - from.y) * dx);
    if (along > 4 && along + 2 * aside < least) [best, least] = [item, along + 2 * aside];
  }
  return best;
}
