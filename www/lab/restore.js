// Shows what another entry of the history, another step of undo or of a talk holds. Where that is of another model, the engine begins anew.

/** @import { Lab } from "./lab.js" */
/** @import { Address } from "./url.js" */

/** @param {Lab} lab @param {Address} address without a model: of the site's first @param {File} [file] that its graph was read from */
export function restore(lab, address, file) {
  const modelOf = (/** @type {Address} */ { model }) => model || lab.models[0];
  if (file || modelOf(address) === modelOf(lab.address)) return lab.restore(address, file);
  lab.worker.end();
  lab.restore(address);
  // What is set has asked for a graph already, unless all but the model is as it was.
  if (!lab.worker.runs) lab.worker.start();
}
