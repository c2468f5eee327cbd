// Operand plots as files keep them: the pixels of all in a row, a byte each, gzipped, in base64.

/** @import { FeaturePlace, NamedPlot } from "./messages.js" */

import { cleanLabel } from "./arrangement.js";

export const SIDE = 100; // operands along one edge of a plot

/** What is kept of a plot beside its pixels. @typedef {FeaturePlace & { max: number, label: string | undefined }} PlotEntry */

/** @param {(FeaturePlace & NamedPlot)[]} all @returns {Promise<{ plots: PlotEntry[], pixels: string }>} */
export async function packPlots(all) {
  const packed = new Blob(all.map(({ pixels }) => pixels)).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const plots = all.map(({ layer, position, index, max, label }) => ({ layer, position, index, max, label }));
  return { plots, pixels: base64(bytes) };
}

/** @param {Uint8Array} bytes */
function base64(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

/**
 * The plots that a file keeps; none where they cannot be read.
 * @param {{ plots: PlotEntry[], pixels: string }} kept
 * @returns {Promise<(FeaturePlace & NamedPlot)[]>}
 */
export async function plotsOf({ plots, pixels }) {
  const size = SIDE * SIDE;
  const all = new Uint8Array(plots.length * size);
  let filled = 0;
  try {
    const bytes = Uint8Array.from(atob(pixels), (character) => character.charCodeAt(0));
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
    for (let part = await reader.read(); part.value && filled + part.value.length <= all.length; part = await reader.read()) {
      all.set(part.value, filled);
      filled += part.value.length;
    }
    void reader.cancel();
  } catch {
    return [];
  }
  if (filled < all.length) return [];
  return plots.map(({ layer, position, index, max, label }, i) => ({
    layer,
    position,
    index,
    max,
    label: typeof label === "string" ? cleanLabel(label) : undefined,
    pixels: all.slice(i * size, (i + 1) * size),
  }));
}
