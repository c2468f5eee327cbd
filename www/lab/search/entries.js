// What can be found in a lab: nodes of the graph on show, tokens, heads, answers, and features that are not in it.

/** @import { Lab } from "../lab.js" */
/** @import { Findable, Sought } from "./matching.js" */

import { chanceOf, nameOf, placeName } from "../format.js";
import { featureKey, isFeature, LOGIT, TOKEN } from "../kinds.js";
import { toldOf } from "../story/told.js";
import { numbersIn } from "./matching.js";

/**
 * `texts` are what it is called, what is told of it, and its number or place.
 * @typedef {Findable & { key: string, group: GroupName, node?: number, head?: string, feature?: { layer: number, index: number } }} Entry
 */
/** @typedef {"shown" | "hidden" | "tokens" | "heads" | "features" | "answers"} GroupName */

/** In the order in which they stand where all fit equally well. @satisfies {Record<GroupName, import("./matching.js").Group>} */
export const GROUPS = {
  shown: { name: "Nodes of this graph", most: 8 },
  hidden: { name: "Nodes that these thresholds hide", most: 5, after: "shown" },
  tokens: { name: "Tokens of the prompt", most: 5 },
  heads: { name: "Attention heads", most: 6 },
  features: { name: "Features not in this graph", most: 6 },
  answers: { name: "Answers", most: 5 },
};

/** Everything of the graph on show. @param {Lab} lab @returns {Entry[]} */
export function entriesOf(lab) {
  const { view } = lab;
  if (!view) return [];
  const { graph, pruned } = view;
  const drawn = new Set(pruned.nodes);
  const cards = new Map(toldOf(lab)?.items.flatMap(({ nodes, words }) => nodes.map((node) => /** @type {const} */ ([node, words]))));
  const entries = Array.from(graph.kind, (_, node) => nodeEntry(lab, node, drawn.has(node), cards.get(node)));
  const heads = lab.isLive ? (sizes(lab)?.heads ?? 0) : 0;
  for (let layer = 0; layer < (heads && graph.layers); layer++)
    for (let head = 0; head < heads; head++) entries.push(headEntry(`${layer}.${head}`, layer, -layer * heads - head));
  return entries;
}

/** @param {Lab} lab @param {number} node @param {boolean} drawn @param {string} [card] its words in the story @returns {Entry} */
function nodeEntry(lab, node, drawn, card) {
  const { graph } = /** @type {NonNullable<Lab["view"]>} */ (lab.view);
  const [kind, layer, index] = [graph.kind[node], graph.layer[node], graph.index[node]];
  const entry = { key: `node ${graph.id[node]}`, node };
  const place = placeName(graph, node);
  const name = lab.nameOf(node);
  // Files tell no influence of some nodes.
  const weight = -graph.influence[node] || 0;
  if (kind === TOKEN) return { ...entry, group: "tokens", texts: [within(name), place, ""], weight: -graph.position[node] };
  if (kind === LOGIT)
    return { ...entry, group: "answers", texts: [within(name), chanceOf(graph, node), ""], weight: graph.activation[node] || 0 };
  const plain = nameOf(graph, node);
  const also = isFeature(kind) ? numberText(layer, index) : "";
  const told = [...(name === plain ? [] : [plain]), place, ...(card && card !== name ? [`card “${card}”`] : [])].join(", ");
  return { ...entry, group: drawn ? "shown" : "hidden", texts: [name, told, also], weight };
}

/** Of `Token “59”` what stands in the quotes. @param {string} name */
function within(name) {
  return name.slice(name.indexOf("“") + 1, -1);
}

/** @param {string} name @param {number} layer @param {number} weight @returns {Entry} */
function headEntry(name, layer, weight) {
  return { key: `head ${name}`, group: "heads", head: name, texts: [`Head ${name}`, `layer ${layer}`, ""], weight };
}

/** What is looked up by its layer and number. @param {number} layer @param {number} index */
const numberText = (layer, index) => `${layer}/${index}`;

/** The model's sizes, once there is an engine. @param {Lab} lab */
export function sizes(lab) {
  return lab.engine?.runners[0]?.description;
}

/**
 * Features that are not in the graph on show: those whose names are known, and one in each layer by the number that is typed.
 * @param {Lab} lab @param {Sought | undefined} sought
 * @returns {Entry[]}
 */
export function absentFeatures(lab, sought) {
  const size = lab.isLive ? sizes(lab) : undefined;
  if (!size || !lab.view || !sought) return [];
  const { graph } = lab.view;
  const here = new Set(Array.from(graph.kind, (_, node) => featureKey(graph, node)));
  const number = numbersIn(sought);
  /** @type {Entry[]} */ const entries = [];
  for (let layer = 0; layer < size.layers; layer++) {
    for (let index = 0; index < size.features_per_layer; index++) {
      const key = `${layer}_${index}`;
      const label = lab.absentLabel({ layer, index });
      const asked = number?.index === index && (number.layer ?? layer) === layer;
      if ((label === undefined && !asked) || here.has(key)) continue;
      const plain = `Feature ${index}`;
      entries.push({
        key: `feature ${key}`,
        group: "features",
        feature: { layer, index },
        texts: [label ?? plain, label === undefined ? `layer ${layer}` : `${plain}, layer ${layer}`, numberText(layer, index)],
        weight: -layer * size.features_per_layer - index,
      });
    }
  }
  return entries;
}

/** Whether nothing but silence keeps a feature out of a graph: else the weakest active ones may have been left out. @param {Lab} lab */
export function hasAllActive({ view }) {
  if (!view) return false;
  const features = view.graph.kind.reduce((count, kind) => count + Number(isFeature(kind)), 0);
  return features >= view.graph.activeFeatures;
}

/** A share of the influence as the page's slider has it, so that a node is drawn. @param {Lab} lab @param {number} node */
export function thresholdFor({ view }, node) {
  const influence = view?.graph.influence[node] ?? 1;
  return Number.isNaN(influence) ? 1 : Math.min(1, Math.ceil(influence * 100) / 100);
}

/** In one line. @param {number} share in steps of the sliders */
export const shareText = (share) => `${Math.round(100 * share)}\u00a0%`;
