// What one visit keeps, the next ones have without a network; a new version of the site comes whole or not at all.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { OwnSite } from "./own-site.mjs";
import { answers, type, wholeAnswers } from "./reading.mjs";

/** @import { Page } from "playwright-core" */
/** @import { Options } from "./chromium.mjs" */

const CPU = "?engine=cpu";
/** What was on its way when a page was loaded anew. */
const RELOADED = /ERR_ABORTED/;
const CUT = [/ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to load resource/];
const KEPT = /^Kept for use without a network$/;
const SECOND = { "lab/main.js": '\ndocument.documentElement.dataset.version = "second";' };

/** Waits for what the status line says of it. @param {Page} page @param {RegExp} text */
async function said(page, text) {
  await page.locator("[data-part=offline]").getByText(text).waitFor({ timeout: 60_000 });
}

/** @param {import("node:test").TestContext} t @param {OwnSite} site @param {Options & { allow?: RegExp[] }} [options] */
function visit(t, site, options) {
  return openPage(t, { query: CPU, at: site.address, serviceWorkers: "allow", ...options, allow: [RELOADED, ...(options?.allow ?? [])] });
}

/** @param {Page} page @returns {Promise<string | undefined>} */
function versionOf(page) {
  return page.evaluate(() => document.documentElement.dataset.version);
}

/** @param {Page} page */
async function reload(page) {
  await page.reload({ waitUntil: "load" });
  await answers(page, "95");
}

test("after one visit a reload, the other transcoder and the other model need no network", async (t) => {
  const site = await OwnSite.start(t);
  const page = await visit(t, site, { allow: CUT });
  await answers(page, "95");
  await said(page, KEPT);
  const models = site.asked.filter((name) => name.startsWith("models/") && name.endsWith(".safetensors"));
  assert.equal(new Set(models).size, models.length, "no file of a model is fetched twice");
  assert.ok(!site.asked.some((name) => name.endsWith("evaluation.json")), "what the page never reads is left out");

  await site.stop();
  await page.context().setOffline(true);
  // In the visit in which the network went.
  await page.locator("[data-part=transcoder]").selectOption("per-layer");
  await page.waitForFunction(() => location.search.includes("transcoder=per-layer"), null, { timeout: 60_000 });
  await answers(page, "95");
  await page.goto(site.address + CPU);
  await answers(page, "95");
  await said(page, KEPT);
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  await page.locator("[data-part=download]").getByText("kept by this browser").waitFor();
  await page.locator("[data-part=models] a:not([aria-current])").click();
  await page.waitForURL(/model=diagnosis/);
  assert.ok((await wholeAnswers(page)).length > 0);
  assert.match(await page.locator("h1, [data-part=card-body]").first().innerText(), /Attograph/);
  await page.locator("[data-part=transcoder]").selectOption("per-layer");
  await page.waitForFunction(() => location.search.includes("transcoder=per-layer"), null, { timeout: 60_000 });
  await page.locator(".stale").waitFor({ state: "detached" });
  assert.equal(await page.locator("[data-part=notice]").isVisible(), false);
});

test("a new version arrives whole, shows with the next load, and nothing of the old one stays", async (t) => {
  const site = await OwnSite.start(t);
  const page = await visit(t, site);
  await said(page, KEPT);
  await site.update("second", { ...SECOND, "style/all.css": "\n/* second */" });
  site.asked = [];
  await reload(page);
  assert.equal(await versionOf(page), undefined, "the version that was kept");
  await said(page, /new version is here/);
  assert.deepEqual(site.asked.filter((name) => name !== "service-worker.js").sort(), ["files.json", "lab/main.js", "style/all.css"]);
  assert.equal(await versionOf(page), undefined);
  await reload(page);
  assert.equal(await versionOf(page), "second");
  await said(page, KEPT);
  await page.waitForFunction(async () => (await caches.keys()).filter((name) => name.startsWith("attograph-page")).length === 1);
});

