// Keeps the page's own files for use without a network: one version at a time, whole or not at all.
//
// The page asks for it once it has drawn a graph. The files of `files.json` are fetched into a cache of their version and
// checked; the list itself is put there last, so that a version without it is not whole. A load of the page gets the version that was
// taken last, and keeps it until it ends: what a page or its workers ask for later comes from the same version. Files of models are
// no business of this script: the page keeps them by their checksums.

/** @import { Fetching, SiteList, FromService, ListedFile, ServiceScope } from "./lab/kept-site.js" */

const service = /** @type {ServiceScope} */ (/** @type {unknown} */ (self));

const SCOPE = service.registration.scope; // ends with a slash
const LIST = new URL("files.json", SCOPE).href;
const SELF = "service-worker.js";
const MODELS = { store: "attograph-models", start: `${SCOPE}models/` };
/** Several copies of the page may share an origin. */
const PAGE = { start: "attograph-page ", end: ` ${SCOPE}` };
const STATE = `attograph-state ${SCOPE}`;
/** A page that is just loading is not among the clients yet. */
const YOUNG_MS = 60_000;

class Fault extends Error {
  /** @param {NonNullable<FromService["fault"]>} kind @param {string} sentence */
  constructor(kind, sentence) {
    super(sentence);
    this.kind = kind;
  }
}

/** @param {string} version */
const pageCache = (version) => caches.open(PAGE.start + version + PAGE.end);

/** @param {string} path */
const urlOf = (path) => new URL(path.split("/").map(encodeURIComponent).join("/"), SCOPE).href;

service.addEventListener("install", (event) => event.waitUntil(service.skipWaiting()));
service.addEventListener("activate", (event) => event.waitUntil(service.clients.claim()));

service.addEventListener("fetch", (event) => {
  const path = pathOf(event.request);
  if (path !== undefined) event.respondWith(answer(event, path));
});

/** The path in the site of what is asked for; nothing where that is left to the network. @param {Request} request */
function pathOf({ method, url }) {
  if (method !== "GET" || !url.startsWith(SCOPE)) return undefined;
  const path = decodeURIComponent(new URL(url).pathname.slice(new URL(SCOPE).pathname.length)) || "index.html";
  const large = path.startsWith("models/") && !/(index\.json|manifest\.json|LICENSE)$/.test(path);
  return large || path === SELF || path === "files.json" ? undefined : path;
}

/** @param {Fetching} event @param {string} path */
async function answer(event, path) {
  const { request, clientId, resultingClientId } = event;
  const version = request.mode === "navigate" ? await taken() : await versionOf(clientId);
  // Of a page, or of a worker that it starts.
  if (version && resultingClientId) event.waitUntil(pin(resultingClientId, version));
  const kept = version && (await keptIn(version, path));
  if (kept) return kept;
  try {
    return await fetch(request);
  } catch (error) {
    // A page that was there before this script was: it came from the network, and so should its parts.
    const last = version ? undefined : await taken();
    const fallback = last && (await keptIn(last, path));
    if (fallback) return fallback;
    throw error;
  }
}

/** @param {string} version @param {string} path */
async function keptIn(version, path) {
  try {
    return await (await pageCache(version)).match(urlOf(path));
  } catch {
    return undefined; // then there is only the network
  }
}

/** @param {string} key @returns {Promise<any>} */
async function state(key) {
  try {
    return await (await (await caches.open(STATE)).match(SCOPE + key))?.json();
  } catch {
    return undefined;
  }
}

/** @param {string} key @param {unknown} value */
async function setState(key, value) {
  await (await caches.open(STATE)).put(SCOPE + key, new Response(JSON.stringify(value)));
}

/** The version that a load of the page gets. @returns {Promise<string | undefined>} */
function taken() {
  return state("taken");
}

/** Which version a page or a worker began with, by its id, and when. @typedef {Map<string, { version: string, since: number }>} Pins */
/** @type {Promise<Pins> | undefined} */ let pins;

function allPins() {
  return (pins ??= state("pins").then((kept) => new Map(Object.entries(kept ?? {}))));
}

/** @param {string} client @param {string} version */
async function pin(client, version) {
  const all = await allPins();
  all.set(client, { version, since: Date.now() });
  // This script may be ended at any time, and started again.
  await setState("pins", Object.fromEntries(all)).catch(() => {});
}

/** @param {string} client @returns {Promise<string | undefined>} */
async function versionOf(client) {
  const all = await allPins();
  const own = all.get(client)?.version;
  if (own) return own;
  // Not every browser tells which page a worker belongs to; where all pages have one version, it is that.
  const clients = await service.clients.matchAll({ type: "all", includeUncontrolled: true });
  if (clients.find(({ id }) => id === client)?.type !== "worker") return undefined;
  const versions = new Set(clients.filter(({ type }) => type === "window").map(({ id }) => all.get(id)?.version));
  return versions.size === 1 ? [...versions][0] : undefined;
}

