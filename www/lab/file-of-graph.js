// What the page adds to the file of the graph on show: how it is pruned, arranged, and what is kept of it.

/** @import { Lab } from "./lab.js" */
/** @import { Kept } from "./kept-graph.js" */
/** @import { View } from "./view.js" */

import { MOST_PLOTS } from "./kept-graph.js";
import { FEATURE, featureKey, placeOf } from "./kinds.js";
import { packPlots } from "./packed-plots.js";
import { arrangementOf } from "./saved-arrangement.js";
import { storyOf } from "./story/told.js";
import { savedStory } from "./story/saved.js";

/** @param {Lab} lab @param {View} view */
export async function fileOf(lab, view) {
  const { address } = lab;
  const arrangement = arrangementOf(lab, view);
  const kept = view.recorded ? "{}" : await keptOf(lab, view);
  // Of a large file less is shown at first, which nobody asked for: what is saved is all of it, until a slider is moved.
  const { thresholds: first } = view.recorded ?? {};
  const untouched = first !== undefined && first.node === address.thresholds.node && first.edge === address.thresholds.edge;
  const thresholds = untouched ? { node: 1, edge: 1, density: 1 } : { ...address.thresholds };
  return { thresholds, arrangement, kept };
}

/** What is kept of it for this page. @param {Lab} lab @param {View} view @returns {Promise<string>} JSON */
async function keptOf(lab, view) {
  const nodes = Array.from(lab.view?.pruned.nodes ?? []).filter((node) => view.graph.kind[node] === FEATURE);
  /** @type {Kept} */
  const kept = { target: lab.address.target, whole: view.graph.whole, labels: {}, operands: undefined };
  const story = storyOf({ view });
  if (story) kept.story = savedStory(view.graph, story);
  for (const node of nodes) {
    const label = lab.automaticLabel(node, view);
    if (label !== undefined) kept.labels[/** @type {string} */ (featureKey(view.graph, node))] = label;
  }
  const { operands } = view;
  const plotted = nodes
    .sort((a, b) => view.graph.influence[a] - view.graph.influence[b])
    .flatMap((node) => {
      const plot = lab.plot(node, view);
      return plot ? [{ ...placeOf(view.graph, node), ...plot }] : [];
    })
    .slice(0, MOST_PLOTS);
  if (operands && plotted.length > 0) {
    const { a, b, aPosition, bPosition } = operands;
    kept.operands = { a, b, aPosition, bPosition, ...(await packPlots(plotted)) };
  }
  return JSON.stringify(kept);
}
