// What opens over the page closes again with Esc, or with a click elsewhere.

export function mountPopups() {
  /** @type {NodeListOf<HTMLDetailsElement>} */
  const popups = document.querySelectorAll('details[name="popup"]');
  document.addEventListener("pointerdown", (event) => {
    for (const each of popups) if (event.target instanceof Node && !each.contains(event.target)) each.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const open = [...popups].find((each) => each.open);
    if (event.key !== "Escape" || !open) return;
    event.stopImmediatePropagation(); // the selected node stays
    if (open.contains(document.activeElement)) open.querySelector("summary")?.focus();
    open.open = false;
  });
}