service.addEventListener("message", (event) => {
  const { data, ports } = event;
  const done = data.type === "take" ? take(data.version) : fetchNewest();
  event.waitUntil(done.then((told) => ports[0]?.postMessage(told)));
});

/** @type {Promise<FromService> | undefined} */ let fetching;

/** Also where several pages ask at once. */
function fetchNewest() {
  return (fetching ??= fetchAndTell().finally(() => (fetching = undefined)));
}

/** @returns {Promise<FromService>} */
async function fetchAndTell() {
  await service.clients.claim().catch(() => {}); // also the page that was loaded past this script
  const before = await taken();
  try {
    const list = await newestList();
    await fetchVersion(list, before);
    if (before === undefined) return take(list.version);
    await tidy(list);
    return { list, taken: list.version === before };
  } catch (error) {
    const full = error instanceof DOMException && error.name === "QuotaExceededError";
    const fault = error instanceof Fault ? error.kind : full ? "full" : "store";
    const list = before === undefined ? undefined : await listOf(before);
    return { list, taken: list !== undefined, fault };
  }
}

/** @returns {Promise<SiteList>} */
async function newestList() {
  const response = await ask(LIST, "no-store");
  const list = await response.json().catch(() => undefined);
  const listed = (/** @type {any} */ files) =>
    Array.isArray(files) && files.every(({ path, sha256 }) => typeof path === "string" && typeof sha256 === "string");
  if (typeof list?.version !== "string" || !listed(list.page) || !listed(list.models)) throw new Fault("spoiled", "files.json is no list.");
  return list;
}

/** @param {string} url @param {RequestCache} cache @param {"network" | "spoiled"} [refused] what it is where the site does not send it */
async function ask(url, cache, refused = "network") {
  const response = await fetch(url, { cache }).catch((error) => {
    throw new Fault("network", String(error));
  });
  if (!response.ok) throw new Fault(refused, `${url}: HTTP status ${response.status}`);
  return response;
}

/** The list of a version that is whole. @param {string} version @returns {Promise<SiteList | undefined>} */
async function listOf(version) {
  return (await keptIn(version, "files.json"))?.json();
}

/** @param {SiteList} list @param {string | undefined} before the version that is taken now: what did not change comes from there */
async function fetchVersion(list, before) {
  if (await listOf(list.version)) return;
  const cache = await pageCache(list.version);
  const old = before === undefined ? undefined : await listOf(before);
  for (const file of list.page) {
    const url = urlOf(file.path);
    if (await cache.match(url)) continue; // an earlier visit came so far
    const same = old?.page.some(({ path, sha256 }) => path === file.path && sha256 === file.sha256);
    const kept = before !== undefined && same ? await keptIn(before, file.path) : undefined;
    await cache.put(url, kept ?? (await fetchChecked(url, file)));
  }
  await cache.put(LIST, new Response(JSON.stringify(list)));
}

/** @param {string} url @param {ListedFile} file */
async function fetchChecked(url, file) {
  const response = await ask(url, "no-cache", "spoiled");
  const bytes = await response.arrayBuffer().catch((error) => {
    throw new Fault("network", String(error));
  });
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const sum = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (sum !== file.sha256) throw new Fault("spoiled", `${file.path} is not the file of files.json.`);
  // Also the policies that the host sends with it; of how it was packed nothing is true any more.
  const headers = new Headers(response.headers);
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  return new Response(bytes, { headers });
}

/** @param {string} version @returns {Promise<FromService>} */
async function take(version) {
  const list = await listOf(version);
  if (!list) return { taken: false, fault: "store" };
  try {
    await setState("taken", version);
    await tidy(list);
  } catch {
    return { list, taken: (await taken()) === version, fault: "store" };
  }
  return { list, taken: true };
}

/** Deletes what no version needs any more. @param {SiteList} newest */
async function tidy(newest) {
  const all = await allPins();
  const live = new Set((await service.clients.matchAll({ type: "all", includeUncontrolled: true })).map(({ id }) => id));
  for (const [id, { since }] of all) if (!live.has(id) && Date.now() - since > YOUNG_MS) all.delete(id);
  const needed = new Set([newest.version, await taken(), ...[...all.values()].map(({ version }) => version)]);
  /** @type {Set<string>} */ const sums = new Set();
  for (const name of await caches.keys()) {
    if (!name.startsWith(PAGE.start) || !name.endsWith(PAGE.end)) continue;
    const version = name.slice(PAGE.start.length, -PAGE.end.length);
    if (!needed.has(version)) await caches.delete(name);
    else for (const { sha256 } of (await listOf(version))?.models ?? []) sums.add(sha256);
  }
  if (sums.size === 0) return; // a list that cannot be read just now says nothing of models
  const models = await caches.open(MODELS.store);
  for (const { url } of await models.keys())
    if (url.startsWith(MODELS.start) && !sums.has(new URL(url).searchParams.get("sha256") ?? "")) await models.delete(url);
}
