// The talk that is being made, kept in this browser; and the talk that a link brings.

/** @import { Talk } from "./talk.js" */

import { store, stored } from "../lab/storage.js";
import { readAddress } from "../lab/url.js";
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

/** A link to a talk: the page with its first step's model, and the talk behind that. @param {Talk} talk */
export async function linkToTalk(talk) {
  const [model] = modelsOf(talk);
  const page = location.href.split(/[?#]/)[0];
  return `${page}${model ? `?${new URLSearchParams({ model })}` : ""}#talk=${await packed(talk)}`;
}

/** The models that its steps are of, each once. @param {Talk} talk */
export function modelsOf({ steps }) {
  return [...new Set(steps.map(({ state }) => readAddress(state).model).filter((model) => model))];
}

/** Why a site with these models cannot show it, if it cannot. @param {Talk} talk @param {string[]} models none: they are not known yet */
export function faultOfModels(talk, models) {
  const other = modelsOf(talk).find((each) => models.length > 0 && !models.includes(each));
  return other && `Steps of this talk are of the model “${other}”, which this site does not have.`;
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
