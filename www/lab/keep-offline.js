// After the first graph, and in the background, everything is kept for use without a network.

/** @import { Lab } from "./lab.js" */

import { INSIDE, importFile, startService } from "./delivery.js";
import { html } from "./dom.js";

/** @typedef {typeof import("./offline.js")} Offline */

/** @param {Lab} lab */
export function mountKeepOffline(lab) {
  if (INSIDE) return;
  const line = html("span", { "data-part": "offline" });
  lab.part("status").append(line);
  let begun = false;
  lab.effect(() => void (lab.view && begin()));
  async function begin() {
    if (begun) return;
    begun = true;
    try {
      const { keepAll } = /** @type {Offline} */ (await importFile("lab/offline.js"));
      await keepAll((text) => void (line.textContent = text), startService);
    } catch (error) {
      console.info(`Nothing is kept for use without a network: ${error}`); // for those who build this
    }
  }
}
