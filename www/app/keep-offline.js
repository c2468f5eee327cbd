// After the first graph, and in the background, everything is kept for use without a network.

/** @import { App } from "./app.js" */

import { importFile, INSIDE, startService } from "./delivery.js";
import { byId, html } from "./dom.js";

/** @typedef {typeof import("./offline.js")} Offline */

/** @param {App} app */
export function mountKeepOffline(app) {
  if (INSIDE) return;
  const line = html("span", { id: "offline" });
  byId("status").append(line);
  let begun = false;
  app.bus.on("graph", async () => {
    if (begun) return;
    begun = true;
    try {
      const { keepAll } = /** @type {Offline} */ (await importFile("app/offline.js"));
      await keepAll((text) => void (line.textContent = text), startService);
    } catch (error) {
      console.info(`Nothing is kept for use without a network: ${error}`); // for those who build this
    }
  });
}
