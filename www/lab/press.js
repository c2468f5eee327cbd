// What is redrawn between the press and the release of a button loses the click: such redraws wait for the release.

/** @import { Rooted } from "./rooted.js" */

import { Changes } from "./store.js";

const CLICK_MS = 80; // between a finger's release and its click

export class Presses {
  /** What is held down. @type {Node | undefined} */ #held;
  #releases = new Changes();
  /** The last redraw that each element waits for. @type {Map<Element, () => void>} */ #waiting = new Map();

  /** @param {Rooted} rooted */
  constructor(rooted) {
    const capture = { capture: true };
    rooted.listen(window, "pointerdown", (event) => (this.#held = /** @type {Node | undefined} */ (event.composedPath()[0])), capture);
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"]))
      rooted.listen(window, name, () => setTimeout(() => this.#release(), CLICK_MS), capture);
    // What a click itself changes is drawn at once.
    rooted.listen(window, "click", () => (this.#held = undefined), capture);
  }

  #release() {
    this.#held = undefined;
    const draws = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const draw of draws) draw();
    this.#releases.notify();
  }

  /** Whether something in an element is held down; an effect that asks is done again at the release. @param {Element} element */
  holds(element) {
    return this.#held !== undefined && element.contains(this.#held) && this.#releases.seen >= 0;
  }

  /**
   * Redraws what an element holds: at once, or when nothing in it is held down any more.
   * @param {Element} element
   * @param {() => void} draw
   */
  whenReleased(element, draw) {
    if (this.#held && element.contains(this.#held)) this.#waiting.set(element, draw);
    else {
      this.#waiting.delete(element);
      draw();
    }
  }
}
