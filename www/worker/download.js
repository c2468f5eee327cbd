// Downloads a model's files with progress, checks them against the manifest, and keeps them for the next visit.

/** @import { ModelFile } from "../lab/messages.js" */

import { fetchFile, keepFile, keepsFiles, keptFile } from "../lab/delivery.js";
import { Failure } from "./failure.js";

export const RELOAD = "Reload the page to try again; if it stays, the copy on this site is damaged.";

/**
 * @param {URL} url
 * @param {string} name what to call the file in a sentence
 * @param {(value: unknown) => string | undefined} faultOf what is wrong with it, as the end of a sentence
 * @returns {Promise<any>} the parsed JSON
 */
export async function fetchJson(url, name, faultOf) {
  const response = await get(url, name, "no-cache");
  let value;
  try {
    value = await response.json();
  } catch {
    throw new Failure("model", `${name} is not valid JSON.`, RELOAD);
  }
  const fault = faultOf(value);
  if (fault) throw new Failure("model", `${name} ${fault}.`, RELOAD);
  return value;
}

/**
 * Bytes of all files together; whether all came from the browser's own store, and whether that store works. @typedef {{ loaded: number,
 * total: number, cached: boolean, kept: boolean }} Progress
 */

/**
 * Starts every download at once.
 * @param {URL} folder the model's folder, with a slash at its end
 * @param {ModelFile[]} wanted
 * @param {(progress: Progress) => void} onProgress
 * @returns {Map<string, Promise<Uint8Array>>} one promise a file
 */
export function downloadModel(folder, wanted, onProgress) {
  const total = wanted.reduce((sum, file) => sum + file.bytes, 0);
  let loaded = 0;
  let cached = true;
  /** @param {number} bytes @param {boolean} fromCache */
  const count = (bytes, fromCache) => {
    loaded += bytes;
    cached &&= fromCache;
    onProgress({ loaded, total, cached, kept: keepsFiles() });
  };
  const files = new Map();
  for (const file of wanted) {
    const promise = download(new URL(file.path, folder), file, count);
    promise.catch(() => {}); // whoever awaits the file hears of it
    files.set(file.path, promise);
  }
  return files;
}

/**
 * @param {URL} url
 * @param {ModelFile} file
 * @param {(bytes: number, fromCache: boolean) => void} count
 */
async function download(url, file, count) {
  const kept = await keptFile(url, file);
  if (kept && (await sha256(kept)) === file.sha256) {
    count(kept.length, true);
    return kept;
  }
  const bytes = await fetchChecked(url, file, (n) => count(n, false));
  void keepFile(url, file, bytes).then(() => count(0, false)); // and whether that worked
  return bytes;
}

/**
 * From the network, or not at all: what is not the file of its manifest is refused.
 * @param {URL} url
 * @param {ModelFile} file
 * @param {(bytes: number) => void} count
 */
export async function fetchChecked(url, file, count) {
  const response = await get(url, file.path, "default");
  const bytes = await read(response, file, count);
  if (bytes.length !== file.bytes) {
    throw new Failure(
      "model",
      `${file.path} has ${bytes.length.toLocaleString("en")} bytes, and its manifest says ${file.bytes.toLocaleString("en")}.`,
      RELOAD,
    );
  }
  const sum = await sha256(bytes);
  if (sum && sum !== file.sha256) {
    throw new Failure("model", `${file.path} is not the file that its manifest describes: the SHA-256 differs.`, RELOAD);
  }
  return bytes;
}

/**
 * @param {URL} url
 * @param {string} name
 * @param {RequestCache} cache
 */
export async function get(url, name, cache) {
  let response;
  try {
    response = await fetchFile(url, { cache });
  } catch {
    throw new Failure("model", `${name} could not be reached.`, "Check the connection, then reload the page.");
  }
  const { ok, status } = response;
  if (ok) return response;
  if (status === 404 || status === 410) throw new Failure("model", `${name} is missing on this site (HTTP status ${status}).`, RELOAD);
  if (status >= 500) throw new Failure("model", `This site failed to send ${name} (HTTP status ${status}).`, "Reload the page in a while.");
  throw new Failure("model", `This site refuses to send ${name} (HTTP status ${status}).`, RELOAD);
}

/**
 * @param {Response} response
 * @param {ModelFile} file
 * @param {(bytes: number) => void} count
 */
async function read(response, file, count) {
  const chunks = [];
  let length = 0;
  try {
    if (!response.body) return new Uint8Array(await response.arrayBuffer());
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done && length <= file.bytes; part = await reader.read()) {
      chunks.push(part.value);
      length += part.value.length;
      count(part.value.length);
    }
    void reader.cancel(); // of what is longer than it should be, no more is wanted
  } catch {
    throw new Failure("model", `The download of ${file.path} broke off.`, "Check the connection, then reload the page.");
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/**
 * Hexadecimal SHA-256, or undefined where the browser offers none (a page without https).
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function sha256(bytes) {
  if (!globalThis.crypto?.subtle) return undefined;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
