// Marks on nodes while features are set: what draws them comes with the first feature that is.

/** @import { Lab } from "../lab.js" */
/** @import { Picture } from "../graph/picture.js" */

import { inspectedParts } from "../tried-again.js";

/** @type {typeof import("./badges.js").markMoved | undefined} */ let markMoved;

/** At once, where it is here. @param {Lab} lab @param {Picture} picture */
export async function markSteered(lab, picture) {
  if (!markMoved && !lab.isSteered) return;
  try {
    markMoved ??= (await inspectedParts()).markMoved;
  } catch {
    return; // the panels beside the graph say it too
  }
  markMoved(lab, picture);
}
