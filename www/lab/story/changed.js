// What features that are set do to a story's cards, in few words.

/** @import { Lab } from "../lab.js" */
/** @import { StoryItem } from "../engine-api.js" */

import { percent } from "../format.js";
import { FEATURE } from "../kinds.js";
import { answerNow } from "../steer/shifted.js";
import { keyOfNode, settingOf, settingText } from "../steer/steering.js";

const LEAST = 0.05; // share of what a card's features were together that is worth a word

/**
 * What became of a card: that its features are set, or by how much their activations moved, taken together; of an answer, how probable
 * it is now.
 * @param {Lab} lab @param {StoryItem} item @returns {{ kind: "set" | "less" | "more", text: string, whole?: boolean } | undefined} nothing where it is as it was; `whole`:
 *   all of its features are set
 */
export function changedOf(lab, { kind, nodes, leader }) {
  const { view, address } = lab;
  if (!view || !lab.isSteered) return undefined;
  const { graph, steered } = view;
  const features = nodes.filter((node) => graph.kind[node] === FEATURE);
  const settings = features.map((node) => settingOf(address.steering, /** @type {string} */ (keyOfNode(graph, node))));
  const set = settings.filter((each) => each !== undefined);
  if (set.length > 0) {
    const [text, other] = new Set(set.map(settingText));
    const whole = set.length === features.length;
    const what = other === undefined ? text : "set";
    return { kind: "set", text: whole ? what : `${set.length} of ${features.length} ${what}`, whole };
  }
  if (!steered) return undefined;
  if (kind === "answer") return answerNow(lab, leader);
  if (features.length === 0) return undefined;
  const total = (/** @type {"before" | "after"} */ when) => features.reduce((sum, node) => sum + (steered.features[node]?.[when] ?? 0), 0);
  const [before, after] = [total("before"), total("after")];
  const share = before > 0 ? after / before - 1 : 0;
  if (Math.abs(share) < LEAST) return undefined;
  if (after === 0) return { kind: "less", text: "silent" };
  return { kind: share < 0 ? "less" : "more", text: share > 9.99 ? "> +999 %" : `${share < 0 ? "−" : "+"}${percent(Math.abs(share))}` };
}
