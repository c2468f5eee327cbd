// A GPU that fails while one works with it: told, the CPU goes on, and what was set stays.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, notice, type } from "./reading.mjs";

for (const [what, script] of [
  ["answers no more", "GPUBuffer.prototype.mapAsync = () => new Promise(() => {});"],
  ["is lost", 'GPUBuffer.prototype.mapAsync = () => Promise.reject(new DOMException("lost", "OperationError"));'],
]) {
  test(`a GPU that ${what} in mid-visit is told, and what was set stays`, async (t) => {
    const page = await openPage(t, { query: "?engine=gpu&node=0.7" });
    await answers(page, "95");
    await page
      .locator(".node.feature")
      .last()
      .click({ modifiers: ["Shift"] });
    await page.locator("[data-part=subgraph] .item").waitFor();
    await page.workers()[0].evaluate(script);
    await type(page, "calc: 17+25=");
    assert.match(await notice(page), /GPU failed[^]*on the CPU/);
    await answers(page, "42");
    await page.locator(".stale").waitFor({ state: "detached" });
    await type(page, "calc: 36+59=");
    await answers(page, "95");
    await page.locator("[data-part=subgraph] .item").waitFor();
    assert.equal(new URL(page.url()).searchParams.get("node"), "0.7");
  });
}
