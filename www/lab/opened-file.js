// What a graph from a file brings along: its pins, supernodes, labels and thresholds are set as if its reader had set them.

/** @import { Recorded } from "./messages.js" */
/** @import { OpenedFile } from "./state.js" */
/** @import { Address } from "./url.js" */
/** @import { View } from "./view.js" */

import { checkedArrangement, cleanLabel } from "./arrangement.js";
import { readKept } from "./kept-graph.js";
import { featureKey } from "./kinds.js";
import { noSteering } from "./steer/steering.js";

/**
 * Takes over what a file says.
 * @param {Address} address where it is set
 * @param {View} view
 * @param {Recorded} recorded
 * @param {Pick<OpenedFile, "file" | "before">} what
 * @returns {OpenedFile}
 */
export function adopt(address, view, { arrangement, thresholds, own, biases }, what) {
  const kept = readKept(own?.page, view.graph.tokens.length);
  const labels = Object.entries(arrangement.labels).flatMap(([id, label]) => {
    const node = view.indexOf.get(id);
    const key = node === undefined ? undefined : featureKey(view.graph, node);
    // What nobody named goes by its automatic label again.
    return key === undefined || kept.labels[key] === cleanLabel(label) ? [] : [[key, label]];
  });
  let places;
  try {
    places = JSON.parse(arrangement.positions);
  } catch {
    // Other viewers keep places in other ways.
  }
  address.prompt = view.prompt;
  address.target = kept.target;
  address.thresholds = { ...thresholds };
  address.arrangement = checkedArrangement({ pinned: arrangement.pinned, supernodes: arrangement.supernodes, labels, places });
  address.selected = arrangement.clicked || undefined;
  address.steering = noSteering();
  address.grade = false;
  address.head = undefined;
  address.compare = undefined;
  const adopted = { arrangement: address.arrangement, selected: address.selected };
  return { ...what, automatic: kept.labels, adopted, biases: new Map(biases) };
}
