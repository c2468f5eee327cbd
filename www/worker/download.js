// Downloads a model's files with progress, checks them against the manifest, and keeps them for the next visit.

/** @import { ModelFile } from "../app/messages.js" */

import { Failure } from "./failure.js";

const RELOAD = "Reload the page to try again; if it stays, the copy on this site is damaged.";
const CACHE = "attograph-models";

/**
 * @param {URL} url
 * @param {string} name what to call the file in a sentence
 * @param {(type: unknown) => boolean} looksRight
 * @returns {Promise<any>} the parsed JSON
 */
export async function fetchJson(url, name, looksRight) {
  const response = await get(url, name, "no-cache");
  let value;
  try {
    value = await response.json();
  } catch {
    throw new Failure("model", `${name} is not valid JSON.`, RELOAD);
  }
  if (!looksRight(value)) {
    throw new Failure("model", `${name} lacks the fields that the page reads.`, RELOAD);
  }
  return value;
}

/**
 * Starts every download at once.
 * @param {URL} folder the model's folder, with a slash at its end
 * @param {ModelFile[]} wanted
 * @param {(loaded: number, total: number, cached: boolean) => void} onProgress bytes of all files together
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
    onProgress(loaded, total, cached);
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
  const kept = await fromCache(url, file);
  if (kept) {
    count(kept.length, true);
    return kept;
  }
  const response = await get(url, file.path, "default");
  const bytes = await read(response, file, (n) => count(n, false));
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
  void keep(url, file, bytes);
  return bytes;
}

/**
 * @param {URL} url
 * @param {string} name
 * @param {RequestCache} cache
 */
async function get(url, name, cache) {
  let response;
  try {
    response = await fetch(url, { cache });
  } catch {
    throw new Failure("model", `${name} could not be reached.`, "Check the connection, then reload the page.");
  }
  if (!response.ok) {
    throw new Failure("model", `${name} is missing on this site (HTTP status ${response.status}).`, RELOAD);
  }
  return response;
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
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      chunks.push(part.value);
      length += part.value.length;
      count(part.value.length);
    }
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

/**
 * The key holds the checksum, so that a changed file is never answered with an old copy.
 * @param {URL} url
 * @param {ModelFile} file
 */
function cacheKey(url, file) {
  const key = new URL(url);
  key.searchParams.set("sha256", file.sha256);
  return key.href;
}

/**
 * @param {URL} url
 * @param {ModelFile} file
 */
async function fromCache(url, file) {
  if (!globalThis.caches) return undefined;
  try {
    const response = await (await caches.open(CACHE)).match(cacheKey(url, file));
    if (!response) return undefined;
    const bytes = new Uint8Array(await response.arrayBuffer());
    return (await sha256(bytes)) === file.sha256 ? bytes : undefined;
  } catch {
    return undefined; // storage may be forbidden: the network has the file too
  }
}

/**
 * @param {URL} url
 * @param {ModelFile} file
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function keep(url, file, bytes) {
  if (!globalThis.caches) return;
  try {
    await (await caches.open(CACHE)).put(cacheKey(url, file), new Response(bytes));
  } catch {
    // A full or forbidden store costs the next visit a download, nothing else.
  }
}

/**
 * Loads a wasm module's JavaScript and compiles it, also where the host sends wasm with the wrong MIME type.
 * @param {string} name "engine" or "tokenizer"
 * @returns {Promise<any>} the module's exports, ready for use
 */
export async function loadWasm(name) {
  const script = new URL(`../wasm/${name}.js`, import.meta.url);
  const binary = new URL(`../wasm/${name}_bg.wasm`, import.meta.url);
  try {
    const [exports, compiled] = await Promise.all([import(script.href), compile(binary, `wasm/${name}_bg.wasm`)]);
    await exports.default({ module_or_path: compiled });
    return exports;
  } catch (error) {
    if (error instanceof Failure) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure(name === "tokenizer" ? "tokenizer" : "model", `wasm/${name}.js could not be started (${why}).`, RELOAD);
  }
}

/**
 * @param {URL} url
 * @param {string} name
 */
async function compile(url, name) {
  const response = await get(url, name, "default");
  if (response.headers.get("Content-Type")?.startsWith("application/wasm")) {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}
