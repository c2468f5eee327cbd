// The address bar: everything that one set, so that a link shows the same again.

/** @import { Arrangement } from "./arrangement.js" */
/** @import { Steering } from "./steer/steering.js" */
/** @import { EngineChoice, Target, Thresholds, Transcoder } from "./messages.js" */

import { checkedArrangement } from "./arrangement.js";
import { checkedSteering, FREE } from "./steer/steering.js";

/**
 * @typedef {object} Address
 * @property {string} model empty: the site's first
 * @property {Transcoder} transcoder
 * @property {EngineChoice} engine
 * @property {string | undefined} prompt nothing: the model's first example
 * @property {Target} target what the graph explains
 * @property {Thresholds} thresholds
 * @property {string | undefined} selected id of a node
 * @property {Arrangement} arrangement
 * @property {Steering} steering features set to values
 * @property {boolean} grade whether the graph's grade is on show
 * @property {string | undefined} compare a second prompt
 * @property {boolean} large whether the subgraph takes the graph's place
 * @property {number} zoom
 * @property {"light" | "dark" | undefined} theme nothing: the system's
 */

const NODE = 0.8;
const EDGE = 0.98;
const WAIT_MS = 400; // Safari refuses more than a hundred changes in half a minute
export const ZOOM = { least: 0.25, most: 4 };

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
    target: readTarget(query),
    thresholds: { node: number(query.get("node"), 0, 1, NODE), edge: number(query.get("edge"), 0, 1, EDGE), density: number(query.get("density"), 0, 1, 1) },
    selected: query.get("selected") ?? undefined,
    arrangement: checkedArrangement({
      pinned: query.get("pinnedIds")?.split(","),
      supernodes: json(query.get("supernodes")),
      open: json(query.get("open")),
      labels: json(query.get("clerps")),
      places: json(query.get("sg_pos")),
    }),
    steering: checkedSteering(query.get("steer"), query.get("mode")),
    grade: query.get("grade") === "1",
    compare: query.get("compare") || undefined,
    large: query.get("large") === "1",
    zoom: number(query.get("zoom"), ZOOM.least, ZOOM.most, 1),
    theme: theme === "light" || theme === "dark" ? theme : undefined,
  };
}

/** @param {URLSearchParams} query @returns {Target} */
function readTarget(query) {
  const tokens = query.getAll("target").slice(0, 10);
  const minus = query.get("minus");
  if (tokens.length === 0) return { kind: "answers" };
  return minus === null ? { kind: "tokens", tokens } : { kind: "difference", token: tokens[0], minus };
}

/** @param {string | null} text @param {number} least @param {number} most @param {number} otherwise */
function number(text, least, most, otherwise) {
  const value = text === null || text === "" ? NaN : Number(text);
  return value >= least && value <= most ? value : otherwise;
}

/** @param {string | null} text */
function json(text) {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Names of pins, groups and labels are those of the other viewers. @param {Address} address */
export function queryOf(address) {
  const query = new URLSearchParams();
  const { target, arrangement } = address;
  if (address.model) query.set("model", address.model);
  if (address.transcoder !== "cross-layer") query.set("transcoder", address.transcoder);
  if (address.prompt !== undefined) query.set("prompt", address.prompt);
  if (target.kind === "tokens") for (const token of target.tokens) query.append("target", token);
  if (target.kind === "difference") {
    query.set("target", target.token);
    query.set("minus", target.minus);
  }
  if (address.engine !== "auto") query.set("engine", address.engine);
  if (address.thresholds.node !== NODE) query.set("node", String(address.thresholds.node));
  if (address.thresholds.edge !== EDGE) query.set("edge", String(address.thresholds.edge));
  if (address.thresholds.density < 1) query.set("density", String(address.thresholds.density));
  if (address.selected !== undefined) query.set("selected", address.selected);
  if (arrangement.pinned.length > 0) query.set("pinnedIds", arrangement.pinned.join(","));
  if (arrangement.supernodes.length > 0) query.set("supernodes", JSON.stringify(arrangement.supernodes.map(({ label, ids }) => [label, ...ids])));
  const open = arrangement.supernodes.flatMap((each, i) => (each.open ? [i] : []));
  if (open.length > 0) query.set("open", JSON.stringify(open));
  if (Object.keys(arrangement.labels).length > 0) query.set("clerps", JSON.stringify(Object.entries(arrangement.labels)));
  if (Object.keys(arrangement.places).length > 0) query.set("sg_pos", placesText(arrangement));
  const settings = Object.entries(address.steering.set).map(([key, value]) => `${key}=${value}`);
  if (settings.length > 0) query.set("steer", settings.join(","));
  if (settings.length > 0 && address.steering.mode !== FREE) query.set("mode", address.steering.mode);
  if (address.grade) query.set("grade", "1");
  if (address.compare) query.set("compare", address.compare);
  if (address.large && arrangement.pinned.length > 0) query.set("large", "1");
  if (address.zoom !== 1) query.set("zoom", String(Math.round(address.zoom * 100) / 100));
  if (address.theme) query.set("theme", address.theme);
  const text = query.toString();
  return text ? `?${text}` : location.pathname;
}

/** Places in the subgraph as one line of text, for addresses and files. @param {Arrangement} arrangement */
export function placesText({ places }) {
  return JSON.stringify(Object.entries(places).map(([id, place]) => [id, ...place.map((share) => Math.round(share * 1000) / 1000)]));
}

let timer = 0;
let lastWritten = -Infinity;
let written = location.search; // of the history's entry on show

/** Writes the address in place, now or soon: typing makes no history. @param {Address} address */
export function writeAddress(address) {
  const since = performance.now() - lastWritten;
  if (since >= WAIT_MS) writeNow(address);
  else timer ||= setTimeout(writeNow, WAIT_MS - since, address);
}

/** @param {Address} address */
function writeNow(address) {
  clearTimeout(timer);
  timer = 0;
  lastWritten = performance.now();
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
    timer = 0;
    written = location.search;
    listener(readAddress(location.search));
  });
}
