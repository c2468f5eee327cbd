// The fields of an address: each is read from a query and written into one by the same entry of one table.

/** @import { Arrangement } from "./arrangement.js" */
/** @import { Reading, Target } from "./messages.js" */
/** @import { Address } from "./url.js" */

import { checkedArrangement } from "./arrangement.js";
import { cutPrompt, MOST_CHARACTERS } from "./prompt-length.js";
import { checkedSteering, FREE } from "./steer/steering.js";

const NAME_LENGTH = 200; // characters of a model's, a node's or a token's name
const MOST_TARGETS = 10;
export const ZOOM = { least: 0.02, most: 4 };
/** How much of the influence is on show at first, and up to which share of tokens a feature may be active. */
const THRESHOLDS = { node: 0.8, edge: 0.98, density: 1 };

/** What edges may take as given: first what they do where nothing is said. @type {Reading[]} */
export const READINGS = ["patterns,norms", "patterns", "norms", "errors", "nothing"];

/**
 * @template {keyof Address} K
 * @typedef {object} Field
 * @property {K} key
 * @property {(query: URLSearchParams, leftOut: Set<string>) => Address[K]} read adds the names of what makes no sense to `leftOut`
 * @property {(value: Address[K], query: URLSearchParams, address: Address) => void} write nothing where it is as it is at first
 */

/**
 * @template {keyof Address} K
 * @param {K} key @param {Field<K>["read"]} read @param {Field<K>["write"]} write
 * @returns {Field<keyof Address>}
 */
const field = (key, read, write) => /** @type {any} */ ({ key, read, write });

/** One of some words, the first of which is not written. @param {keyof Address} key @param {string[]} known */
function choice(key, known) {
  return field(
    key,
    (query, leftOut) => {
      const value = query.get(key);
      const found = known.find((each) => each === value);
      if (value && found === undefined) leftOut.add(key);
      return /** @type {never} */ (found ?? known[0]);
    },
    (value, query) => value !== known[0] && value !== undefined && query.set(key, String(value)),
  );
}

/** Yes, as 1, or no. @param {keyof Address} key @param {(address: Address) => boolean} [applies] else it is not written */
function flag(key, applies = () => true) {
  const { read } = choice(key, ["", "1"]);
  return field(
    key,
    (query, leftOut) => /** @type {never} */ (/** @type {unknown} */ (read(query, leftOut)) === "1"),
    (value, query, address) => value && applies(address) && query.set(key, "1"),
  );
}

/** A text of one form, or none. @param {"head" | "view" | "theme"} key @param {RegExp} form */
function matching(key, form) {
  return field(
    key,
    (query, leftOut) => {
      const text = query.get(key) || undefined;
      if (text === undefined || form.test(text)) return /** @type {never} */ (text);
      leftOut.add(key);
    },
    (text, query) => text && query.set(key, String(text)),
  );
}

/** @param {URLSearchParams} query @param {string} name @param {Set<string>} leftOut */
function shortText(query, name, leftOut) {
  const value = query.get(name) ?? undefined;
  if (value === undefined || value.length <= NAME_LENGTH) return value;
  leftOut.add(name);
}

/** @param {"prompt" | "compare"} key @param {boolean} empty whether an empty one is one */
function promptField(key, empty) {
  return field(
    key,
    (query, leftOut) => {
      const text = query.get(key) ?? undefined;
      if (text !== undefined && text.length > MOST_CHARACTERS) leftOut.add(key);
      const cut = text === undefined ? undefined : cutPrompt(text);
      return cut || (empty ? cut : undefined);
    },
    (value, query) => value !== undefined && (empty || value) && query.set(key, value),
  );
}

/**
 * @param {URLSearchParams} query @param {string} name @param {{ least: number, most: number, otherwise: number }} range
 * @param {Set<string>} leftOut
 */
function number(query, name, { least, most, otherwise }, leftOut) {
  const text = query.get(name)?.trim();
  const value = text ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  if (text) leftOut.add(name);
  return otherwise;
}

