// What goes wrong or comes late on a visitor's machine: the page says so, and goes on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, choose, count, notice, type } from "./reading.mjs";
import { withEngine } from "./spoiled-engine.mjs";

const CPU = "?engine=cpu";

test("an engine that stops for good is started again", async (t) => {
  const page = await openPage(t, {
    query: CPU,
    allow: [/injected/],
    before: (page) =>
      page.route(/wasm\/engine\.js$/, async (route) => {
        const response = await route.fetch();
        // As after a trap in wasm: an uncaught error, and a promise that never settles.
        const trap = `
          const trace = Engine.prototype.trace;
          let calls = 0;
          Engine.prototype.trace = function (ids, options) {
            if (++calls !== 2) return trace.call(this, ids, options);
            setTimeout(() => { throw new Error("injected"); });
            return new Promise(() => {});
          };`;
        await route.fulfill({ response, body: (await response.text()) + trap });
      }),
  });
  await answers(page, "95");
  await type(page, "calc: 17+25=");
  assert.match(await notice(page), /stopped unexpectedly[^]*started again/);
  await answers(page, "42");
});

test("while the tokenizer is on its way, sliders and examples work, and then the prompt is traced", async (t) => {
  /** @type {() => void} */ let release = () => {};
  const held = new Promise((resolve) => (release = () => resolve(undefined)));
  const page = await openPage(t, {
    query: CPU,
    before: (page) =>
      page.route(/tokenizer_bg\.wasm$/, async (route) => {
        await held;
        await route.continue();
      }),
  });
  await answers(page, "95");
  await type(page, "calc: 3+4=");
  assert.match(await notice(page), /tokenizer is still on its way/);
  const before = await count(page, "[data-part=node-count]");
  await page.locator("[data-part=node-threshold]").fill("0.4");
  await page.waitForFunction(
    (count) => Number.parseInt(document.querySelector("[data-part=node-count]")?.textContent ?? "", 10) < count,
    before,
  );
  await choose(page, 1);
  await answers(page, "42");
  await type(page, "calc: 3+4=");
  release();
  await answers(page, "7");
  assert.equal(await page.locator("[data-part=notice]").isVisible(), false);
});

test("a slider moved while the model loads counts", async (t) => {
  /** @type {() => void} */ let release = () => {};
  const held = new Promise((resolve) => (release = () => resolve(undefined)));
  const page = await openPage(t, {
    query: CPU,
    before: (page) =>
      page.route(/model\.safetensors$/, async (route) => {
        await held;
        await route.continue();
      }),
  });
  await page.locator("[data-part=examples] button").first().waitFor({ state: "attached" });
  await page.locator("[data-part=node-threshold]").fill("0.3");
  release();
  await answers(page, "95");
  const count = await page.locator(".node").count();
  await page.locator("[data-part=node-threshold]").fill("0.8");
  await page.waitForFunction((before) => document.querySelectorAll(".node").length > before, count);
});

test("an impossible first prompt is told, and the next one goes on", async (t) => {
  const page = await openPage(t, { query: `${CPU}&prompt=` });
  assert.match(await notice(page), /^Type a prompt/);
  await page.locator("[data-part=waiting]").waitFor({ state: "hidden" });
  await type(page, "calc: 17+25=");
  await answers(page, "42");
});

test("two numbers around no plus sign are not called a sum", async (t) => {
  const page = await openPage(t, { query: `${CPU}&prompt=${encodeURIComponent("count: 17,18,")}` });
  await answers(page, "19");
  await page.locator("[data-part=plot-progress]").getByText("done").waitFor({ timeout: 100_000 });
  await page.waitForFunction(() => document.querySelector(".node.feature.plotted"));
  await page.locator(".node.feature.plotted .frame").last().click();
  assert.match(await page.locator("[data-part=inspector] .big-plot + .readout").innerText(), /^a = 17, b = 18: activation/);
});

test("some digits of a long number are no operand", async (t) => {
  const page = await openPage(t, { query: `${CPU}&prompt=${encodeURIComponent("calc: 1959+36=")}` });
  await page.locator(".node.feature").first().waitFor({ timeout: 60_000 });
  assert.equal(await page.locator("[data-part=status] .background").isVisible(), false);
  assert.ok((await page.locator(".node.feature.dot").count()) > 0, "features are dots");
});

test("who stands in the empty box as the example comes types in its place", async (t) => {
  /** @type {() => void} */ let go = () => {};
  const held = new Promise((resolve) => (go = () => resolve(undefined)));
  const page = await openPage(t, {
    query: CPU,
    before: (page) =>
      page.context().route("**/manifest.json", async (route) => {
        await held;
        await route.continue();
      }),
  });
  await page.locator("[data-part=prompt]").focus();
  go();
  await page.waitForFunction(() => /** @type {HTMLTextAreaElement} */ (document.querySelector("[data-part=prompt]")).value !== "");
  await page.keyboard.type("calc: 3+4=");
  await answers(page, "7");
  assert.equal(await page.locator("[data-part=prompt]").inputValue(), "calc: 3+4=");
});

test("a text on which very many features fire is traced without plots", async (t) => {
  // No text has so many with the shipped model.
  const many = 'Object.defineProperty(Trace.prototype, "active_features", { get: () => 2001 });';
  const page = await openPage(t, {
    query: `${CPU}&prompt=${encodeURIComponent("3 and 5 are two numbers that I like very much indeed")}`,
    before: (page) => withEngine(page, many),
  });
  await page.locator(".node.feature").first().waitFor({ timeout: 60_000 });
  assert.match(
    await page.locator("[data-part=trace-time]").innerText(),
    /the 512 most influential of [\d,]+ active features that lead to an answer/,
  );
  assert.equal(await page.locator("[data-part=status] .background").isVisible(), false);
});
