// What a reader sets: features at positions, each to a multiple or a value, and what is held as it was. Plain data, and its checks.

/** @import { Graph } from "../messages.js" */

import { FEATURE } from "../kinds.js";

/**
 * @typedef {object} Steering
 * @property {Record<string, string>} set by `LAYER/FEATURE@POSITION`: a multiple as `x-1`, a value as `3.5`
 * @property {string} mode as the engine reads it
 */
/** @typedef {{ layer: number, index: number, position: number, times: number | undefined, to: number | undefined }} Setting */

const MOST = 200; // features that an address may set
const KEY = /^(\d{1,4})\/(\d{1,7})@(\d{1,5})$/;
const VALUE = /^x?-?\d{1,6}(\.\d{1,6})?$/;
const LAYERS = /^constrained:(\d{1,4})-(\d{1,4})$/;
export const TIMES = { least: -5, most: 5 };
export const FREE = "free";

/** What can be held; the first is the model as it is. @type {{ mode: string, name: string, says: string }[]} */
export const MODES = [
  { mode: FREE, name: "Nothing frozen", says: "The model as it is: everything responds to what was set." },
  { mode: "patterns", name: "Attention frozen", says: "Attention patterns stay as they were; MLPs and norms respond." },
  {
    mode: "constrained",
    name: "Constrained to layers",
    says:
      "Attention patterns and the MLPs of these layers stay as they were, and what was set is written in " +
      "these layers alone; other MLPs respond.",
  },
  {
    mode: "direct",
    name: "Direct effects",
    says: "Everything stays as it was but the features that were set: these are the graph’s edges.",
  },
];

/** @returns {Steering} */
export function noSteering() {
  return { set: {}, mode: FREE };
}

/**
 * Makes a steering of what an address says; what makes no sense is left out.
 * @param {string | null} settings
 * @param {string | null} mode
 * @returns {Steering}
 */
export function checkedSteering(settings, mode) {
  const found = noSteering();
  for (const each of (settings ?? "").split(",").slice(0, MOST)) {
    const [key, value] = each.split("=");
    if (KEY.test(key) && VALUE.test(value ?? "")) found.set[key] = value;
  }
  if (mode === "direct" || mode === "patterns" || layersOf(mode)) found.mode = /** @type {string} */ (mode);
  return found;
}

/** The layers of a constrained mode, first and last. @param {string | null} mode @returns {[number, number] | undefined} */
export function layersOf(mode) {
  const found = LAYERS.exec(mode ?? "");
  return found ? [Number(found[1]), Number(found[2])] : undefined;
}

/** @param {{ layer: number, index: number, position: number }} place */
export function keyOf({ layer, index, position }) {
  return `${layer}/${index}@${position}`;
}

/** @param {Graph} graph @param {number} node */
export function keyOfNode(graph, node) {
  return graph.kind[node] === FEATURE
    ? keyOf({ layer: graph.layer[node], index: graph.index[node], position: graph.position[node] })
    : undefined;
}

/** @param {Steering} steering @param {string} key @returns {Setting | undefined} */
export function settingOf({ set }, key) {
  const place = KEY.exec(key);
  const value = set[key];
  if (!place || value === undefined) return undefined;
  const [layer, index, position] = place.slice(1).map(Number);
  const times = value.startsWith("x") ? Number(value.slice(1)) : undefined;
  return { layer, index, position, times, to: times === undefined ? Number(value) : undefined };
}

/** A setting in few words: `off`, `×−1`, `= 3.5`. @param {Setting} setting */
export function settingText({ times, to }) {
  const written = (/** @type {number} */ value) => String(Math.round(value * 100) / 100).replace("-", "−");
  if (times === 0 || to === 0) return "off";
  return times === undefined ? `= ${written(/** @type {number} */ (to))}` : `×${written(times)}`;
}

/** A number as settings have it. @param {number} value */
export function numberText(value) {
  return String(Math.round(value * 1e4) / 1e4);
}

/** What applies to a prompt of so many tokens, as the engine reads it. @param {Steering} steering @param {number} tokens */
export function settingsFor(steering, tokens) {
  const keys = Object.keys(steering.set).filter((key) => Number(key.split("@")[1]) < tokens);
  return { settings: keys.map((key) => `${key}=${steering.set[key]}`), mode: steering.mode };
}
