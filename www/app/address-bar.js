// The address bar: what one set is written into it, short enough for every host, and read from it.

/** @import { Address } from "./url.js" */

import { inWords, lengthened, putOut, shortened } from "./long-parts.js";
import { queryOf, readAddress } from "./url.js";

const WAIT_MS = 400; // Safari refuses more than a hundred changes in half a minute
const PASSING_MS = 10_000; // what typing put away and replaced as soon is put out again
const LENGTH = { most: 2000, least: 600 }; // characters of an address, and what a query may have below any path

/** @typedef {{ about: string, sentence: string, advice: string }} Notice */

/** Called with what there is to say of an address. @type {(notice: Notice) => void} */
let tell = () => {};
/** Whether it was said that the browser keeps nothing. */
let warned = false;

/** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
let lastWritten = -Infinity;
let written = location.search; // of the history's entry on show
/** What this entry put away as something new, and when. @type {{ key: string, since: number } | undefined} */
let putAway;

/** A link to all of it that stays good, and what it leaves to this browser. @param {Address} address */
export function linkTo(address) {
  putAway = undefined;
  return linkNow(address);
}

/** @param {Address} address */
function linkNow(address) {
  const base = location.origin + location.pathname;
  const room = Math.max(LENGTH.least, LENGTH.most - base.length - location.hash.length);
  const found = shortened(queryOf(address), room);
  return { ...found, href: found.query + location.hash };
}

/** What the address says; what there is to say of it is told later. */
export function addressNow() {
  const { search, missing } = lengthened(location.search);
  /** @type {Set<string>} */
  const leftOut = new Set();
  const address = readAddress(search, leftOut);
  const said = missing.length > 0 ? incomplete(missing) : leftOut.size > 0 ? spoiled([...leftOut]) : undefined;
  return { address, said };
}

/** @param {string[]} missing @returns {Notice} */
function incomplete(missing) {
  const sentence = `This address leaves ${inWords(missing)} to the browser in which it was made, and this one does not have them.`;
  return {
    about: "address",
    sentence,
    advice: "Open it there, or ask for the graph as a JSON file. If it was made here, the browser’s storage was cleared since.",
  };
}

/** @param {string[]} names @returns {Notice} */
function spoiled(names) {
  return {
    about: "address",
    sentence: `Not all of this address makes sense here: of ${inWords(names)} some or all was left out.`,
    advice: "The rest is as the address says.",
  };
}

/** Writes the address in place, now or soon: typing makes no history. @param {Address} address */
export function writeAddress(address) {
  const since = performance.now() - lastWritten;
  if (since >= WAIT_MS) writeNow(address);
  else timer ||= setTimeout(writeNow, WAIT_MS - since, address);
}

/** @param {Address} address */
function writeNow(address) {
  clearTimeout(timer);
  timer = undefined;
  lastWritten = performance.now();
  const { href, parts, kept, added } = linkNow(address);
  const passing = putAway && lastWritten - putAway.since < PASSING_MS && !href.includes(putAway.key) ? putAway : undefined;
  if (passing) putOut(passing.key);
  if (passing || added) putAway = added === undefined ? undefined : { key: added, since: lastWritten };
  if (!kept && !warned) {
    warned = true;
    const sentence = `This browser keeps nothing for this page, and an address is too short for ${inWords(parts)}: a reload would lose them.`;
    tell({ about: "address", sentence, advice: "“Keep and share” saves the graph as a JSON file, with its pins, groups and labels." });
  }
  put("replaceState", href || location.pathname);
}

/** @param {"replaceState" | "pushState"} how @param {string} href */
function put(how, href) {
  try {
    history[how](null, "", href);
  } catch {
    // In a frame without an origin, or after too many changes; the next change tries again.
  }
  written = location.search;
}

/** Leaves what is on show as an entry of the history; what changes from here on is the next one. @param {Address} address */
export function keepInHistory(address) {
  writeNow(address);
  putAway = undefined; // the entry that is left still names it
  put("pushState", location.href);
  lastWritten = -Infinity; // what comes is written at once, so that Back finds another address
}

/**
 * Calls when Back or Forward goes to another address; a link within the page is none.
 * @param {(address: Address) => void} listener
 * @param {(notice: Notice) => void} said what there is to say of addresses
 */
export function onHistory(listener, said) {
  tell = said;
  addEventListener("popstate", () => {
    if (location.search === written) return;
    clearTimeout(timer);
    timer = undefined;
    putAway = undefined;
    written = location.search;
    const now = addressNow();
    listener(now.address);
    if (now.said) tell(now.said);
  });
}
