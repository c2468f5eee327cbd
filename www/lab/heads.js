// In words: through which attention heads an edge passes, and how much of it stays in the residual stream.

/** @import { Lab } from "./lab.js" */

import { percent, signed } from "./format.js";

const NAMED = 2;
const LEAST = 0.1; // share of the edge below which a head is not named

/**
 * @param {Lab} lab
 * @param {number} source
 * @param {number} target
 * @param {number} weight of the edge
 * @returns {{ short: string, long: string } | undefined} nothing where that was not computed
 */
export function wayOf(lab, source, target, weight) {
  const { view } = lab;
  const { carried } = view ?? {};
  if (!carried || !view) return undefined;
  const pair = carried.sources.findIndex((each, i) => each === source && carried.targets[i] === target);
  if (pair < 0 || weight === 0) return undefined;
  const { layers } = view.graph;
  const across = carried.values.length / carried.sources.length / layers; // heads, and what passes them by
  const heads = [];
  for (let layer = 0; layer < layers; layer++) {
    for (let head = 0; head < across - 1; head++) {
      const value = carried.values[(pair * layers + layer) * across + head];
      if (Math.abs(value / weight) >= LEAST) heads.push({ name: `${layer}.${head}`, value });
    }
  }
  heads.sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  if (heads.length === 0)
    return { short: "residual stream", long: "This edge passes through no attention head to speak of: it stays in the residual stream." };
  const named = heads
    .slice(0, NAMED)
    .map(({ name }) => name)
    .join(", ");
  return {
    short: `head ${named}${heads.length > NAMED ? ", …" : ""}`,
    long:
      "Attention heads that carry this edge, layer.head: " +
      `${heads.map(({ name, value }) => `${name} ${signed(value)} (${percent(value / weight)})`).join("; ")}. ` +
      "Paths through several layers count once in each.",
  };
}
