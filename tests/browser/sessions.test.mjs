// One engine a page: many graphs at once in one worker, on one GPU device, which end when they are closed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { onTheCommandLine, sameGraph } from "./command-line.mjs";
import { openPage, site } from "./harness.mjs";
import { answers, type } from "./reading.mjs";
import { allTold, closeSessions, countWorkers, EMPTY, openSessions, say, told, workersEnded, workersMade } from "./session-pages.mjs";
import { withEngine } from "./spoiled-engine.mjs";

/** @import { Page } from "playwright-core" */

/** @param {Page} page */
async function prepare(page) {
  await countWorkers(page);
  await page.route(`${site}frame.html`, (route) => route.fulfill({ contentType: "text/html", body: EMPTY }));
}

/** The graph on show in a session, as a file. @param {Page} page @param {number} at */
async function graphOf(page, at) {
  await say(page, at, { type: "json", request: 1, thresholds: { node: 0.8, edge: 0.98, density: 1 } });
  const [json] = await told(page, at, "json", ["json"]);
  return JSON.parse(json);
}

/** Ids of the answers' nodes in a file: of a long prompt's graph the rest is the same but for what is at the very threshold. */
function answersIn(/** @type {{ nodes: { node_id: string, feature_type: string }[] }} */ { nodes }) {
  const ids = nodes.filter(({ feature_type }) => feature_type === "logit").map(({ node_id }) => node_id);
  assert.ok(ids.length > 0);
  return ids.sort();
}

test("two graphs of different transcoders at once: one worker, and each is the command line's", async (t) => {
  /** @type {string[]} */ const asked = [];
  const page = await openPage(t, {
    path: "frame.html",
    before: async (page) => {
      await prepare(page);
      page.on("request", (request) => asked.push(request.url().replace(site, "")));
    },
  });
  const prompts = ["calc: 36+59=", "calc: 17+25="];
  await openSessions(page, site, [{ prompt: prompts[0] }, { prompt: prompts[1], transcoder: "per-layer" }, { prompt: "calc: 12+30=" }]);
  for (const [at, answer] of ["95", "42", "42"].entries())
    assert.deepEqual(await told(page, at, "graph", ["graph.answers.0.token"]), [answer]);
  assert.equal(await workersMade(page), 1);
  sameGraph(await graphOf(page, 0), onTheCommandLine("trace", prompts[0]));
  const perLayer = await graphOf(page, 1);
  assert.notEqual(perLayer.nodes.length, 0);
  assert.match(JSON.stringify(perLayer.metadata), /per-layer/);
  for (const file of ["models/index.json", "models/addition/manifest.json", "wasm/engine_bg.wasm", "wasm/tokenizer_bg.wasm"])
    assert.equal(asked.filter((url) => url === file).length, 1, `${file} is asked for once`);
  const transcoders = asked.filter((url) => /addition\/transcoder/.test(url));
  assert.equal(new Set(transcoders).size, transcoders.length, "two that ask for the same share its download");
  await closeSessions(page);
  await workersEnded(page);
});

test("ten graphs beside the page's own: one worker, all are right, and the page's goes on when they are closed", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu", before: countWorkers });
  await answers(page, "95");
  const sums = Array.from({ length: 9 }, (_, i) => ({ a: 11 + 7 * i, b: 21 + 3 * i }));
  const diagnosis = await page.evaluate(async () => (await (await fetch("models/diagnosis/manifest.json")).json()).examples[0].prompt);
  await openSessions(page, site, [...sums.map(({ a, b }) => ({ prompt: `calc: ${a}+${b}=` })), { model: "diagnosis", prompt: diagnosis }]);
  for (const [at, { a, b }] of sums.entries())
    assert.deepEqual(await told(page, at, "graph", ["prompt", "graph.answers.0.token"]), [`calc: ${a}+${b}=`, String(a + b)]);
  await told(page, 9, "graph");
  assert.equal(await workersMade(page), 1);
  const found = await graphOf(page, 9);
  const expected = onTheCommandLine("trace", diagnosis, [], "diagnosis");
  assert.deepEqual(answersIn(found), answersIn(expected));
  sameGraph(await graphOf(page, 4), onTheCommandLine("trace", `calc: ${sums[4].a}+${sums[4].b}=`));
  await closeSessions(page);
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  assert.equal(await workersMade(page), 1);
  assert.equal(page.workers().length, 1);
});

