// The browser's storage, which may be full, forbidden or spoiled: then nothing is kept, and nothing breaks.

/** Whether the story or all nodes were seen last. */
export const VIEW_KEY = "attograph-view";

/** In this browser, or in this tab as long as it is open. @typedef {"localStorage" | "sessionStorage"} Place */

/** @param {string} key @param {Place} [place] @returns {unknown} */
export function stored(key, place = "localStorage") {
  try {
    return JSON.parse(globalThis[place].getItem(key) ?? "null");
  } catch {
    return undefined;
  }
}

/** @param {string} key @param {unknown} value @param {Place} [place] @returns {boolean} whether it was kept */
export function store(key, value, place = "localStorage") {
  try {
    globalThis[place].setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** @param {string} key */
export function forget(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // What cannot be reached is not kept either.
  }
}

/** All keys that begin so. @param {string} start @returns {string[]} */
export function keysFrom(start) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(start));
  } catch {
    return [];
  }
}
