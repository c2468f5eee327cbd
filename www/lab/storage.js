// The browser's storage, which may be full, forbidden or spoiled: then nothing is kept, and nothing breaks.

/** Whether the story or all nodes were seen last. */
export const VIEW_KEY = "attograph-view";

/** @param {string} key @returns {unknown} */
export function stored(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return undefined;
  }
}

/** @param {string} key @param {unknown} value @returns {boolean} whether it was kept */
export function store(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** What this tab alone keeps, as long as it is open. @param {string} key @returns {unknown} */
export function storedHere(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null");
  } catch {
    return undefined;
  }
}

/** @param {string} key @param {unknown} value */
export function storeHere(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // As with all that is kept.
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
