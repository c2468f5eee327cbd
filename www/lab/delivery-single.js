// In place of delivery.js in the single file (`cargo xtask build --single`): every part stands in the page itself, packed by gzip and in
// base64, and no network is asked. The page hands the packed texts on to its worker, and that to the second one. Scripts are bundled:
// WebKit imports no module from a blob where the page is a file.

/** @import { ModelFile } from "./messages.js" */
/** @import { WorkerName } from "./delivery.js" */

import * as engine from "../wasm/engine.js";
import * as tokenizer from "../wasm/tokenizer.js";

export const INSIDE = true;

/** No markup is fetched here. @param {string} text */
export const trustedMarkup = (text) => text;

/** @type {Record<string, unknown>} */
const MODULES = { "wasm/engine.js": engine, "wasm/tokenizer.js": tokenizer };

/** What a worker is told before everything else. @typedef {{ files: Map<string, string>, scripts: Record<WorkerName, string> }} Parts */

/** What names of files are resolved against; it is no place on any network. */
const ROOT = "inside:///";

const TYPES = [
  { ending: ".wasm", type: "application/wasm" },
  { ending: ".json", type: "application/json" },
  { ending: "LICENSE", type: "text/plain;charset=utf-8" },
];

/** The parts, once they are here. @type {Parts | undefined} */
let now = "document" in globalThis ? fromPage() : undefined;
const parts = now ? Promise.resolve(now) : fromMessage();

/** @returns {Parts} */
function fromPage() {
  /** @type {Map<string, string>} */ const files = new Map();
  for (const block of document.querySelectorAll("script[data-file]")) {
    files.set(block.getAttribute("data-file") ?? "", block.textContent ?? "");
    block.remove();
  }
  return { files, scripts: JSON.parse(document.getElementById("worker-scripts")?.textContent ?? "{}") };
}

/** @returns {Promise<Parts>} */
function fromMessage() {
  return new Promise((resolve) => {
    // Added before the worker sets its own listener, and the parts are sent before anything else.
    addEventListener("message", function take(event) {
      const { data } = /** @type {MessageEvent} */ (event);
      if (!data?.files) return;
      event.stopImmediatePropagation();
      removeEventListener("message", take);
      now = data;
      resolve(data);
    });
  });
}

/** @param {string} name */
export function urlOf(name) {
  return new URL(name, ROOT);
}

/** @param {URL} url @param {RequestInit} [_options] @returns {Promise<Response>} */
export async function fetchFile(url, _options) {
  const name = decodeURIComponent(url.pathname.replace(/^\/+/, ""));
  const text = (await parts).files.get(name);
  if (text === undefined) return new Response(null, { status: 404 });
  // Not by way of a blob either.
  const packed = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (new Response(bytesOf(text)).body);
  const type = TYPES.find(({ ending }) => name.endsWith(ending))?.type ?? "application/octet-stream";
  return new Response(packed.pipeThrough(new DecompressionStream("gzip")), { headers: { "Content-Type": type } });
}

/** @param {string} base64 @returns {Uint8Array<ArrayBuffer>} */
function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** @param {string} name @returns {Promise<any>} */
export async function importFile(name) {
  return MODULES[name];
}

/** @param {string} name @returns {Promise<string>} */
export async function linkOf(name) {
  return URL.createObjectURL(await (await fetchFile(urlOf(name))).blob());
}

/** @param {WorkerName} which */
export function openWorker(which) {
  if (!now) throw new Error("A worker started another one before it had its parts.");
  const address = URL.createObjectURL(new Blob([now.scripts[which]], { type: "text/javascript" }));
  const worker = new Worker(address, { name: "attograph" });
  worker.postMessage(now);
  return worker;
}

/** Everything is of the page's own origin. @param {WorkerName} _which */
export function originsOf(_which) {
  return { file: new URL(ROOT), isForeign: false };
}

/** There is nothing to keep. @returns {Promise<ServiceWorker | undefined>} */
export async function startService() {
  return undefined;
}

/** Every file is there already. */
export function keepsFiles() {
  return true;
}

/** @param {URL} url @param {ModelFile} _file @returns {Promise<Uint8Array<ArrayBuffer> | undefined>} */
export async function keptFile(url, _file) {
  const response = await fetchFile(url);
  return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
}

/** @param {URL} _url @param {ModelFile} _file @param {Uint8Array<ArrayBuffer>} _bytes */
export async function keepFile(_url, _file, _bytes) {
  return true;
}
