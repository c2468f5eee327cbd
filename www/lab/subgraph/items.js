// What the subgraph shows: pinned nodes and supernodes as items, the edges between them, and a grouping to start from.

/** @import { Lab } from "../lab.js" */
/** @import { View } from "../view.js" */
/** @import { Supernode } from "../arrangement.js" */
/** @import { Graph } from "../messages.js" */

import { chanceOf, counted, placeName } from "../format.js";
import { LOGIT } from "../kinds.js";

/**
 * @typedef {object} Item
 * @property {string} key id of its node, or of the first of its nodes: the same from draw to draw
 * @property {number[]} nodes of the graph on show
 * @property {Supernode | undefined} supernode
 * @property {string} label
 * @property {string} detail a second, smaller line
 */
/** @typedef {{ source: Item, target: Item, weight: number }} Flow the sum of all edges from one item to another */

/** @param {Lab} lab @returns {Item[]} */
export function itemsOf(lab) {
  const { view, arrangement } = lab;
  if (!view) return [];
  /** @type {Map<string, Item>} */
  const items = new Map();
  for (const id of arrangement.pinned) {
    const node = view.indexOf.get(id);
    if (node === undefined) continue;
    const supernode = lab.supernodeOf(node);
    const key = supernode ? supernode.ids[0] : id;
    const item = items.get(key);
    if (item) item.nodes.push(node);
    else items.set(key, { key, nodes: [node], supernode, label: supernode?.label ?? lab.nameOf(node), detail: detailOf(view.graph, node) });
  }
  for (const item of items.values()) if (item.supernode) item.detail = counted(item.nodes.length, "node");
  return [...items.values()];
}

/** @param {Graph} graph @param {number} node */
function detailOf(graph, node) {
  return graph.kind[node] === LOGIT ? chanceOf(graph, node) : placeName(graph, node).replace(/^layer (\d+), at/, "L$1");
}

/**
 * Edges between items add up, of a recorded graph too, which has no engine; those within one are not shown.
 * @param {Lab} lab @param {Item[]} items @returns {Flow[]} strongest first
 */
export function flowsOf(lab, items) {
  const { between } = lab.view ?? {};
  if (!between) return [];
  const placeOf = new Map(items.flatMap(({ nodes }, place) => nodes.map((node) => [node, place])));
  /** By the places of both items, in one number: of hundreds of pins there are a hundred thousand edges. @type {Map<number, Flow>} */
  const flows = new Map();
  between.weights.forEach((weight, edge) => {
    const source = placeOf.get(between.sources[edge]);
    const target = placeOf.get(between.targets[edge]);
    if (source === undefined || target === undefined || source === target) return;
    const key = source * items.length + target;
    const flow = flows.get(key);
    if (flow) flow.weight += weight;
    else flows.set(key, { source: items[source], target: items[target], weight });
  });
  return [...flows.values()].filter(({ weight }) => weight !== 0).sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
}

/**
 * A subgraph to start from: of what is pinned, or else of the most influential nodes on show, features at one token with labels
 * of one kind become a supernode.
 * @param {Lab} lab
 */
export function suggest(lab) {
  const what = () => {
    const { view, pinned: chosen } = lab;
    const nodes = chosen.length < 2 ? [...(view?.pruned.nodes ?? [])] : chosen;
    const all = nodes.flatMap((node) => {
      const label = lab.supernodeOf(node) ? undefined : lab.labelOf(node);
      return label === undefined ? [] : [{ node, label }];
    });
    return { chosen, named: all.map(({ node }) => node), labels: all.map(({ label }) => label) };
  };
  lab.worker.suggest(what, ({ nodes, groups, leaders }) => {
    const { id } = /** @type {View} */ (lab.view).graph;
    if (groups.length === 0 && nodes.every((node) => lab.arrangement.pinned.includes(id[node]))) {
      const advice = "Pin features at one token that do alike, or unpin all and begin with the whole graph’s groups.";
      return lab.bus.emit("notice", { about: "pins", sentence: "No two of the pinned nodes do the same.", advice });
    }
    lab.arrange("suggest", (arrangement) => {
      for (const node of nodes) if (!arrangement.pinned.includes(id[node])) arrangement.pinned.push(id[node]);
      groups.forEach((group, i) => {
        arrangement.supernodes.push({ label: lab.nameOf(leaders[i]), ids: Array.from(group, (node) => id[node]), open: false });
      });
      arrangement.places = {};
    });
  });
}
