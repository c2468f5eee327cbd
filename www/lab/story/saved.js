// A story in a file: its nodes by their ids, since a file numbers them in its own way. Whoever wrote one, nothing in it is believed.

/** @import { Story, StoryItem } from "../engine-api.js" */
/** @import { Graph } from "../messages.js" */

import { LOGIT } from "../kinds.js";

/** @typedef {Omit<Story, "items"> & { items: (Omit<StoryItem, "nodes" | "leader"> & { nodes: string[], leader: string })[] }} SavedStory */

const MOST = { items: 200, flows: 20_000, words: 200 };
const KINDS = ["tokens", "features", "answer"];
const ROWS = 5;
/** What an item has to do with two numbers, such as `sum ones`. */
const PART = /^(first|second|both|sum) (ones|magnitude|exact)$/;

/** @param {Pick<Graph, "id">} graph @param {Story} story @returns {SavedStory} */
export function savedStory({ id }, story) {
  return { ...story, items: story.items.map((item) => ({ ...item, nodes: item.nodes.map((node) => id[node]), leader: id[item.leader] })) };
}

/**
 * The story that a file keeps; nothing where there is none, or it is of nodes that its graph does not have.
 * @param {{ graph: Pick<Graph, "kind">, indexOf: Map<string, number> }} view of that graph @param {string} page what its file keeps for this page @returns {Story | undefined}
 */
export function readStory({ graph, indexOf }, page) {
  let raw;
  try {
    raw = JSON.parse(page).story;
  } catch {
    // As if it kept nothing.
  }
  if (!Array.isArray(raw?.items)) return undefined;
  const numbered = raw.items.slice(0, MOST.items + 1).map((/** @type {any} */ item) => ({
    ...item,
    nodes: Array.isArray(item?.nodes) ? item.nodes.map((/** @type {string} */ id) => indexOf.get(id)) : undefined,
    leader: indexOf.get(item?.leader),
  }));
  return checkedStory({ ...raw, items: numbered }, graph.kind);
}

/**
 * A story with nothing in it that is not one's; nothing where something is wrong.
 * @param {any} raw @param {ArrayLike<number>} kinds of the graph's nodes @returns {Story | undefined}
 */
export function checkedStory(raw, kinds) {
  const whole = (/** @type {unknown} */ value, /** @type {number} */ below) =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) < below;
  const numbers = (/** @type {unknown} */ value, /** @type {number} */ many) =>
    Array.isArray(value) && value.length === many && value.every(Number.isFinite);
  if (!Array.isArray(raw?.items) || raw.items.length === 0 || raw.items.length > MOST.items) return undefined;
  if (!Array.isArray(raw.flows) || raw.flows.length > MOST.flows) return undefined;
  const isItem = (/** @type {any} */ item) =>
    KINDS.includes(item?.kind) &&
    whole(item.row, ROWS) &&
    typeof item.words === "string" &&
    Array.isArray(item.nodes) &&
    item.nodes.length > 0 &&
    item.nodes.every((/** @type {unknown} */ node) => whole(node, kinds.length)) &&
    whole(item.leader, kinds.length) &&
    (item.kind !== "answer" || kinds[item.leader] === LOGIT) &&
    Number.isFinite(item.influence) &&
    (item.part === undefined || PART.test(item.part));
  const isFlow = (/** @type {any} */ flow) => numbers(flow, 3) && whole(flow[0], raw.items.length) && whole(flow[1], raw.items.length);
  if (!raw.items.every(isItem) || !raw.flows.every(isFlow)) return undefined;
  if (!numbers(raw.scores, 2) || !numbers(raw.pruned, 2) || !numbers(raw.idle, 2) || !whole(raw.leftOut, 2 ** 31)) return undefined;
  const { flows, scores, pruned, leftOut, idle } = raw;
  const items = raw.items.map((/** @type {StoryItem} */ { kind, part, row, words, nodes, leader, influence }) => ({
    kind,
    ...(part && { part }),
    row,
    words: words.slice(0, MOST.words),
    nodes,
    leader,
    influence,
  }));
  return { items, flows, scores, pruned, leftOut, idle };
}
