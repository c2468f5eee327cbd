// What an element is set to, as one line of text: a version, and what an address of the page says.

/** @import { Address } from "../lab/url.js" */
/** @import { Told } from "./shared-lab.js" */

import { senseless } from "../lab/address-names.js";
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

/** What a state says, and what is to be told of it. @typedef {{ address: Address, notice: StateNotice }} State */

/** That parts of a state make no sense, while the graph that it asked for is on show. */
export class StateNotice {
  /** @type {string | undefined} */ #prompt;

  /** @param {Set<string>} senselessParts */
  constructor(senselessParts) {
    this.told = senselessParts.size > 0 ? senseless("state", senselessParts) : undefined;
  }

  /** With a graph on show. @param {string} prompt its own @returns {Told | undefined} */
  with(prompt) {
    this.#prompt ??= prompt;
    return prompt === this.#prompt ? this.told : undefined;
  }
}

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
  return { address, notice: new StateNotice(leftOut) };
}
