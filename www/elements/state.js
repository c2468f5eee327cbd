// What an element is set to, as one line of text: a version, and what an address of the page says.

/** @import { Address } from "../lab/url.js" */
/** @import { Told } from "./shared-lab.js" */

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

/** What a state says, and what is to be told of it. @typedef {{ address: Address, told: Told | undefined }} State */

/** @param {unknown} state @returns {State} @throws {RangeError} with a sentence */
export function readState(state) {
  if (typeof state !== "string") throw new RangeError("A state is a text, as getState() gives it.");
  if (state.length > MOST) throw new RangeError(`A state of ${state.length.toLocaleString("en")} characters is too long.`);
  const at = state.indexOf("?");
  if (at < 0 || state.slice(0, at) !== VERSION)
    throw new RangeError(`This state is none of version ${VERSION}, which this Attograph reads.`);
  /** @type {Set<string>} */
  const leftOut = new Set();
  const address = readAddress(state.slice(at), leftOut);
  // By the names that its author wrote.
  const sentence = `No sense in this state: ${[...leftOut].join(", ")}.`;
  return { address, told: leftOut.size > 0 ? { sentence, advice: "" } : undefined };
}
