// What opens over the page closes again with Esc, or with a click elsewhere: one thing at a time, the selected node before the panel that
// stands in the graph's place.

/** @import { Lab } from "./lab.js" */

/** @param {Lab} lab */
export function mountPopups(lab) {
  /** @type {NodeListOf<HTMLDetailsElement>} */
  const popups = lab.root.querySelectorAll('details[name="popup"]');
  lab.listen(document, "pointerdown", (event) => {
    for (const each of popups) if (event.target instanceof Node && !each.contains(event.target)) each.open = false;
  });
  lab.listen(document, "keydown", (event) => {
    const open = [...popups].find((each) => each.open);
    if (event.key !== "Escape") return;
    if (!open) return lab.root.querySelector("dialog[open]") ? event.stopImmediatePropagation() : closePanel();
    event.stopImmediatePropagation(); // the selected node stays
    if (open.contains(lab.focused)) open.querySelector("summary")?.focus();
    open.open = false;
  });
  function closePanel() {
    if (lab.selected !== undefined) return;
    const shown = ["grade", "compare"].find((name) => !lab.part(name).hidden);
    if (shown) lab.part(`${shown}-close`).click();
    else if (!lab.part("attention").hidden) lab.address.head = undefined;
  }
}
