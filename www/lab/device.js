// What the visitor's device has: texts speak of keys and of pointing only where there are a keyboard and a pointer.

/** @import { Rooted } from "./rooted.js" */

/** Whether fingers are all that one points with. */
export const byTouch = matchMedia("(pointer: coarse)").matches && !matchMedia("(any-pointer: fine)").matches;

/** A hint with the key that does the same, where there are keys. @param {string} hint @param {string} keys */
export function withKeys(hint, keys) {
  return byTouch ? hint : `${hint} (${keys})`;
}

/** Adds the keys to the hints of the markup's buttons, which name them in `data-keys`. @param {Rooted} rooted */
export function mountKeys({ root }) {
  root.classList.toggle("by-touch", byTouch);
  if (byTouch) return;
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-keys]"))) {
    const { keys = "" } = button.dataset;
    button.title = button.title ? withKeys(button.title, keys) : keys;
  }
}
