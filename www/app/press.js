// What is redrawn between the press and the release of a button loses the click: such redraws wait for the release.

const CLICK_MS = 80; // between a finger's release and its click

/** What is held down. @type {Node | undefined} */
let held;
/** The last redraw that each element waits for. @type {Map<Element, () => void>} */
const waiting = new Map();

function release() {
  held = undefined;
  const draws = [...waiting.values()];
  waiting.clear();
  for (const draw of draws) draw();
}

addEventListener("pointerdown", ({ target }) => (held = target instanceof Node ? target : undefined), true);
for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) addEventListener(name, () => setTimeout(release, CLICK_MS), true);
// What a click itself changes is drawn at once.
addEventListener("click", () => (held = undefined), true);

/**
 * Redraws what an element holds: at once, or when nothing in it is held down any more.
 * @param {Element} element
 * @param {() => void} draw
 */
export function whenReleased(element, draw) {
  if (held && element.contains(held)) waiting.set(element, draw);
  else {
    waiting.delete(element);
    draw();
  }
}
