// What an address says: everything that one set, so that a link shows the same again.

/** @import { Arrangement } from "./arrangement.js" */
/** @import { Steering } from "./steer/steering.js" */
/** @import { EngineChoice, Target, Thresholds, Transcoder } from "./messages.js" */

import { checkedArrangement } from "./arrangement.js";
import { cutPrompt, MOST_CHARACTERS } from "./prompt-length.js";
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
const NAME_LENGTH = 200; // characters of a model's, a node's or a token's name
const MOST_TARGETS = 10;
export const ZOOM = { least: 0.25, most: 4 };

/**
 * Reads an address as far as it makes sense.
 * @param {string} search with nothing put away
 * @param {Set<string>} [leftOut] gets the names of what made no sense, wholly or in part
 * @returns {Address}
 */
export function readAddress(search, leftOut = new Set()) {
  const query = new URLSearchParams(search);
  /** @template {string} T @param {string} name @param {readonly T[]} known @returns {T | undefined} */
  const oneOf = (name, known) => {
    const value = query.get(name);
    const found = known.find((each) => each === value);
    if (value && found === undefined) leftOut.add(name);
    return found;
  };
  const short = (/** @type {string} */ name) => {
    const value = query.get(name) ?? undefined;
    if (value === undefined || value.length <= NAME_LENGTH) return value;
    leftOut.add(name);
  };
  const number = (/** @type {string} */ name, /** @type {number} */ least, /** @type {number} */ most, /** @type {number} */ otherwise) => {
    const text = query.get(name)?.trim();
    const value = text ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    if (text) leftOut.add(name);
    return otherwise;
  };
  const prompt = (/** @type {string} */ name) => {
    const text = query.get(name) ?? undefined;
    if (text !== undefined && text.length > MOST_CHARACTERS) leftOut.add(name);
    return text === undefined ? undefined : cutPrompt(text);
  };
  const steering = checkedSteering(query.get("steer"), query.get("mode"));
  const settings = (query.get("steer") ?? "").split(",").filter((each) => each);
  if (new Set(settings.map((each) => each.split("=")[0])).size > Object.keys(steering.set).length) leftOut.add("steer");
  if (query.get("mode") && query.get("mode") !== steering.mode) leftOut.add("mode");
  return {
    model: short("model") ?? "",
    transcoder: oneOf("transcoder", /** @type {const} */ (["cross-layer", "per-layer"])) ?? "cross-layer",
    engine: oneOf("engine", /** @type {const} */ (["auto", "cpu", "gpu"])) ?? "auto",
    prompt: prompt("prompt"),
    target: readTarget(query, leftOut),
    thresholds: { node: number("node", 0, 1, NODE), edge: number("edge", 0, 1, EDGE), density: number("density", 0, 1, 1) },
    selected: short("selected"),
    arrangement: readArrangement(query, leftOut),
    steering,
    grade: oneOf("grade", ["1"]) === "1",
    compare: prompt("compare") || undefined,
    large: oneOf("large", ["1"]) === "1",
    zoom: number("zoom", ZOOM.least, ZOOM.most, 1),
    theme: oneOf("theme", /** @type {const} */ (["light", "dark"])),
  };
}

/** @param {URLSearchParams} query @param {Set<string>} leftOut @returns {Target} */
function readTarget(query, leftOut) {
  const tokens = query.getAll("target");
  const minus = query.get("minus");
  const fit = tokens.filter((token) => token.length <= NAME_LENGTH).slice(0, MOST_TARGETS);
  if (fit.length < tokens.length) leftOut.add("target");
  if (fit.length === 0) return { kind: "answers" };
  return minus === null ? { kind: "tokens", tokens: fit } : { kind: "difference", token: fit[0], minus: minus.slice(0, NAME_LENGTH) };
}

/** @param {URLSearchParams} query @param {Set<string>} leftOut */
function readArrangement(query, leftOut) {
  const list = (/** @type {string} */ name) => {
    const text = query.get(name);
    if (!text) return undefined;
    const found = json(text);
    if (!Array.isArray(found)) leftOut.add(name);
    return Array.isArray(found) ? found : undefined;
  };
  const pinned = query.get("pinnedIds")?.split(",");
  const raw = { pinned, supernodes: list("supernodes"), open: list("open"), labels: list("clerps"), places: list("sg_pos") };
  const found = checkedArrangement(raw);
  const count = (/** @type {unknown[] | undefined} */ pairs) => new Set(pairs?.map((pair) => (Array.isArray(pair) ? pair[0] : pair))).size;
  const kept = new Set(found.pinned);
  if (pinned?.some((id) => id !== "" && !kept.has(id))) leftOut.add("pinnedIds");
  if ((raw.supernodes?.length ?? 0) > found.supernodes.length) leftOut.add("supernodes");
  if (count(raw.labels) > Object.keys(found.labels).length) leftOut.add("clerps");
  if (count(raw.places) > Object.keys(found.places).length) leftOut.add("sg_pos");
  return found;
}

/** @param {string} text @returns {unknown} */
function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** All of it, however long. Names of pins, groups and labels are those of the other viewers. @param {Address} address */
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
  if (arrangement.supernodes.length > 0)
    query.set("supernodes", JSON.stringify(arrangement.supernodes.map(({ label, ids }) => [label, ...ids])));
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
