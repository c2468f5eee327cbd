// What became of a question once the cards of a diagnosis are inhibited, in words.

/** @import { ElementLab } from "../elements/element-lab.js" */
/** @import { Outcome } from "./trials.js" */

import { percent, plain, wholeOf } from "../lab/format.js";

const FELL = 0.02; // share by which another question has to fall to be told

/** @param {Outcome} outcome @param {ElementLab} lab */
export function saysOfQuestion({ was, wasChance, now, chance }, { view }) {
  const whole = view?.steeredWhole;
  if (!whole) return "";
  const left = (/** @type {string} */ text) => whole.after.find((each) => plain(each.text) === text)?.probability;
  if (now !== was) {
    const rest = left(was);
    return `As expected, the question is another: ${was} had ${percent(wasChance)} and has ${rest === undefined ? "next to nothing" : percent(rest)}.`;
  }
  const fallen = whole.before
    .filter(({ text }) => plain(text) !== was)
    .map((each) => ({ text: plain(each.text), before: each.probability, after: wholeOf({ whole: whole.after }, each)?.probability }))
    .flatMap((each) => (each.after === undefined ? [] : [{ ...each, after: each.after, fell: each.before - each.after }]))
    .sort((a, b) => b.fell - a.fell)[0];
  const stays = `Not as expected: the question stays, ${percent(wasChance)} before and ${percent(chance)} now.`;
  if (!fallen || fallen.fell < FELL) return chance < wasChance ? `${stays} It is less sure of it.` : stays;
  return `${stays} What falls is ${fallen.text}, from ${percent(fallen.before)} to ${percent(fallen.after)}.`;
}
