// Scripts that come later, and come once. One that did not arrive is asked for at another address when it is asked for again: a browser may
// keep the failure for as long as the page stands (Chromium 148 does).

/**
 * @template T
 * @param {() => Promise<T>} load an `import()`
 * @returns {() => Promise<T>} the same, which may be called until it succeeds
 */
export function triedAgain(load) {
  /** @type {Promise<T> | undefined} */ let coming;
  let missing = "";
  let tries = 0;
  return () => {
    coming ??= (missing ? import(`${missing}?${++tries}`) : load()).catch((error) => {
      coming = undefined;
      missing ||= addressIn(String(error));
      throw error;
    });
    return /** @type {Promise<T>} */ (coming);
  };
}

/** The script of ours that a browser says did not arrive, if it says which. @param {string} sentence */
function addressIn(sentence) {
  const found = /\bhttps?:\/\/\S+/.exec(sentence)?.[0] ?? "";
  // A page that is one file has scripts without addresses.
  const own = URL.canParse("..", import.meta.url) ? new URL("..", import.meta.url).href : undefined;
  return own && found.startsWith(own) ? found : "";
}

/** What the first graph needs none of. */
export const laterParts = triedAgain(() => import("./parts.js"));
/** What the panel says of a node. */
export const inspectedParts = triedAgain(() => import("./inspected.js"));
