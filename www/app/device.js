// What the visitor's device has: texts speak of keys and of pointing only where there are a keyboard and a pointer.

/** Whether fingers are all that one points with. */
export const byTouch = matchMedia("(pointer: coarse)").matches && !matchMedia("(any-pointer: fine)").matches;

/** A hint with the key that does the same, where there are keys. @param {string} hint @param {string} keys */
export function withKeys(hint, keys) {
  return byTouch ? hint : `${hint} (${keys})`;
}

/** Adds the keys to the hints of the page's own buttons, which name them in `data-keys`. */
export function mountKeys() {
  document.documentElement.classList.toggle("by-touch", byTouch);
  if (byTouch) return;
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-keys]"))) {
    const { keys = "" } = button.dataset;
    button.title = button.title ? withKeys(button.title, keys) : keys;
  }
}
