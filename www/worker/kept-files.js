// Files kept by the browser for the next visit. Its store may be forbidden, full or never answer: then the network has them too.

/** @import { ModelFile } from "../lab/messages.js" */

import { within } from "../lab/patience.js";

const STORE = "attograph-models";
const PATIENCE_S = { ask: 3, write: 60 }; // the first for what takes milliseconds

/** @type {Promise<Cache | undefined> | undefined} */ let opened;
let works = true;
/** Name of the error after which it did not. */ let fault = "";

/** Whether the next visit finds what this one downloads, as far as is known. */
export function keepsFiles() {
  return works;
}

/** Whether it fails because it is full. */
export function storeIsFull() {
  return fault === "QuotaExceededError";
}

/** Opened once; after the first failure there is no store in this visit. */
function open() {
  // Even naming it throws in a frame without an origin.
  return (opened ??= attempt(() => caches.open(STORE)));
}

/** @template T @param {() => Promise<T>} ask @param {number} [seconds] @returns {Promise<T | undefined>} */
async function attempt(ask, seconds = PATIENCE_S.ask) {
  if (!works) return undefined;
  try {
    return await within(ask(), seconds);
  } catch (error) {
    works = false;
    fault = error instanceof Error || error instanceof DOMException ? error.name : "";
  }
}

/**
 * The key holds the checksum, so that a changed file is never answered with an old copy.
 * @param {URL} url
 * @param {ModelFile} file
 */
function keyOf(url, file) {
  const key = new URL(url);
  key.searchParams.set("sha256", file.sha256);
  return key.href;
}

/** @param {URL} url @param {ModelFile} file @returns {Promise<Uint8Array<ArrayBuffer> | undefined>} unchecked */
export async function keptFile(url, file) {
  const store = await open();
  const response = store && (await attempt(() => store.match(keyOf(url, file))));
  return response && attempt(async () => new Uint8Array(await response.arrayBuffer()));
}

/** @param {URL} url @param {ModelFile} file @param {Uint8Array<ArrayBuffer>} bytes */
export async function keepFile(url, file, bytes) {
  const store = await open();
  if (store) await attempt(() => store.put(keyOf(url, file), new Response(bytes)), PATIENCE_S.write);
  return works;
}

/** Those of some files that are not kept. @param {{ url: URL, file: ModelFile }[]} wanted */
export async function notKept(wanted) {
  const store = await open();
  const kept = new Set((store && (await attempt(() => store.keys())))?.map(({ url }) => url));
  return wanted.filter(({ url, file }) => !kept.has(keyOf(url, file)));
}
