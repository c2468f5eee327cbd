// What waits until one of some elements is on the screen.

/** @import { AttoElement } from "./atto-element.js" */

export class Sight {
  /** @type {(() => void) | undefined} */ #waiting;

  /** @param {Set<AttoElement>} elements */
  constructor(elements) {
    this.elements = elements;
  }

  /** Whether somebody can see one of them. */
  get isSeen() {
    return [...this.elements].some((each) => each.isSeen);
  }

  /** One of them came into sight. */
  seen() {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  /** Does what makes work now, or when somebody can see it: only the last of what waits counts. @param {() => void} act */
  whenSeen(act) {
    if (this.isSeen) act();
    else this.#waiting = act;
  }
}
