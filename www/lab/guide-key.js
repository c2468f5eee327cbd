// What decides whether the guide begins by itself: what it is about, whether it was seen in this browser, and what a link asks for.

/** @import { Lab } from "./lab.js" */

import { stored } from "./storage.js";

export const GUIDE_KEY = "attograph-guide-seen";
export const GUIDE_PROMPT = "calc: 36+59=";

/** Whether this is a first visit, by a link that asks for nothing that the guide would talk over. @param {Lab} lab */
export function isForGuide({ address, manifest }) {
  const { prompt, selected, compare, head, grade, target, hold, steering, arrangement } = address;
  const asked =
    [prompt, selected, compare, head].some((each) => each !== undefined) ||
    arrangement.pinned.length > 0 ||
    Object.keys(steering.set).length > 0;
  if (asked || grade || target.kind !== "answers" || hold !== "patterns,norms" || stored(GUIDE_KEY) === true) return false;
  return manifest?.examples.some(({ prompt }) => prompt === GUIDE_PROMPT) ?? false;
}
