// Which answers are listed.

/** @import { Answer, Shift } from "./engine-api.js" */

const LISTED = 5;

/** @param {Answer[]} answers by their probability */
export function listedAnswers(answers) {
  return answers.slice(0, LISTED);
}

/**
 * Of those before and after features were set, the first, and what was first before.
 * @param {Shift[]} answers by their probability after
 */
export function listedShifts(answers) {
  const first = answers.slice(0, LISTED);
  const was = answers.reduce((best, each) => (each.before > best.before ? each : best));
  if (!first.includes(was)) first[LISTED - 1] = was;
  return first;
}
