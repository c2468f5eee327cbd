// A recorded graph, read into the shapes that the page draws live graphs from.

/** @import { View, Detail } from "../view.js" */
/** @import { Pruned, Story } from "../engine-api.js" */
/** @import { Between, FeaturePlace, Graph, Manifest, NamedPlot } from "../messages.js" */

import { folderOf, OWN } from "../model-files.js";
import { plotsOf } from "../packed-plots.js";

const SMALL = ["samples.json", "features.json"];

/**
 * What the build writes of an example: see `src/command/record.rs`, and `xtask/src/recorded.rs` for the plots and the sums of files.
 * @typedef {object} Written
 * @property {string} model
 * @property {string} prompt
 * @property {string} transcoder
 * @property {[number, number]} thresholds of nodes and of edges
 * @property {Record<string, string>} files SHA-256 of the model's files, by path
 * @property {boolean} bare
 * @property {string[]} tokens
 * @property {Graph["answers"]} answers
 * @property {Graph["whole"] | null} whole
 * @property {string[]} targets
 * @property {number} layers
 * @property {{ id: string, kind: number, layer: number, position: number, index: number, activation: number, influence: number, shown:
 *   boolean }[]} nodes
 * @property {[number, number, number][]} edges
 * @property {number} replacement
 * @property {number} completeness
 * @property {number} activeFeatures
 * @property {{ a: number, b: number, aPosition: number, bPosition: number, levels: number, plots: (FeaturePlace & { max: number, label:
 *   string | null })[], pixels: string } | null} operands
 * @property {Record<string, string>} labels
 * @property {Story} [story] of a file of somebody’s own there may be none
 */

/**
 * What a graph on show falls back on until its own plots and labels are here.
 * @typedef {object} Recording
 * @property {string} model
 * @property {string} prompt
 * @property {Graph} graph
 * @property {Pruned} pruned
 * @property {[number, number]} thresholds of nodes and of edges, at which it is pruned
 * @property {Map<string, NamedPlot>} plots
 * @property {Record<string, string>} labels by `layer_index`
 * @property {Story} [story] of its own graph
 */

/** @param {FeaturePlace} place */
export function plotKey({ layer, position, index }) {
  return `${layer}/${position}/${index}`;
}

/** Whether it was recorded of the model that a manifest tells of. @param {Written} written @param {Manifest} manifest */
export function isOf({ files, prompt }, manifest) {
  const sums = manifest.files
    .filter(({ path }) => OWN.test(path) || path.startsWith(folderOf("cross-layer")) || SMALL.includes(path))
    .map(({ path, sha256 }) => files[path] === sha256);
  return (
    manifest.examples.some((example) => example.prompt === prompt) &&
    sums.length === Object.keys(files).length &&
    sums.every((same) => same)
  );
}

/** @param {Written} written @returns {Promise<View>} */
export async function viewOf(written) {
  const { nodes, edges, operands, whole, labels, story, model, prompt, bare } = written;
  const numbers = (/** @type {"kind" | "layer" | "position" | "index" | "activation" | "influence"} */ name) =>
    nodes.map((node) => node[name]);
  /** @type {Graph} */
  const graph = {
    tokens: written.tokens,
    answers: written.answers,
    whole: whole ?? undefined,
    targets: written.targets,
    layers: written.layers,
    hold: "patterns,norms",
    kind: Uint8Array.from(numbers("kind")),
    layer: Int32Array.from(numbers("layer")),
    position: Uint32Array.from(numbers("position")),
    index: Uint32Array.from(numbers("index")),
    activation: Float32Array.from(numbers("activation")),
    influence: Float32Array.from(numbers("influence")),
    id: nodes.map(({ id }) => id),
    replacement: written.replacement,
    completeness: written.completeness,
    scoresOfAll: true,
    activeFeatures: written.activeFeatures,
    timing: undefined,
  };
  const pruned = {
    nodes: Uint32Array.from(nodes.flatMap(({ shown }, node) => (shown ? [node] : []))),
    sources: Uint32Array.from(edges, ([source]) => source),
    targets: Uint32Array.from(edges, ([, target]) => target),
    weights: Float32Array.from(edges, ([, , weight]) => weight),
  };
  const { thresholds } = written;
  const recording = { model, prompt, graph, pruned, thresholds, plots: await readPlots(operands), labels, story };
  const indexOf = new Map(graph.id.map((id, node) => [id, node]));
  const place = operands && { key: "recorded", ...placeIn(operands), done: 1, total: 1 };
  return { request: -1, recorded: undefined, early: true, recording, prompt, bare, graph, pruned, operands: place ?? undefined, indexOf };
}

/** @param {NonNullable<Written["operands"]>} operands */
function placeIn({ a, b, aPosition, bPosition }) {
  return { a, b, aPosition, bPosition };
}

/** @param {Written["operands"]} operands @returns {Promise<Map<string, NamedPlot>>} */
async function readPlots(operands) {
  if (!operands) return new Map();
  const { plots, pixels, levels } = operands;
  const named = plots.map((plot) => ({ ...plot, label: plot.label ?? undefined }));
  const read = await plotsOf({ plots: named, pixels });
  for (const plot of read) plot.pixels.forEach((value, i) => (plot.pixels[i] = (255 * value) / (levels - 1)));
  return new Map(read.map((plot) => [plotKey(plot), plot]));
}

/** A node's edges on show; the others come with the engine. @param {View} view @param {number} node @returns {Detail} */
export function detailOf({ pruned }, node) {
  const { sources, targets, weights } = pruned;
  const among = (/** @type {Uint32Array} */ centres, /** @type {Uint32Array} */ others) => {
    const edges = [...centres.keys()].filter((edge) => centres[edge] === node);
    return { nodes: Uint32Array.from(edges, (edge) => others[edge]), weights: Float32Array.from(edges, (edge) => weights[edge]) };
  };
  return { node, inputs: { ...among(targets, sources), remainder: NaN, total: NaN }, outputs: among(sources, targets) };
}

/** The edges on show among some nodes. @param {View} view @param {number[]} nodes @returns {Between} */
export function betweenOf({ pruned }, nodes) {
  const among = new Set(nodes);
  const edges = [...pruned.weights.keys()].filter((edge) => among.has(pruned.sources[edge]) && among.has(pruned.targets[edge]));
  return {
    nodes,
    sources: Uint32Array.from(edges, (edge) => pruned.sources[edge]),
    targets: Uint32Array.from(edges, (edge) => pruned.targets[edge]),
    weights: Float32Array.from(edges, (edge) => pruned.weights[edge]),
  };
}
