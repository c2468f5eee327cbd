// An answer before and after features were set.

/** @import { Lab } from "../lab.js" */
/** @import { Shift } from "../engine-api.js" */

import { answerText, firstsOf, percent, plain, visible, wholeOf } from "../format.js";

const LEAST = 0.01; // of all chances that is worth a word

/**
 * Both probabilities are of all of it, or both of its first token: where not all is known yet, or where it
 * goes on in another way.
 * @param {Lab} lab @param {Shift} shift
 * @returns {{ text: string, before: number, after: number, whole: boolean }}
 */
export function shiftedAnswer({ view }, shift) {
  const { steeredWhole } = view ?? {};
  const [before, after] = [steeredWhole?.before, steeredWhole?.after].map((whole) => wholeOf({ whole }, shift));
  if (before && after && before.text === after.text)
    return { text: plain(after.text), before: before.probability, after: after.probability, whole: true };
  // Until all is known it goes by the name that it had.
  const text = steeredWhole || !view ? visible(shift.token) : answerText(view.graph, shift);
  return { text, before: shift.before, after: shift.after, whole: false };
}

/**
 * How probable an answer of the graph is with features set.
 * @param {Lab} lab @param {number} node
 * @returns {{ kind: "less" | "more", text: string } | undefined} nothing where it is about as it was, or is no answer but a difference
 */
export function answerNow(lab, node) {
  const { graph, steered } = lab.view ?? {};
  const [first, minus] = graph ? firstsOf(graph, node) : [];
  if (!steered || !first || minus) return undefined;
  const shift = steered.answers.find(({ id, token }) => (first.id === undefined ? token === first.token : id === first.id));
  if (!shift) return undefined;
  const { before, after } = shiftedAnswer(lab, shift);
  return Math.abs(after - before) < LEAST ? undefined : { kind: after < before ? "less" : "more", text: `now ${percent(after)}` };
}
