// What a reader adds to a graph: pinned nodes, supernodes, labels, places in the subgraph. Plain data, and its checks.

/** @typedef {{ label: string, ids: string[], open: boolean }} Supernode open: its members are shown one by one */
/** @typedef {[number, number]} Place across and down, as shares of the subgraph's pane */

/**
 * @typedef {object} Arrangement
 * @property {string[]} pinned ids of nodes
 * @property {Supernode[]} supernodes of pinned nodes; no node is in two
 * @property {Record<string, string>} labels of features, by their keys: a feature is the same wherever it is active
 * @property {Record<string, Place>} places by id of a node, or of a supernode's first member
 */

const LABEL_LENGTH = 80;
const MOST = 2000; // ids that an address or a file may bring

/** @returns {Arrangement} */
export function emptyArrangement() {
  return { pinned: [], supernodes: [], labels: {}, places: {} };
}

/** A label as it is kept: one line, not endless. @param {unknown} text */
export function cleanLabel(text) {
  // A file's may be endless, and there are thousands of them.
  const start = String(text)
    .trimStart()
    .slice(0, 4 * LABEL_LENGTH);
  const plain = /\s\s|[^\S ]/.test(start) ? start.replaceAll(/\s+/g, " ") : start;
  return plain.slice(0, LABEL_LENGTH).trim();
}

/**
 * Makes an arrangement of what came from outside; what makes no sense is left out.
 * @param {{ pinned?: unknown, supernodes?: unknown, open?: unknown, labels?: unknown, places?: unknown }} raw labels and
 *   places as lists of pairs, supernodes as the schema has them: a name, then ids
 * @returns {Arrangement}
 */
export function checkedArrangement({ pinned, supernodes, open, labels, places }) {
  const texts = (/** @type {unknown} */ list) =>
    Array.isArray(list) ? list.filter((each) => typeof each === "string" && each !== "").slice(0, MOST) : [];
  const pairs = (/** @type {unknown} */ list) =>
    Array.isArray(list) ? list.filter((each) => Array.isArray(each) && typeof each[0] === "string").slice(0, MOST) : [];
  const found = emptyArrangement();
  found.pinned = [...new Set(texts(pinned))];
  /** @type {Set<string>} */
  const taken = new Set();
  const opened = new Set(Array.isArray(open) ? open : []);
  for (const [i, each] of pairs(supernodes).entries()) {
    const ids = [...new Set(texts(each.slice(1)))].filter((id) => !taken.has(id));
    if (ids.length === 0) continue;
    for (const id of ids) taken.add(id);
    found.supernodes.push({ label: cleanLabel(each[0]) || "Supernode", ids, open: opened.has(i) });
  }
  // Whoever is in a supernode is in the subgraph.
  for (const id of taken) if (!found.pinned.includes(id)) found.pinned.push(id);
  for (const [key, label] of pairs(labels)) {
    const text = typeof label === "string" ? cleanLabel(label) : "";
    if (text && /^a?\d+_\d+$/.test(key)) found.labels[key] = text;
  }
  for (const [id, x, y] of pairs(places)) if (isShare(x) && isShare(y)) found.places[id] = [x, y];
  return found;
}

/** @param {unknown} value */
function isShare(value) {
  return typeof value === "number" && value >= 0 && value <= 1;
}

/** The supernode that a node is in. @param {Arrangement} arrangement @param {string} id */
export function supernodeOf({ supernodes }, id) {
  return supernodes.find(({ ids }) => ids.includes(id));
}

/** Takes nodes out of all supernodes; those left empty are gone. @param {Arrangement} arrangement @param {string[]} ids */
export function ungroup(arrangement, ids) {
  for (const each of arrangement.supernodes) each.ids = each.ids.filter((id) => !ids.includes(id));
  arrangement.supernodes = arrangement.supernodes.filter((each) => each.ids.length > 0);
}

/** Takes nodes out of the subgraph. @param {Arrangement} arrangement @param {string[]} ids */
export function unpin(arrangement, ids) {
  arrangement.pinned = arrangement.pinned.filter((id) => !ids.includes(id));
  ungroup(arrangement, ids);
}
