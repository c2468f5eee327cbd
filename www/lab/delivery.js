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

/** @typedef {"engine" | "second"} WorkerName */
/** TypeScript does not know it yet. @typedef {{ createScriptURL: (text: string) => string }} Policy */

/** @type {Policy | undefined} */ let policy;

/** An address as the host's security policy wants it. @param {string} address */
function trusted(address) {
  const { trustedTypes } = /** @type {{ trustedTypes?: { createPolicy: (name: string, rules: Policy) => Policy } }} */ (globalThis);
  if (!trustedTypes) return address;
  policy ??= trustedTypes.createPolicy("attograph", {
    createScriptURL: (text) => {
      if (!text.startsWith("blob:") && !Object.values(SCRIPTS).some((name) => urlOf(name).href === text))
        throw new TypeError("This is no worker of the page.");
      return text;
    },
  });
  return policy.createScriptURL(address);
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

/** @param {WorkerName} which */
export function openWorker(which) {
  const { href, origin } = urlOf(SCRIPTS[which]);
  if (origin === globalThis.origin) return new Worker(trusted(href), { type: "module", name: "attograph" });
  // No worker’s own script may come from another origin, but what that imports may. What is said meanwhile is kept until it is here.
  const text = `const early=[];self.onmessage=(e)=>early.push(e);import(${JSON.stringify(href)}).then(()=>{for(const e of early)self.onmessage(e)},(e)=>{setTimeout(()=>{throw e})})`;
  const started = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  return new Worker(trusted(started), { name: "attograph" });
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
