// Which story is on show, and how much of its graph it tells.

/** @import { Lab } from "../lab.js" */
/** @import { Story } from "../engine-api.js" */

import { counted, percent } from "../format.js";

/**
 * The story of the graph on show: until its own is here that of the recorded one, where that is the same graph. A file's is of all nodes
 * in it.
 * @param {Pick<Lab, "view">} lab @returns {Story | undefined}
 */
export function storyOf({ view }) {
  if (view?.recorded && view.pruned.nodes.length < view.recorded.whole.nodes) return undefined;
  const recording = view?.story ? undefined : view?.recording;
  if (!recording?.story) return view?.story;
  const number = (/** @type {number} */ node) => view?.indexOf.get(recording.graph.id[node]) ?? 0;
  return {
    ...recording.story,
    items: recording.story.items.map((it) => ({ ...it, nodes: it.nodes.map(number), leader: number(it.leader) })),
  };
}

/** The story to be on show: until the graph's own is here, one by other names. @param {Lab} lab */
export function toldOf(lab) {
  return storyOf(lab) ?? lab.view?.meanwhile;
}

/** The card that a node stands in, where the story is on show. @param {Lab} lab @param {number} node */
export function itemOf(lab, node) {
  return lab.shown === "story" ? toldOf(lab)?.items.find(({ nodes }) => nodes.includes(node)) : undefined;
}

/** The nodes of the card that a node stands in, where the story is on show; else the node alone. @param {Lab} lab @param {number} node */
export function alikeOf(lab, node) {
  return itemOf(lab, node)?.nodes ?? [node];
}

/** How much of the graph is told, and what is not, in parts of a sentence. @param {Pick<Lab, "view">} lab @param {Story} story */
export function factsOf(lab, { items, scores, pruned, leftOut, idle: [tokens, share] }) {
  const [cards, drawn] = /** @type {const} */ (["features", "tokens"]).map((kind) => items.filter((it) => it.kind === kind).length);
  const kept = pruned[0] > 0 ? scores[0] / pruned[0] : 1;
  // With nothing held that score is no measure of what features explain, but still where influence begins.
  const score = lab.view?.graph.hold === "nothing" ? "influence from tokens" : "replacement score";
  const facts = [
    `${counted(cards, "card")} over ${counted(drawn, items.some(({ part }) => part) ? "token" : "phrase")} keep ${percent(Math.min(1, kept))} of the ${score} of the nodes on show`,
    tokens > 0
      ? `${counted(tokens, "token")} with ${percent(share)} of all tokens’ influence ${tokens === 1 ? "is" : "are"} not drawn`
      : "",
    leftOut > 0 ? `${counted(leftOut, "feature")} left out` : "",
    lab.view?.meanwhile && !storyOf(lab) ? "cards are named after the sample texts until this text’s operand plots are computed" : "",
  ];
  return facts.filter(Boolean);
}
