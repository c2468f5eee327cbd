// The subgraph under the pointer: a click picks and selects, a drag moves a card, and what it is over lights up.

/** @import { Item } from "./items.js" */
/** @import { Card } from "./places.js" */
/** @import { Subgraph } from "./subgraph.js" */

import { within } from "./places.js";

const DRAG_PX = 4; // less is a click

/** @param {Subgraph} subgraph */
export function followPointer(subgraph) {
  const { lab, pane, root } = subgraph;
  /** @type {{ item: Item, card: Card, x: number, y: number, moved: boolean } | undefined} */
  let drag;

  root.addEventListener("pointerdown", (event) => {
    const item = subgraph.itemAt(event);
    const card = item && subgraph.cards.get(item);
    if (!item || !card || event.button !== 0) return;
    drag = { item, card: { ...card }, x: event.clientX, y: event.clientY, moved: false };
    root.setPointerCapture(event.pointerId);
  });

  root.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const { item } = drag;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!drag.moved && Math.hypot(dx, dy) < DRAG_PX) return;
    drag.moved = true;
    const card = within({ ...drag.card, x: drag.card.x + dx, y: drag.card.y + dy }, pane.clientWidth, subgraph.height);
    subgraph.move(item, card);
  });

  root.addEventListener("pointerup", (event) => {
    const ended = drag;
    drag = undefined;
    const card = ended && subgraph.cards.get(ended.item);
    if (ended?.moved && card)
      return lab.arrange(
        `move ${ended.item.key} ${event.timeStamp}`,
        ({ places }) => (places[ended.item.key] = [card.x / pane.clientWidth, card.y / subgraph.height]),
      );
    // The pointer is captured, so the event's target is not what lies under it.
    const under = document.elementFromPoint(event.clientX, event.clientY);
    const member = under?.closest("g.member");
    const item = ended?.item;
    const { picked } = subgraph;
    if (!item) {
      picked.clear();
      return subgraph.light();
    }
    const more = event.shiftKey || event.ctrlKey || event.metaKey;
    if (!more) picked.clear();
    if (more && picked.has(item.key)) picked.delete(item.key);
    else picked.add(item.key);
    subgraph.focus(item.key);
    const node = member instanceof SVGElement ? lab.view?.indexOf.get(member.dataset.node ?? "") : item.nodes[0];
    if (!more && node !== undefined) lab.select(node);
    subgraph.light();
  });

  root.addEventListener("pointercancel", () => (drag = undefined));
  root.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "touch" && !drag) lab.hover(subgraph.itemAt(event)?.nodes[0]);
  });
  root.addEventListener("pointerleave", () => lab.hover(undefined));
}
