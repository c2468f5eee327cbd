// Where the panel of the selected node lies below the window, as on a phone, a button at the window's foot says what is selected and goes there.

/** @import { Lab } from "./lab.js" */

import { itemOf } from "./story/told.js";
import { inOrder, titleOf } from "./story/words.js";

const OWN_HEIGHT = 64; // pixels at the foot of the window that the button takes

/** @param {Lab} lab */
export function mountPanelBelow(lab) {
  const button = lab.part("panel-below");
  const panel = lab.part("inspector");
  const name = button.querySelector("span") ?? button;

  /** Whether it is there, and begins below the window. */
  function isBelow() {
    const { top, height } = panel.getBoundingClientRect();
    return height > 0 && top > innerHeight - OWN_HEIGHT;
  }

  /** By its card, where the story is on show. @param {number} node */
  function titled(node) {
    const { graph } = lab.view ?? {};
    const item = itemOf(lab, node);
    if (!graph || item?.kind !== "features") return lab.nameOf(node);
    const nodes = inOrder(graph, item);
    return nodes.length > 1 ? `${titleOf(graph, item)}, ${nodes.indexOf(node) + 1} of ${nodes.length}` : titleOf(graph, item);
  }

  function show() {
    const node = lab.selected;
    button.hidden = node === undefined || !isBelow();
    if (node !== undefined && !button.hidden) name.textContent = titled(node);
  }

  button.addEventListener("click", () => {
    panel.focus({ preventScroll: true });
    panel.scrollIntoView({ block: "start" });
  });
  lab.listen(document, "scroll", show);
  // What opens or closes above the panel moves it, or takes it away.
  const sizes = new ResizeObserver(show);
  for (const each of [document.documentElement, panel]) sizes.observe(each);
  lab.lifetime.addEventListener("abort", () => sizes.disconnect());
  lab.watch(() => [lab.selected, lab.view, lab.view?.story, lab.shown, lab.arrangement, lab.features.names, lab.plots.arrivals], show);
}
