// The long parts of an address, kept in this browser: hosts refuse addresses of more than some 8 KB.

import { NAMES } from "./address-names.js";
import { forget, keysFrom, store, stored } from "./storage.js";

const KEPT = "attograph-kept-";
const VERSION = 1;
const BOUNDS = { entries: 100, characters: 1_500_000 }; // of some five million that browsers give a site

/** @typedef {{ version: number, time: number, query: string }} Entry */

/** What was put away in this visit, also where the browser keeps nothing. @type {Map<string, string>} */
const here = new Map();

/**
 * Leaves the longest parts of a query to the browser, until the rest is short enough.
 * @param {string} query with its question mark
 * @param {number} most characters
 * @returns {{ query: string, parts: string[], kept: boolean, added: string | undefined }} `parts` were put away; `kept`: a reload finds
 *   them; `added`: the key, if it is a new one
 */
export function shortened(query, most) {
  if (query.length <= most) return { query, parts: [], kept: true, added: undefined };
  const rest = new URLSearchParams(query);
  const away = new URLSearchParams();
  const length = (/** @type {string} */ name) => new URLSearchParams(rest.getAll(name).map((value) => [name, value])).toString().length;
  let short = query;
  let key = "";
  while (short.length > most) {
    const [longest] = [...new Set(rest.keys())].filter((name) => Object.hasOwn(NAMES, name)).sort((a, b) => length(b) - length(a));
    if (longest === undefined) break;
    for (const value of rest.getAll(longest)) away.append(longest, value);
    rest.delete(longest);
    key = keyOf(away.toString());
    short = `?${new URLSearchParams([...rest, ["kept", [key, ...new Set(away.keys())].join(".")]])}`;
  }
  const added = here.has(key) || entry(key) ? undefined : key;
  return { query: short, parts: [...new Set(away.keys())], kept: keep(key, away.toString()), added };
}

/**
 * Puts the long parts back.
 * @param {string} search
 * @returns {{ search: string, missing: string[] }} the parts that this browser does not have
 */
export function lengthened(search) {
  const query = new URLSearchParams(search);
  const [key, ...parts] = (query.get("kept") ?? "").split(".");
  if (!key) return { search, missing: [] };
  query.delete("kept");
  const found = here.get(key) ?? entry(key)?.query;
  // Another content than the key says is not what the address meant.
  if (found === undefined || keyOf(found) !== key)
    return { search: `?${query}`, missing: parts.filter((part) => Object.hasOwn(NAMES, part)) };
  for (const [name, value] of new URLSearchParams(found)) if (Object.hasOwn(NAMES, name)) query.append(name, value);
  keep(key, found); // used last
  return { search: `?${query}`, missing: [] };
}

/** @param {string} key of what no address names any more */
export function putOut(key) {
  here.delete(key);
  forget(KEPT + key);
}

/** @param {string} key @param {string} query @returns {boolean} whether the browser keeps it */
function keep(key, query) {
  here.set(key, query);
  const oldest = keysFrom(KEPT)
    .filter((name) => name !== KEPT + key)
    .map((name) => ({ name, time: 0, query: "", ...entry(name.slice(KEPT.length)) }))
    .sort((a, b) => a.time - b.time);
  let characters = oldest.reduce((sum, each) => sum + each.query.length, query.length);
  /** @type {Entry} */
  const value = { version: VERSION, time: Date.now(), query };
  for (;;) {
    const fits = oldest.length < BOUNDS.entries && characters <= BOUNDS.characters;
    if (fits && store(KEPT + key, value)) return true;
    const gone = oldest.shift();
    if (!gone) return false;
    characters -= gone.query.length;
    forget(gone.name);
  }
}

/** @param {string} key @returns {Entry | undefined} */
function entry(key) {
  const it = /** @type {Entry | null | undefined} */ (stored(KEPT + key));
  return it?.version === VERSION && typeof it.time === "number" && typeof it.query === "string" ? it : undefined;
}

/** A short key of a content: 64 bits, mixed as FNV-1a does, from either end. @param {string} text */
function keyOf(text) {
  let forward = 0x811c9dc5;
  let backward = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    forward = Math.imul(forward ^ text.charCodeAt(i), 0x01000193);
    backward = Math.imul(backward ^ text.charCodeAt(text.length - 1 - i), 0x01000193);
  }
  return (forward >>> 0).toString(36) + (backward >>> 0).toString(36);
}
