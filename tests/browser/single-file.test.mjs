// The single file of `cargo xtask build --single`, opened from a folder: it traces, on both engines, and asks for nothing.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, type, wholeAnswers } from "./reading.mjs";

const FILE = new URL("../../target/attograph.html", import.meta.url);
const CSP = [/Content Security Policy|127\.0\.0\.1:9/];

/**
 * Opens it, and tells what it asked for, and which workers it started.
 * @param {import("node:test").TestContext} t
 * @param {string} query
 * @param {RegExp[]} [allow]
 */
async function openFile(t, query, allow) {
  assert.ok(existsSync(FILE), "there is no target/attograph.html: run `cargo xtask build --single`");
  /** @type {string[]} */ const asked = [];
  /** @type {string[]} */ const started = [];
  const page = await openPage(t, {
    at: FILE.href,
    query,
    allow,
    before: async (page) => {
      page.on("worker", (worker) => started.push(worker.url()));
      page.context().on("request", (request) => asked.push(request.url()));
      await page.context().setOffline(true);
    },
  });
  const outside = () => asked.filter((url) => url.split("?")[0] !== FILE.href && !/^(blob|data):/.test(url));
  return { page, outside, started };
}

test("from a file it answers 95 and 42, has both transcoders, and switches to the other model", async (t) => {
  const { page, outside } = await openFile(t, "?engine=cpu");
  await answers(page, "95");
  assert.match(await page.locator("[data-part=engines] .active").innerText(), /CPU/);
  assert.match(await page.locator("[data-part=download]").innerText(), /in this file/);
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  // The address holds the prompt here, too.
  await page.waitForFunction(() => location.search.includes("17%2B25"), null, { timeout: 60_000 });
  await page.locator("[data-part=transcoder]").selectOption("per-layer");
  await page.waitForFunction(() => location.search.includes("transcoder=per-layer"), null, { timeout: 60_000 });
  await answers(page, "42");

  await page.locator("[data-part=models] a:not([aria-current])").click();
  await page.waitForURL(/model=diagnosis/);
  assert.ok((await wholeAnswers(page)).length > 0);
  assert.equal(await page.locator("[data-part=notice]").isVisible(), false);
  assert.deepEqual(outside(), []);
});

test("from a file it computes on the GPU", async (t) => {
  const { page, outside } = await openFile(t, "?engine=gpu");
  await answers(page, "95");
  assert.match(await page.locator("[data-part=engines] .active").innerText(), /GPU/);
  assert.deepEqual(outside(), []);
});

test("from a file a long grade has its second worker, and the licence can be read", async (t) => {
  const { page, outside, started } = await openFile(t, "?engine=cpu&model=diagnosis", [/localStorage/]);
  await wholeAnswers(page);
  await page.locator("[data-part=grade-begin]").click();
  await page.locator(".findings li").first().waitFor({ timeout: 90_000 });
  assert.equal(started.length, 2);
  await page.locator("[data-part=card-body] a", { hasText: "CC0" }).click();
  await page.waitForURL(/^blob:/);
  assert.match(await page.locator("body").innerText(), /CC0/);
  assert.deepEqual(outside(), []);
});

test("its policy lets nothing out", async (t) => {
  const { page } = await openFile(t, "?engine=cpu", CSP);
  await answers(page, "95");
  const refused = await page.evaluate(async () => {
    /** @type {string[]} */ const broken = [];
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => broken.push(effectiveDirective));
    await fetch("http://127.0.0.1:9/").catch(() => {});
    const image = new Image();
    await new Promise((resolve) => {
      image.onerror = resolve;
      image.src = "http://127.0.0.1:9/x.png";
    });
    return broken;
  });
  assert.deepEqual(refused, ["connect-src", "img-src"]);
});
