// Where the page's parts come from, and how its workers start. This is the site's way; delivery-single.js stands in for it in the
// single file. Nothing else in the page knows which of the two it is.

export { keepFile, keepsFiles, keptFile } from "../worker/kept-files.js";

/** Whether everything is inside the page's own file. */
export const INSIDE = false;

/** Every bundle stands one folder deep, as the modules in it do. */
let root = new URL("../", import.meta.url);

/** The only scripts that run apart from the page. */
const SCRIPTS = { engine: "worker/main.js", second: "worker/second-worker.js", service: "service-worker.js" };

/** Where the files are from here on: an author's own bundle may have taken this module away from them. @param {URL} folder */
export function filesAt(folder) {
  root = folder;
}

/** How long a worker may take to read the few bytes that import its script. */
const BLOB_MS = 60_000;

/** @typedef {"engine" | "second"} WorkerName */
/**
 * TypeScript does not know it yet.
 * @typedef {{ createScriptURL: (text: string) => string, createHTML: (text: string) => string }} Policy
 */

/** @type {Policy | undefined} */ let policy;

/** The policy under which the host's security rules let scripts and markup in. */
function policyOfHost() {
  const { trustedTypes } = /** @type {{ trustedTypes?: { createPolicy: (name: string, rules: Policy) => Policy } }} */ (globalThis);
  policy ??= trustedTypes?.createPolicy("attograph", {
    createScriptURL: (text) => {
      const own = Object.values(SCRIPTS).some((name) => urlOf(name).href === text);
      if (!own && !blobs.has(text)) throw new TypeError("This is no worker of the page.");
      return text;
    },
    createHTML: (text) => text, // from this module's callers alone
  });
  return policy;
}

/** An address as the host's security policy wants it. @param {string} address */
function trusted(address) {
  return policyOfHost()?.createScriptURL(address) ?? address;
}

/** A file of the site that is markup, as the host's security policy wants it. @param {string} text */
export function trustedMarkup(text) {
  return policyOfHost()?.createHTML(text) ?? text;
}

/** @param {string} name a file's path in the site, or a folder's with a slash at its end */
export function urlOf(name) {
  return new URL(name, root);
}

/** @param {URL} url from `urlOf` @param {RequestInit} [options] @returns {Promise<Response>} */
export function fetchFile(url, options) {
  return fetch(url, options);
}

/** @param {string} name of a script @returns {Promise<any>} what it exports */
export function importFile(name) {
  return import(urlOf(name).href);
}

/** What a link to a file leads to. @param {string} name @returns {Promise<string>} */
export async function linkOf(name) {
  return urlOf(name).href;
}

/** Where a worker's script is, and whether that is another origin than the page's. @param {WorkerName} which */
export function originsOf(which) {
  const file = urlOf(SCRIPTS[which]);
  return { file, isForeign: file.origin !== globalThis.origin };
}

/** Addresses of `wrapped`. @type {Set<string>} */ const blobs = new Set();

/** Whether the page stands in a frame without an origin: there a module is no worker, but what an old script imports may be one. */
const hasNoOrigin = () => globalThis.origin === "null";

/** Browsers start workers of the page's own origin only; what these import may come from elsewhere. @param {string} address */
function wrapped(address) {
  const script = JSON.stringify(address);
  // What is said to an old script before its import is here would be heard by nobody.
  const late = `const said=[];onmessage=(e)=>said.push(e);import(${script}).then(()=>{for(const e of said)onmessage(e)},(e)=>{setTimeout(()=>{throw e})})`;
  const blob = URL.createObjectURL(new Blob([hasNoOrigin() ? late : `import ${script};`], { type: "text/javascript" }));
  blobs.add(blob);
  return blob;
}

/** @param {WorkerName} which */
export function openWorker(which) {
  const { file, isForeign } = originsOf(which);
  const address = isForeign ? wrapped(file.href) : file.href;
  try {
    return new Worker(trusted(address), { type: hasNoOrigin() ? "classic" : "module", name: "attograph" });
  } finally {
    // By now it is on its way to the worker.
    if (blobs.delete(address)) setTimeout(() => URL.revokeObjectURL(address), BLOB_MS);
  }
}

/**
 * Starts the service worker, which keeps the page's files for use without a network.
 * @returns {Promise<ServiceWorker | undefined>} nothing where there can be none: in a frame without an origin, without https
 * @throws where the browser or the host forbids it
 */
export async function startService() {
  if (!/^https?:$/.test(location.protocol) || globalThis.origin === "null" || !("serviceWorker" in navigator)) return undefined;
  const registration = await navigator.serviceWorker.register(trusted(urlOf(SCRIPTS.service).href), { scope: root.href });
  const worker = registration?.active ?? registration?.waiting ?? registration?.installing;
  if (!worker || worker.state === "activated") return worker ?? undefined;
  return new Promise((resolve) => {
    worker.addEventListener("statechange", () => {
      if (worker.state === "activated") resolve(worker);
      if (worker.state === "redundant") resolve(undefined);
    });
  });
}
