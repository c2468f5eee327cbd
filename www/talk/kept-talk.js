// The talk that is being made, kept in this browser; and the talk that a link brings.

/** @import { Talk } from "./talk.js" */

import { store, stored } from "../app/storage.js";
import { checkedTalk, packed, unpacked } from "./talk.js";

const KEY = "attograph-talk";
const HASH = /^#talk(?:=(.*))?$/s;

/** @returns {Talk | undefined} */
export function keptTalk() {
  const found = stored(KEY);
  const talk = found ? checkedTalk(found) : undefined;
  return typeof talk === "object" ? talk : undefined;
}

/** @param {Talk} talk @returns {boolean} whether it was kept */
export function keepTalk({ title, steps }) {
  return store(KEY, { attograph_talk: 1, title, steps });
}

/** A link to a talk: the page's own address with the talk behind it. @param {Talk} talk */
export async function linkToTalk(talk) {
  return `${location.origin}${location.pathname}#talk=${await packed(talk)}`;
}

/**
 * The talk of this address.
 * @returns {Promise<Talk | "shipped" | { sentence: string } | undefined>} nothing: it names none
 */
export async function talkOfAddress() {
  const found = HASH.exec(location.hash);
  if (!found) return undefined;
  if (!found[1]) return "shipped";
  const talk = await unpacked(found[1]);
  return typeof talk === "string" ? { sentence: `The talk of this link cannot be shown. ${talk}` } : talk;
}
