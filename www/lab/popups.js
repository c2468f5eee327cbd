// What opens over the page closes again with Esc, or with a click elsewhere.

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
    if (event.key !== "Escape" || !open) return;
    event.stopImmediatePropagation(); // the selected node stays
    if (open.contains(lab.focused)) open.querySelector("summary")?.focus();
    open.open = false;
  });
}