test("graphs with two transcoders on the GPU share one device", async (t) => {
  const page = await openPage(t, {
    path: "frame.html",
    before: async (page) => {
      await prepare(page);
      await page.addInitScript(() => {
        /** @type {any} */ (window).devices = 0;
        new BroadcastChannel("devices").onmessage = () => /** @type {any} */ (window).devices++;
      });
      await withEngine(
        page,
        `{ const ask = GPUAdapter.prototype.requestDevice; const page = new BroadcastChannel("devices");
        GPUAdapter.prototype.requestDevice = function (...all) { page.postMessage(0); return ask.apply(this, all); }; }`,
      );
    },
  });
  const prompt = "calc: 36+59=";
  await openSessions(page, site, [
    { prompt, engine: "gpu" },
    { prompt: "calc: 17+25=", engine: "gpu", transcoder: "per-layer" },
    { prompt: "calc: 17+25=", engine: "cpu" },
  ]);
  for (const [at, answer] of ["95", "42", "42"].entries())
    assert.deepEqual(await told(page, at, "graph", ["graph.answers.0.token"]), [answer]);
  for (const [at, engine] of ["gpu", "gpu", "cpu"].entries()) assert.deepEqual(await told(page, at, "engine", ["active"]), [engine]);
  sameGraph(await graphOf(page, 0), onTheCommandLine("trace", prompt));
  assert.equal(await page.evaluate(() => /** @type {any} */ (window).devices), 1);
});

test("what is suspended is traced and goes no further until it is seen", async (t) => {
  const page = await openPage(t, { path: "frame.html", before: prepare });
  await openSessions(page, site, [{ prompt: "calc: 36+59=" }], true);
  await told(page, 0, "graph");
  await page.waitForTimeout(2000);
  const further = /operands|samples|continuation/;
  assert.deepEqual(
    (await allTold(page, 0)).filter((type) => further.test(type)),
    [],
  );
  await page.evaluate(() => /** @type {any} */ (window).sessions[0].session.resume());
  for (const type of /** @type {const} */ (["operands", "samples", "continuation"])) await told(page, 0, type);
});

test("a worker that ends is told to every session, and the next one begins another", async (t) => {
  const page = await openPage(t, { path: "frame.html", before: prepare });
  await openSessions(page, site, [{ prompt: "calc: 36+59=" }, { prompt: "calc: 17+25=" }]);
  for (const at of [0, 1]) await told(page, at, "graph");
  await page.workers()[0].evaluate(() => {
    setTimeout(() => {
      throw new Error("injected");
    });
  });
  await page.waitForFunction(() => /** @type {any} */ (window).sessions.every((/** @type {any} */ each) => /stopped/.test(each.ended)));
  assert.equal(
    await page.evaluate(() => /** @type {any} */ (window).sessions.some((/** @type {any} */ each) => each.session.isOpen)),
    false,
  );
  await closeSessions(page);
  await openSessions(page, site, [{ prompt: "calc: 17+25=" }]);
  assert.deepEqual(await told(page, 0, "graph", ["graph.answers.0.token"]), ["42"]);
  assert.equal(await workersMade(page), 2);
});

test("200 sessions that come and go leave no worker, and the engine is loaded once", async (t) => {
  const page = await openPage(t, { path: "frame.html", before: prepare });
  await openSessions(page, site, [{ prompt: "calc: 36+59=" }]);
  await told(page, 0, "graph");
  for (let i = 0; i < 20; i++) {
    await openSessions(page, site, Array(10).fill({ prompt: "calc: 17+25=" }));
    await closeSessions(page);
  }
  await openSessions(page, site, [{ prompt: "calc: 17+25=" }]);
  assert.deepEqual(await told(page, 0, "graph", ["graph.answers.0.token"]), ["42"]);
  assert.equal(await workersMade(page), 1);
  await closeSessions(page);
  await workersEnded(page);
});
