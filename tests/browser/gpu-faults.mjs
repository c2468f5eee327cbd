// What the tests of failing GPUs share.

import assert from "node:assert/strict";
import { openPage } from "./harness.mjs";
import { answers, notice, type } from "./reading.mjs";
import { withEngine } from "./spoiled-engine.mjs";

/** @import { Page } from "playwright-core" */

/** What browsers and drivers say, and no reader understands. */
export const JARGON = /JsValue|undefined|\[object|OperationError|RangeError|unreachable|panicked/;

/** Counts how often the worker asks for a GPU. */
const COUNT = "{ const ask = navigator.gpu.requestAdapter; navigator.gpu.requestAdapter = function (...all) { self.asked = (self.asked ?? 0) + 1; return ask.apply(navigator.gpu, all); }; }";

/** How often the worker that runs now asked for a GPU: one that ended before may still be listed. @param {Page} page @returns {Promise<number>} */
async function asked(page) {
  return (await page.workers().at(-1)?.evaluate(() => /** @type {any} */ (self).asked ?? 0)) ?? 0;
}

/**
 * Opens the page with a GPU that fails so, and sees that the CPU takes over for good.
 * @param {{ after: (fn: () => Promise<void>) => void }} t
 * @param {string} script @param {"gpu" | "auto"} engine @param {RegExp} [says]
 */
export async function checkFallBack(t, script, engine, says) {
  const page = await openPage(t, {
    query: `?engine=${engine}`,
    allow: [/no$|createBuffer failed|panicked|unreachable|RuntimeError/],
    before: (page) => withEngine(page, `${script}\n${COUNT}`),
  });
  await answers(page, "95");
  if (says) {
    await page.locator("#notice").getByText("CPU").waitFor({ timeout: 60_000 });
    const said = await notice(page);
    assert.match(said, says);
    assert.doesNotMatch(said, JARGON);
  }
  await page.waitForFunction(() => /CPU/.test(document.querySelector("#engines .active")?.textContent ?? ""), null, { timeout: 60_000 });
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  if (engine === "auto") await page.waitForTimeout(1500); // the race begins beside the work
  const before = await asked(page);
  await page.locator("#transcoder").selectOption("per-layer");
  await page.waitForFunction(() => location.search.includes("per-layer"), null, { timeout: 60_000 });
  await page.locator(".stale").waitFor({ state: "detached" });
  assert.match(await page.locator("#engines .active").innerText(), /CPU/);
  assert.equal(await asked(page), before, "not tried again");
  assert.doesNotMatch(await page.locator("#engines").innerText(), JARGON);
}