/** All of an address, in the order in which it is written. */
export const FIELDS = [
  field(
    "model",
    (query, leftOut) => shortText(query, "model", leftOut) ?? "",
    (model, query) => model && query.set("model", model),
  ),
  choice("transcoder", ["cross-layer", "per-layer"]),
  promptField("prompt", true),
  field("target", readTarget, (target, query) => {
    if (target.kind === "tokens") for (const token of target.tokens) query.append("target", token);
    if (target.kind !== "difference") return;
    query.set("target", target.token);
    query.set("minus", target.minus);
  }),
  choice("hold", READINGS),
  choice("engine", ["auto", "cpu", "gpu"]),
  field(
    "thresholds",
    (query, leftOut) => {
      const share = (/** @type {keyof typeof THRESHOLDS} */ name) =>
        number(query, name, { least: 0, most: 1, otherwise: THRESHOLDS[name] }, leftOut);
      return { node: share("node"), edge: share("edge"), density: share("density") };
    },
    (thresholds, query) => {
      for (const name of /** @type {const} */ (["node", "edge", "density"]))
        if (thresholds[name] !== THRESHOLDS[name]) query.set(name, String(thresholds[name]));
    },
  ),
  field(
    "selected",
    (query, leftOut) => shortText(query, "selected", leftOut),
    (selected, query) => selected !== undefined && query.set("selected", selected),
  ),
  field("arrangement", readArrangement, writeArrangement),
  field(
    "steering",
    (query, leftOut) => {
      const steering = checkedSteering(query.get("steer"), query.get("mode"));
      const settings = (query.get("steer") ?? "").split(",").filter((each) => each);
      if (new Set(settings.map((each) => each.split("=")[0])).size > Object.keys(steering.set).length) leftOut.add("steer");
      if (query.get("mode") && query.get("mode") !== steering.mode) leftOut.add("mode");
      return steering;
    },
    ({ set, mode }, query) => {
      const settings = Object.entries(set).map(([key, value]) => `${key}=${value}`);
      if (settings.length > 0) query.set("steer", settings.join(","));
      if (settings.length > 0 && mode !== FREE) query.set("mode", mode);
    },
  ),
  flag("grade"),
  matching("head", /^\d{1,3}\.\d{1,3}@\d{1,5}(-\d{1,5}){0,2}$/),
  promptField("compare", false),
  flag("large", ({ arrangement }) => arrangement.pinned.length > 0),
  field(
    "zoom",
    (query, leftOut) => number(query, "zoom", { ...ZOOM, otherwise: 1 }, leftOut),
    (zoom, query) => zoom !== 1 && query.set("zoom", String(Math.round(zoom * 100) / 100)),
  ),
  matching("view", /^(story|nodes)$/),
  matching("theme", /^(light|dark)$/),
];

/** @param {URLSearchParams} query @param {Set<string>} leftOut @returns {Target} */
function readTarget(query, leftOut) {
  const tokens = query.getAll("target");
  const minus = query.get("minus");
  const isName = (/** @type {string} */ token) => token !== "" && token.length <= NAME_LENGTH;
  const fit = tokens.filter(isName).slice(0, MOST_TARGETS);
  if (fit.length < tokens.length) leftOut.add("target");
  if (minus === null) return fit.length === 0 ? { kind: "answers" } : { kind: "tokens", tokens: fit };
  // One is taken away from one.
  if (isName(minus) && fit.length === 1) return { kind: "difference", token: fit[0], minus };
  leftOut.add("minus");
  return fit.length === 0 ? { kind: "answers" } : { kind: "tokens", tokens: fit };
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

/** Names of pins, groups and labels are those of the other viewers. @param {Arrangement} arrangement @param {URLSearchParams} query */
function writeArrangement(arrangement, query) {
  const { pinned, supernodes, labels, places } = arrangement;
  if (pinned.length > 0) query.set("pinnedIds", pinned.join(","));
  if (supernodes.length > 0) query.set("supernodes", JSON.stringify(supernodes.map(({ label, ids }) => [label, ...ids])));
  const open = supernodes.flatMap((each, i) => (each.open ? [i] : []));
  if (open.length > 0) query.set("open", JSON.stringify(open));
  if (Object.keys(labels).length > 0) query.set("clerps", JSON.stringify(Object.entries(labels)));
  if (Object.keys(places).length > 0) query.set("sg_pos", placesText(arrangement));
}

/** @param {string} text @returns {unknown} */
function json(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Places in the subgraph as one line of text, for addresses and files. @param {Arrangement} arrangement */
export function placesText({ places }) {
  return JSON.stringify(Object.entries(places).map(([id, place]) => [id, ...place.map((share) => Math.round(share * 1000) / 1000)]));
}
