// Which addresses begin with a recorded graph: those that ask for a model's first example and for nothing that a recording lacks.

/** @import { Address } from "../url.js" */

import { readAddress } from "../url.js";

/** What the build says of each recording. @typedef {{ model: string, title: string, prompt: string }} Listed */

/** The recordings of this site, its first model's first. @type {Listed[]} */
export const LISTED = list();

/** @returns {Listed[]} */
function list() {
  const meta = /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="recorded"]'));
  return meta ? JSON.parse(meta.content) : [];
}

/** Whether an address asks for what a recording of this prompt shows. @param {Address} address @param {string} prompt */
export function asksFor(address, prompt) {
  const { prompt: asked = prompt, target, transcoder, thresholds } = address;
  const { node, edge, density } = readAddress("").thresholds;
  return (
    asked === prompt &&
    target.kind === "answers" &&
    transcoder === "cross-layer" &&
    thresholds.node === node &&
    thresholds.edge === edge &&
    thresholds.density === density
  );
}

/** The recording that a page begins with. @param {Address} address @returns {Listed | undefined} */
export function recordingFor(address) {
  const found = LISTED.find(({ model }) => model === (address.model || LISTED[0].model));
  const { arrangement, steering, compare, grade } = address;
  const asIs = arrangement.pinned.length === 0 && Object.keys(steering.set).length === 0 && compare === undefined && !grade;
  return found && asIs && asksFor(address, found.prompt) ? found : undefined;
}
