// In words: through which attention heads an edge passes, and how much of it stays in the residual stream; or what a derivative has of
// where heads look, of norms and of errors.

/** @import { Lab } from "./lab.js" */

import { percent, signed } from "./format.js";

const NAMED = 2;
const LEAST = 0.1; // share of the edge below which a head is not named

/** In few words, of which some are of a head; and in a sentence. @typedef {{ short: WayPart[], long: string }} Way */
/** @typedef {{ text: string, layer?: number, head?: number }} WayPart */

/**
 * @param {Lab} lab
 * @param {number} source
 * @param {number} target
 * @param {number} weight of the edge
 * @returns {Way | undefined} nothing where that was not computed
 */
export function wayOf(lab, source, target, weight) {
  const { view } = lab;
  const { carried } = view ?? {};
  if (!carried || !view) return undefined;
  const pair = carried.sources.findIndex((each, i) => each === source && carried.targets[i] === target);
  if (pair < 0 || weight === 0) return undefined;
  const { layers, hold } = view.graph;
  if (hold !== "patterns,norms") return waysOf(carried.values, pair, carried.sources.length, layers, weight);
  const across = carried.values.length / carried.sources.length / layers; // heads, and what passes them by
  const heads = [];
  for (let layer = 0; layer < layers; layer++) {
    for (let head = 0; head < across - 1; head++) {
      const value = carried.values[(pair * layers + layer) * across + head];
      if (Math.abs(value / weight) >= LEAST) heads.push({ text: `${layer}.${head}`, layer, head, value });
    }
  }
  heads.sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  if (heads.length === 0)
    return {
      short: [{ text: "residual stream" }],
      long: "This edge passes through no attention head to speak of: it stays in the residual stream.",
    };
  return {
    short: [{ text: "head " }, ...heads.slice(0, NAMED), ...(heads.length > NAMED ? [{ text: "…" }] : [])],
    long:
      "Attention heads that carry this edge, layer.head: " +
      `${heads.map(({ text, value }) => `${text} ${signed(value)} (${signedPercent(value / weight)})`).join("; ")}. ` +
      "Paths through several layers count once in each.",
  };
}

/**
 * The shares of a derivative, as `Trace.shares` has them.
 * @param {Float32Array} values @param {number} pair @param {number} pairs @param {number} layers @param {number} weight of the edge
 */
function waysOf(values, pair, pairs, layers, weight) {
  const across = values.length / pairs;
  const [held, norms, errors, ...looks] = values.subarray(pair * across, (pair + 1) * across);
  const heads = looks.length / layers / 2;
  /** @type {(WayPart & { long: string, value: number })[]} */
  const ways = [
    { text: "values", long: "values and the residual stream", value: held },
    { text: "norms", long: "norms", value: norms },
    { text: "errors", long: "what MLPs answer beyond the features", value: errors },
  ];
  for (let i = 0; i < looks.length / 2; i++) {
    const [query, key] = looks.slice(2 * i, 2 * i + 2);
    const [layer, head] = [Math.floor(i / heads), i % heads];
    const long = `where head ${layer}.${head} looks (query ${signed(query)}, key ${signed(key)})`;
    ways.push({ text: `where ${layer}.${head} looks`, layer, head, long, value: query + key });
  }
  const large = ways.filter(({ value }) => Math.abs(value / weight) >= LEAST).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  return {
    short: large.slice(0, NAMED).map((each) => ({ ...each, text: `${each.text} ${wholePercent(each.value / weight)}` })),
    long: `Of this derivative: ${large.map(({ long, value }) => `${signed(value)} (${signedPercent(value / weight)}) through ${long}`).join("; ")}.`,
  };
}

/** @param {number} share of which the sign is told where it is negative */
const signedPercent = (share) => `${share < 0 ? "−" : ""}${percent(Math.abs(share))}`;

/** @param {number} share */
function wholePercent(share) {
  const whole = Math.round(100 * share);
  return `${whole < 0 ? "−" : ""}${Math.abs(whole)} %`;
}
