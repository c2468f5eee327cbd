// Everything that the site has is kept for use without a network, and the status line says how far that has come. Where it cannot be
// kept, the page goes on as it is. This is a bundle of its own, which keep-offline.js loads once there is a graph.

/** @import { SiteList, FromService, ToService } from "./kept-site.js" */

import { fetchChecked } from "../worker/download.js";
import { sentenceOf } from "../worker/failure.js";
import { keepFile, keepsFiles, notKept, storeIsFull } from "../worker/kept-files.js";
import { urlOf } from "./delivery.js";
import { megabytes } from "./format.js";
import { isRead } from "./model-files.js";
import { within } from "./patience.js";

const PATIENCE_S = { start: 30, page: 280 }; // the second for a megabyte, on a slow line
const IDLE_MS = 5000; // at the latest

const KEPT = "Kept for use without a network";
const NOT_KEPT = {
  full: "Not kept for use without a network: the browser’s storage is full",
  store: "Not kept for use without a network: this browser keeps nothing for this page",
  network: "Not kept for use without a network yet: the site is out of reach",
  spoiled: "Not kept for use without a network yet: the site’s files do not fit together",
};
/** Where there is an older version. Without a network nobody misses a newer one. */
const STAYS = {
  full: "The browser’s storage has no room for the site’s newest version: this one stays",
  store: "This browser does not keep the site’s newest version: this one stays",
  spoiled: "The site’s newest version did not arrive whole: this one stays",
  network: "",
};
const SPARED = "The page is kept for use without a network; the other models are not, because this browser is to save data";
const NEWER = "A new version is here: the next load shows it";

/** @typedef {(text: string) => undefined} Say */

/** @param {Say} say @param {() => Promise<ServiceWorker | undefined>} startService */
export async function keepAll(say, startService) {
  await idle();
  let service;
  try {
    service = await within(startService(), PATIENCE_S.start);
  } catch {
    return say(NOT_KEPT.store);
  }
  if (!service) return;
  const { list, taken, fault } = await ask(service, { type: "fetch" });
  if (!list) return say(NOT_KEPT[fault ?? "store"]);
  const spared = await keepModels(list, say);
  if (spared === undefined) return;
  if (taken) return say((fault && STAYS[fault]) || (spared ? SPARED : KEPT));
  // Only now, so that a reader who goes without a network never finds a new page without its models.
  const told = await ask(service, { type: "take", version: list.version });
  say(told.taken ? NEWER : STAYS.store);
}

/**
 * One file at a time, and those that are kept already not again.
 * @param {SiteList} list
 * @param {Say} say
 * @returns {Promise<boolean | undefined>} whether some were left out to save data; nothing where it failed
 */
async function keepModels({ models }, say) {
  const read = models.filter(({ path }) => isRead(path.split("/").slice(2).join("/")));
  const missing = await notKept(read.map((file) => ({ url: urlOf(file.path), file })));
  const failed = () => say(storeIsFull() ? NOT_KEPT.full : NOT_KEPT.store);
  if (!keepsFiles()) return failed();
  if (missing.length > 0 && savesData()) return true;
  const total = missing.reduce((sum, { file }) => sum + file.bytes, 0);
  let done = 0;
  for (const { url, file } of missing) {
    say(`Keeping all models for use without a network: ${megabytes(done)} of ${megabytes(total)}`);
    await idle();
    try {
      const bytes = await fetchChecked(url, file, () => {});
      if (!(await keepFile(url, file, bytes))) return failed();
    } catch (error) {
      return say(`Not all is kept for use without a network yet, and the next visit goes on. ${sentenceOf(error)}`);
    }
    done += file.bytes;
  }
  return false;
}

/** Whether the visitor's line is not to be filled with what nobody asked for. */
function savesData() {
  const { connection } = /** @type {{ connection?: { saveData?: boolean, effectiveType?: string } }} */ (navigator);
  return connection?.saveData === true || /2g$/.test(connection?.effectiveType ?? "");
}

/** @param {ServiceWorker} service @param {ToService} message @returns {Promise<FromService>} */
async function ask(service, message) {
  const { port1, port2 } = new MessageChannel();
  /** @type {Promise<FromService>} */
  const answer = new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
  });
  service.postMessage(message, [port2]);
  try {
    return await within(answer, PATIENCE_S.page);
  } catch {
    return { taken: false, fault: "network" };
  } finally {
    port1.close();
  }
}

/** @returns {Promise<unknown>} */
function idle() {
  // Safari has no such callback.
  if (!("requestIdleCallback" in globalThis)) return new Promise((resolve) => setTimeout(resolve, 200));
  return new Promise((resolve) => requestIdleCallback(resolve, { timeout: IDLE_MS }));
}
