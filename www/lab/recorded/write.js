// The graph on show as a recording, in the form that the build writes and that elements on other pages draw without an engine.

/** @import { Lab } from "../lab.js" */
/** @import { View } from "../view.js" */
/** @import { Written } from "./recording.js" */

import { FEATURE, featureKey, LOGIT, placeOf, TOKEN } from "../kinds.js";
import { packPlots } from "../packed-plots.js";
import { storyOf } from "../story/told.js";

/** Of a plot's values, so that it packs well: the eye tells no more of them apart. */
const LEVELS = 32;

/**
 * @param {Lab} lab
 * @param {View} view the live graph on show, with the plots and labels that are here
 * @returns {Promise<Written>} labels are the reader's own where there are some
 */
export async function writtenOf(lab, view) {
  const { graph, pruned, prompt, bare } = view;
  const shown = new Set(pruned.nodes);
  const kept = Array.from(graph.kind.keys()).filter((node) => shown.has(node) || graph.kind[node] === TOKEN || graph.kind[node] === LOGIT);
  const place = new Map(kept.map((node, i) => [node, i]));
  const placeAt = (/** @type {number} */ node) => place.get(node) ?? -1;
  const story = storyOf({ view });
  /** @type {Record<string, string>} */ const labels = {};
  for (const node of kept) {
    const key = featureKey(graph, node);
    const label = lab.labelOf(node, view);
    if (key !== undefined && label !== undefined) labels[key] = label;
  }
  return {
    model: lab.model,
    prompt,
    transcoder: lab.address.transcoder,
    thresholds: [lab.address.thresholds.node, lab.address.thresholds.edge],
    files: Object.fromEntries((lab.manifest?.files ?? []).map(({ path, sha256 }) => [path, sha256])),
    bare,
    tokens: graph.tokens,
    answers: graph.answers,
    whole: graph.whole ?? null,
    targets: graph.targets,
    layers: graph.layers,
    nodes: kept.map((node) => ({
      id: graph.id[node],
      kind: graph.kind[node],
      layer: graph.layer[node],
      position: graph.position[node],
      index: graph.index[node],
      activation: graph.activation[node],
      influence: graph.influence[node],
      shown: shown.has(node),
    })),
    edges: Array.from(pruned.weights, (weight, edge) => [
      placeAt(pruned.sources[edge]),
      placeAt(pruned.targets[edge]),
      Number(weight.toPrecision(6)),
    ]),
    replacement: graph.replacement,
    completeness: graph.completeness,
    activeFeatures: graph.activeFeatures,
    operands: await operandsOf(lab, view, kept),
    labels,
    story: story && {
      ...story,
      items: story.items.map((item) => ({ ...item, nodes: item.nodes.map(placeAt), leader: placeAt(item.leader) })),
    },
  };
}

/** @param {Lab} lab @param {View} view @param {number[]} kept @returns {Promise<Written["operands"]>} */
async function operandsOf(lab, view, kept) {
  const { operands, graph } = view;
  const plotted = kept.flatMap((node) => {
    const plot = graph.kind[node] === FEATURE ? lab.plot(node, view) : undefined;
    if (!plot) return [];
    const pixels = plot.pixels.map((value) => Math.round((value * (LEVELS - 1)) / 255));
    return [{ ...placeOf(graph, node), max: plot.max, label: lab.labelOf(node, view), pixels }];
  });
  if (!operands || plotted.length === 0) return null;
  const { plots, pixels } = await packPlots(plotted);
  const { a, b, aPosition, bPosition } = operands;
  return { a, b, aPosition, bPosition, levels: LEVELS, plots: plots.map((plot) => ({ ...plot, label: plot.label ?? null })), pixels };
}
