// The address bar: what one set is written into it, short enough for every host, and read from it.

/** @import { Rooted } from "./rooted.js" */
/** @import { Address } from "./url.js" */

import { inWords } from "./address-names.js";
import { lengthened, putOut, shortened } from "./long-parts.js";
import { queryOf, readAddress } from "./url.js";

const WAIT_MS = 400; // Safari refuses more than a hundred changes in half a minute
const PASSING_MS = 10_000; // what typing put away and replaced as soon is put out again
const LENGTH = { most: 2000, least: 600 }; // characters of an address, and what a query may have below any path

/** @typedef {{ about: string, sentence: string, advice: string }} Notice */
/** A link to what is set, and what it leaves to this browser. @typedef {ReturnType<typeof shortened> & { href: string }} Link */

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

/** What an address says, and what there is to say of it. @param {string} query */
function readLong(query) {
  const { search, missing } = lengthened(query);
  /** @type {Set<string>} */
  const leftOut = new Set();
  const address = readAddress(search, leftOut);
  const said = missing.length > 0 ? incomplete(missing) : leftOut.size > 0 ? spoiled([...leftOut]) : undefined;
  return { address, said };
}

/** The address bar of the page. */
export class AddressBar {
  /** Whether it was said that the browser keeps nothing. */
  #warned = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #lastWritten = -Infinity;
  /** Of the history's entry on show. */
  #written = location.search;
  /** What this entry put away as something new, and when. @type {{ key: string, since: number } | undefined} */ #putAway;
  /** Called with what there is to say of an address. @type {(notice: Notice) => void} */ #notify = () => {};

  /** What the address says; what there is to say of it is told later. */
  now() {
    return readLong(location.search);
  }

  /** A link to all of it that stays good. @param {Address} address @returns {Link} */
  link(address) {
    this.#putAway = undefined;
    return this.#link(address);
  }

  /** @param {Address} address */
  #link(address) {
    const base = location.origin + location.pathname;
    const room = Math.max(LENGTH.least, LENGTH.most - base.length - location.hash.length);
    const found = shortened(queryOf(address), room);
    return { ...found, href: found.query + location.hash };
  }

  /** Writes the address in place, now or soon: typing makes no history. @param {Address} address */
  write(address) {
    const since = performance.now() - this.#lastWritten;
    if (since >= WAIT_MS) this.#writeNow(address);
    else this.#timer ||= setTimeout(() => this.#writeNow(address), WAIT_MS - since);
  }

  /** @param {Address} address */
  #writeNow(address) {
    this.#stopWaiting();
    const now = (this.#lastWritten = performance.now());
    const { href, parts, kept, added } = this.#link(address);
    const putAway = this.#putAway;
    const passing = putAway && now - putAway.since < PASSING_MS && !href.includes(putAway.key) ? putAway : undefined;
    if (passing) putOut(passing.key);
    if (passing || added) this.#putAway = added === undefined ? undefined : { key: added, since: now };
    if (!kept && !this.#warned) {
      this.#warned = true;
      const sentence = `This browser keeps nothing for this page, and an address is too short for ${inWords(parts)}: a reload would lose them.`;
      const advice = "“Keep and share” saves the graph as a JSON file, with its pins, groups and labels.";
      this.#notify({ about: "address", sentence, advice });
    }
    this.#put("replaceState", href || location.pathname);
  }

  #stopWaiting() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** @param {"replaceState" | "pushState"} how @param {string} href */
  #put(how, href) {
    try {
      history[how](null, "", href);
    } catch {
      // In a frame without an origin, or after too many changes; the next change tries again.
    }
    this.#written = location.search;
  }

  /** Leaves what is on show as an entry of the history; what changes from here on is the next one. @param {Address} address */
  keep(address) {
    this.#writeNow(address);
    this.#putAway = undefined; // the entry that is left still names it
    this.#put("pushState", location.href);
    this.#lastWritten = -Infinity; // what comes is written at once, so that Back finds another address
  }

  /**
   * Calls when Back or Forward goes to another address; a link within the page is none.
   * @param {Rooted} rooted as long as it lives
   * @param {(address: Address) => void} listener
   * @param {(notice: Notice) => void} notify what there is to say of addresses
   */
  follow(rooted, listener, notify) {
    this.#notify = notify;
    rooted.listen(window, "popstate", () => {
      if (location.search === this.#written) return;
      this.#stopWaiting();
      this.#putAway = undefined;
      this.#written = location.search;
      const { address, said } = this.now();
      listener(address);
      if (said) notify(said);
    });
  }
}

/** The address of a lab that is not the page's own: it is nobody's to write, but links can be made of it. @type {Bar} */
export const NO_BAR = {
  link: (address) => {
    const query = queryOf(address);
    return { query, href: query, parts: [], kept: true, added: undefined };
  },
  keep() {},
  write() {},
};

/** What a lab asks of an address bar. @typedef {Pick<AddressBar, "link" | "keep" | "write">} Bar */
