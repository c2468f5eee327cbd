// Labs in the elements of another page: several at once, each with its own state, and nothing left of those that were ended.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, site } from "./harness.mjs";

/** @import { Page } from "playwright-core" */

const PAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Another page</title>
<link rel="icon" href="favicon.svg"><link rel="stylesheet" href="style/all.css"><body><div id="one"></div><div id="two"></div></body>`;

/** A page of the site's origin that has nothing of the site's own page. @param {Page} page */
async function another(page) {
  await page.route(`${site}another.html*`, (route) => route.fulfill({ contentType: "text/html", body: PAGE }));
  await page.addInitScript(() => {
    const counted = /** @type {any} */ (window);
    counted.workers = 0;
    counted.Worker = class extends Worker {
      /** @param {string | URL} url @param {WorkerOptions} [options] */
      constructor(url, options) {
        super(url, options);
        counted.workers += 1;
      }
      terminate() {
        counted.workers -= 1;
        super.terminate();
      }
    };
  });
}

/** Makes a lab in an element. @param {Page} page @param {string} id @param {string} query */
const make = (page, id, query) =>
  page.evaluate(
    async ({ id, query }) => {
      const module = new URL("lab/create.js", location.href).href;
      const { createLab } = await import(module);
      /** @type {any} */ (window)[id] = await createLab(document.getElementById(id), { query });
    },
    { id, query },
  );

/** The answer on show in an element. @param {Page} page @param {string} id @param {string} token */
const answers = (page, id, token) =>
  page.locator(`#${id} [data-part=answers] li:first-child .token`).getByText(token, { exact: true }).waitFor({ timeout: 60_000 });

test("two labs on one page have states of their own; one ends and the other goes on", async (t) => {
  const page = await openPage(t, { path: "another.html", before: another });
  await make(page, "one", "engine=cpu");
  await make(page, "two", "engine=cpu&prompt=calc:%2047%2B21%3D");
  await answers(page, "one", "95");
  await answers(page, "two", "68");

  await page.locator("#two .node.feature").first().click();
  await page.locator("#two [data-part=inspector]").getByRole("button", { name: "Close" }).waitFor();
  assert.equal(await page.locator("#one [data-part=inspector]").getByRole("button", { name: "Close" }).count(), 0);
  const doubled = await page.evaluate(() => {
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    return ids.filter((id, i) => ids.indexOf(id) !== i);
  });
  assert.deepEqual(doubled, [], "no two elements have one id");

  await page.evaluate(() => /** @type {any} */ (window).one.destroy());
  assert.equal(await page.locator("#one").innerHTML(), "");
  await page.locator("#two [data-part=prompt]").fill("calc: 12+13=");
  await answers(page, "two", "25");
  await page.keyboard.press("Escape");
  assert.equal(new URL(page.url()).search, "", "the address is the other page's own");
});

test("a lab and two live elements on one page have one engine", async (t) => {
  /** @type {string[]} */ const asked = [];
  const page = await openPage(t, {
    path: "another.html",
    webgpu: false,
    before: async (page) => {
      await another(page);
      page.on("request", (request) => asked.push(request.url()));
    },
  });
  const patience = { timeout: 60_000 };
  await page.evaluate(() => {
    const script = Object.assign(document.createElement("script"), { type: "module", src: "elements/atto.js" });
    document.head.append(script);
    for (const sum of ["12+30", "17+51"]) {
      const graph = document.createElement("atto-graph");
      for (const [name, value] of Object.entries({ model: "addition", prompt: `calc: ${sum}=`, loading: "eager" }))
        graph.setAttribute(name, value);
      document.body.append(graph);
    }
  });
  await make(page, "one", "prompt=calc:%2020%2B25%3D");
  for (const said of ["12+30= 42", "17+51= 68"])
    await page.locator("atto-graph .bar", { hasText: `${said} traced here` }).waitFor(patience);
  await answers(page, "one", "45");
  assert.equal(await page.evaluate(() => /** @type {any} */ (window).workers), 1);
  assert.equal(page.workers().length, 1);
  const engines = asked.filter((url) => /engine_bg\.wasm|addition\/model\.safetensors/.test(url));
  assert.ok(engines.length > 0);
  assert.equal(new Set(engines).size, engines.length, "the engine and the weights are asked for once");
  // Who leaves takes nothing from who stays.
  await page.evaluate(() => document.querySelectorAll("atto-graph").forEach((each) => each.remove()));
  await page.locator("#one [data-part=prompt]").fill("calc: 21+25=");
  await answers(page, "one", "46");
});

test("after 200 labs nothing is left of them", async (t) => {
  const page = await openPage(t, { path: "another.html", before: another });
  const session = await page.context().newCDPSession(page);
  /** @param {number} times */
  const mounts = async (times) => {
    for (let i = 0; i < times; i++) {
      await make(page, "one", "engine=cpu");
      await page.evaluate(() => /** @type {any} */ (window).one.destroy());
    }
  };
  const held = async () => {
    for (let i = 0; i < 3; i++) await session.send("HeapProfiler.collectGarbage");
    const { metrics } = await session.send("Performance.getMetrics");
    const value = (/** @type {string} */ name) => metrics.find((each) => each.name === name)?.value ?? NaN;
    return { nodes: value("Nodes"), listeners: value("JSEventListeners"), bytes: value("JSHeapUsedSize") };
  };
  await session.send("Performance.enable");
  await mounts(10); // what the first ones bring in stays
  const before = await held();
  await mounts(200);
  const grownBy = async () => {
    const after = await held();
    return { nodes: after.nodes - before.nodes, listeners: after.listeners - before.listeners, bytes: after.bytes - before.bytes };
  };
  // One lab has some 700 nodes, 60 listeners and half a megabyte; what the last ones still waited for lets go of them within seconds.
  const isLittle = (/** @type {Awaited<ReturnType<typeof grownBy>>} */ grown) =>
    grown.nodes < 2000 && grown.listeners < 200 && grown.bytes < 3e6;
  let grown = await grownBy();
  for (let tries = 0; tries < 10 && !isLittle(grown); tries++) {
    await page.waitForTimeout(500);
    grown = await grownBy();
  }
  assert.ok(isLittle(grown), JSON.stringify({ before, grown }));
  // The engine stays a moment for who comes next.
  await page.waitForFunction(() => /** @type {any} */ (window).workers === 0);
});
