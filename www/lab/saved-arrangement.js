// What a reader did to a graph, as a file of the schema has it.

/** @import { Lab } from "./lab.js" */
/** @import { View } from "./view.js" */
/** @import { Arrangement } from "./engine-api.js" */

import { placesText } from "./address-fields.js";
import { featureKey } from "./kinds.js";

/**
 * What stands in a file that was opened, and did not change, is given back as it was there.
 * @param {Lab} lab
 * @param {View} view
 * @returns {Arrangement}
 */
export function arrangementOf(lab, view) {
  const { arrangement, address, opened } = lab;
  const file = view.recorded?.arrangement;
  /** @type {Arrangement} */
  const now = {
    pinned: arrangement.pinned,
    supernodes: arrangement.supernodes.map(({ label, ids }) => [label, ...ids]),
    clicked: address.selected ?? "",
    positions: Object.keys(arrangement.places).length > 0 ? placesText(arrangement) : "",
    labels: {},
  };
  const { labels } = now;
  if (!file || !opened) {
    view.graph.id.forEach((id, node) => {
      const label = lab.labelOf(node);
      if (label !== undefined) labels[id] = label;
    });
    return now;
  }
  const { arrangement: adopted, selected } = opened.adopted;
  const same = (/** @type {unknown} */ a, /** @type {unknown} */ b) => JSON.stringify(a) === JSON.stringify(b);
  if (same(arrangement.pinned, adopted.pinned)) now.pinned = file.pinned;
  if (
    same(
      arrangement.supernodes.map(({ label, ids }) => [label, ids]),
      adopted.supernodes.map(({ label, ids }) => [label, ids]),
    )
  )
    now.supernodes = file.supernodes;
  if (address.selected === selected) now.clicked = file.clicked;
  if (same(arrangement.places, adopted.places)) now.positions = file.positions;
  Object.assign(labels, file.labels);
  view.graph.id.forEach((id, node) => {
    const key = featureKey(view.graph, node);
    if (key === undefined || arrangement.labels[key] === adopted.labels[key]) return;
    const label = lab.labelOf(node);
    if (label === undefined) delete labels[id];
    else labels[id] = label;
  });
  return now;
}
