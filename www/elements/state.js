// What an element is set to, as one line of text: a version, and what an address of the page says.

/** @import { Address } from "../lab/url.js" */

import { queryOf, readAddress } from "../lab/url.js";

/** Of the texts that `getState()` gives and the page's “Embed…” writes. */
export const VERSION = "1";
/** Nothing is set. */
export const EMPTY = `${VERSION}?`;
const MOST = 100_000; // characters

/** @param {Address} address @returns {string} */
export function stateOf(address) {
  const query = queryOf(address);
  return VERSION + (query.startsWith("?") ? query : "?");
}

/** @param {unknown} state @returns {Address} @throws {RangeError} with a sentence */
export function readState(state) {
  if (typeof state !== "string") throw new RangeError("A state is a text, as getState() gives it.");
  if (state.length > MOST) throw new RangeError(`A state of ${state.length.toLocaleString("en")} characters is too long.`);
  const at = state.indexOf("?");
  if (at < 0 || state.slice(0, at) !== VERSION)
    throw new RangeError(`This state is none of version ${VERSION}, which this Attograph reads.`);
  return readAddress(state.slice(at));
}