test("an open page keeps its own version while another tab has the new one", async (t) => {
  const site = await OwnSite.start(t);
  const old = await visit(t, site);
  await said(old, KEPT);
  await reload(old);
  await said(old, KEPT);
  await site.update("second", { ...SECOND, "worker/second-worker.js": "\n/* second */" });
  const other = await old.context().newPage();
  await other.goto(site.address + CPU);
  await said(other, /new version is here/);
  await reload(other);
  assert.equal(await versionOf(other), "second");
  const script = (/** @type {Page} */ page) =>
    page.evaluate(async (address) => (await fetch(`${address}worker/second-worker.js`)).text(), site.address);
  assert.doesNotMatch(await script(old), /second \*\//);
  assert.match(await script(other), /second \*\//);
});

for (const [what, spoil] of /** @type {[string, (site: OwnSite) => unknown][]} */ ([
  ["is missing", (site) => site.changed.set("style/all.css", undefined)],
  ["is another than the list says", (site) => site.changed.set("style/all.css", "body {}")],
])) {
  test(`a new version of which one file ${what} leaves the old one working, also without a network`, async (t) => {
    const site = await OwnSite.start(t);
    const page = await visit(t, site, { allow: CUT });
    await said(page, KEPT);
    const { changed } = site;
    await site.update("second", { ...SECOND, "style/all.css": "\n/* second */" });
    const whole = /** @type {string} */ (changed.get("style/all.css"));
    spoil(site);
    await reload(page);
    await said(page, /did not arrive whole: this one stays/);
    const port = site.port ?? 0;
    await site.stop();
    await reload(page);
    assert.equal(await versionOf(page), undefined);

    // It goes on where it stopped.
    changed.set("style/all.css", whole);
    await site.listen(port);
    await reload(page);
    await said(page, /new version is here/);
    await reload(page);
    assert.equal(await versionOf(page), "second");
  });
}

test("a new version that has another model takes over once that is here", async (t) => {
  const site = await OwnSite.start(t);
  const page = await visit(t, site);
  await said(page, KEPT);
  await site.update("second", { ...SECOND });
  const list = JSON.parse(String(await site.read("files.json")));
  const samples = list.models.find((/** @type {{ path: string }} */ { path }) => path === "models/addition/samples.json");
  samples.sha256 = "0".repeat(64);
  site.changed.set("files.json", JSON.stringify(list));
  await reload(page);
  await said(page, /Not all is kept[^]*samples\.json/);
  await reload(page);
  assert.equal(await versionOf(page), undefined);
});

test("where the browser is to save data, the page is kept and the other models are not", async (t) => {
  const site = await OwnSite.start(t);
  const before = (/** @type {Page} */ page) =>
    page.addInitScript(() => Object.defineProperty(navigator, "connection", { value: { saveData: true } }));
  const page = await visit(t, site, { before, allow: CUT });
  await said(page, /other models are not/);
  assert.ok(!site.asked.some((name) => name.startsWith("models/diagnosis/") && name.endsWith(".safetensors")));
  await site.stop();
  await reload(page);
});

for (const [what, script, sentence] of /** @type {[string, string, RegExp][]} */ ([
  [
    "is forbidden",
    'CacheStorage.prototype.open = () => Promise.reject(new DOMException("no", "SecurityError"));',
    /keeps nothing for this page/,
  ],
  ["is full", 'Cache.prototype.put = () => Promise.reject(new DOMException("full", "QuotaExceededError"));', /storage is full/],
])) {
  test(`where the storage ${what}, that is told, and the page works`, async (t) => {
    const site = await OwnSite.start(t);
    site.changed.set("service-worker.js", `${script}\n${await site.read("service-worker.js")}`);
    site.changed.set("worker/main.js", `${script}\n${await site.read("worker/main.js")}`);
    const page = await visit(t, site, { before: (page) => page.addInitScript(script) });
    await answers(page, "95");
    await said(page, sentence);
    await page.locator("[data-part=download]").getByText("not kept by this browser").waitFor({ timeout: 20_000 });
    await type(page, "calc: 17+25=");
    await answers(page, "42");
    assert.equal(await page.locator("[data-part=notice]").isVisible(), false);
  });
}

test("where no service worker may start, that is told, and the page works", async (t) => {
  const site = await OwnSite.start(t);
  site.changed.set("service-worker.js", undefined);
  const page = await visit(t, site, { allow: [/service-worker\.js|Failed to load resource|bad HTTP response/] });
  await answers(page, "95");
  await said(page, /keeps nothing for this page/);
  await type(page, "calc: 17+25=");
  await answers(page, "42");
});

test("where the host requires trusted types, it is kept all the same, with the host's policy", async (t) => {
  const site = await OwnSite.start(t);
  site.headers = { "content-security-policy": "require-trusted-types-for 'script'; trusted-types attograph" };
  const page = await visit(t, site, { allow: CUT });
  await said(page, KEPT);
  await site.stop();
  await reload(page);
  const policy = await page.evaluate(async () => (await fetch(location.href)).headers.get("content-security-policy"));
  assert.match(policy ?? "", /trusted-types attograph/);
});

test("it can be installed, below any path", async (t) => {
  const site = await OwnSite.start(t);
  const page = await visit(t, site);
  await said(page, KEPT);
  const session = await page.context().newCDPSession(page);
  const { url, errors, data } = await session.send("Page.getAppManifest");
  assert.equal(url, `${site.address}manifest.webmanifest`);
  assert.deepEqual(errors, []);
  const { name, start_url, scope, display, icons } = JSON.parse(data ?? "");
  assert.match(name, /^Attograph/);
  assert.equal(new URL(start_url, url).href, site.address);
  assert.equal(new URL(scope, url).href, site.address);
  assert.equal(display, "standalone");
  for (const { src, sizes } of icons) {
    const [width] = await page.evaluate(
      (address) =>
        new Promise((/** @type {(size: number[]) => void} */ resolve, reject) => {
          const image = new Image();
          image.onload = () => resolve([image.naturalWidth, image.naturalHeight]);
          image.onerror = reject;
          image.src = address;
        }),
      new URL(src, url).href,
    );
    if (sizes !== "any") assert.equal(`${width}x${width}`, sizes);
  }
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // Profiles of tests are private ones.
  assert.deepEqual(
    installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito"),
    [],
  );
});
