// Asks for what draws a graph's nodes and makes them readable, which the story needs nothing of.

/** @import { Lab } from "../lab.js" */

import { triedAgain } from "../tried-again.js";

/** @type {typeof import("./readable.js") | undefined} */ let here;
/** @type {Promise<void> | undefined} */ let coming;
const load = triedAgain(() => import("./readable.js"));

/** It, once it is here. */
export function readable() {
  return here;
}

/** Resolves when it is here, or will not come this time. */
export function whenReadable() {
  coming ??= load().then(
    (module) => void (here = module),
    () => void (coming = undefined),
  );
  return coming;
}

/** Whenever the graph on show, or how it is looked at, is another. @param {Lab} lab @param {() => void} act */
export function followGraph(lab, act) {
  lab.watch(() => [lab.view, lab.view?.pruned, lab.view?.graph.whole, lab.address.zoom, lab.colours, lab.frames], act);
}
