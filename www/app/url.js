// The address bar: everything that one set, so that a link shows the same again.

/** @import { EngineChoice, Thresholds, Transcoder } from "./messages.js" */

/**
 * @typedef {object} Address
 * @property {string} model empty: the site's first
 * @property {Transcoder} transcoder
 * @property {EngineChoice} engine
 * @property {string | undefined} prompt nothing: the model's first example
 * @property {Thresholds} thresholds
 * @property {string | undefined} selected id of a node
 * @property {"light" | "dark" | undefined} theme nothing: the system's
 */

const NODE = 0.8;
const EDGE = 0.98;
const WAIT_MS = 250; // browsers refuse a hundred changes in a few seconds

/** @param {string} search @returns {Address} */
export function readAddress(search) {
  const query = new URLSearchParams(search);
  const engine = query.get("engine");
  const theme = query.get("theme");
  return {
    model: query.get("model") ?? "",
    transcoder: query.get("transcoder") === "per-layer" ? "per-layer" : "cross-layer",
    engine: engine === "gpu" || engine === "cpu" ? engine : "auto",
    prompt: query.get("prompt") ?? undefined,
    thresholds: { node: share(query.get("node"), NODE), edge: share(query.get("edge"), EDGE) },
    selected: query.get("selected") ?? undefined,
    theme: theme === "light" || theme === "dark" ? theme : undefined,
  };
}

/** @param {string | null} text @param {number} otherwise */
function share(text, otherwise) {
  const value = text === null || text === "" ? NaN : Number(text);
  return value >= 0 && value <= 1 ? value : otherwise;
}

/** @param {Address} address */
export function queryOf(address) {
  const query = new URLSearchParams();
  if (address.model) query.set("model", address.model);
  if (address.transcoder !== "cross-layer") query.set("transcoder", address.transcoder);
  if (address.prompt !== undefined) query.set("prompt", address.prompt);
  if (address.engine !== "auto") query.set("engine", address.engine);
  if (address.thresholds.node !== NODE) query.set("node", String(address.thresholds.node));
  if (address.thresholds.edge !== EDGE) query.set("edge", String(address.thresholds.edge));
  if (address.selected !== undefined) query.set("selected", address.selected);
  if (address.theme) query.set("theme", address.theme);
  const text = query.toString();
  return text ? `?${text}` : location.pathname;
}

let timer = 0;
let written = location.search; // of the history's entry on show

/** Writes the address soon, in place: typing makes no history. @param {Address} address */
export function writeAddress(address) {
  clearTimeout(timer);
  timer = setTimeout(writeNow, WAIT_MS, address);
}

/** @param {Address} address */
function writeNow(address) {
  clearTimeout(timer);
  history.replaceState(null, "", queryOf(address) + location.hash);
  written = location.search;
}

/** Leaves what is on show as an entry of the history; what changes from here on is the next one. @param {Address} address */
export function keepInHistory(address) {
  writeNow(address);
  history.pushState(null, "", location.href);
}

/** Calls when Back or Forward goes to another address; a link within the page is none. @param {(address: Address) => void} listener */
export function onHistory(listener) {
  addEventListener("popstate", () => {
    if (location.search === written) return;
    clearTimeout(timer);
    written = location.search;
    listener(readAddress(location.search));
  });
}
