// The browser's store of files, which may be forbidden, silent or full: then the model is in memory alone, with a note.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers } from "./reading.mjs";

const CPU = "?engine=cpu";

for (const [what, script] of [
  ["throws", 'Object.defineProperty(self, "caches", { get() { throw new DOMException("no", "SecurityError"); } });'],
  ["never opens", "CacheStorage.prototype.open = () => new Promise(() => {});"],
  ["never answers", "Cache.prototype.match = () => new Promise(() => {});"],
  ["is full", 'Cache.prototype.put = () => Promise.reject(new DOMException("full", "QuotaExceededError"));'],
]) {
  test(`where the browser's store ${what}, the model is kept in memory alone, with a note`, async (t) => {
    const before = (/** @type {import("playwright-core").Page} */ page) =>
      page.route(/\/worker\/main\.js$/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, body: `${script}\n${await response.text()}` });
      });
    const page = await openPage(t, { query: CPU, before });
    await answers(page, "95");
    await page.locator("[data-part=download]").getByText("not kept by this browser").waitFor({ timeout: 20_000 });
    assert.equal(await page.locator("[data-part=notice]").isVisible(), false);
  });
}
