// An answer before and after features were set.

/** @import { Lab } from "../lab.js" */
/** @import { Shift } from "../engine-api.js" */

import { answerText, plain, visible, wholeOf } from "../format.js";

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
