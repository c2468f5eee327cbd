// What the page adds to the file of the graph on show: how it is pruned, arranged, and what is kept of it.

/** @import { Lab } from "./lab.js" */
/** @import { View } from "./view.js" */

import { keptOf } from "./kept-graph.js";
import { arrangementOf } from "./saved-arrangement.js";

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
