// What the tests of failing GPUs share.

import assert from "node:assert/strict";
import { openPage } from "./harness.mjs";
import { answers, notice, type } from "./reading.mjs";
import { withEngine } from "./spoiled-engine.mjs";

/** @import { Page } from "playwright-core" */

/** What browsers and drivers say, and no reader understands. */
export const JARGON = /JsValue|undefined|\[object|OperationError|RangeError|unreachable|panicked/;

/** Tells the page whenever a worker asks for a GPU. */
const TELL =
  '{ const ask = navigator.gpu.requestAdapter; const page = new BroadcastChannel("asked"); ' +
  "navigator.gpu.requestAdapter = function (...all) { page.postMessage(0); return " +
  "ask.apply(navigator.gpu, all); }; }";

/** Counts that, in the page, and the failures that a script tells of: workers come and go. @param {Page} page */
async function count(page) {
  await page.addInitScript(() => {
    for (const what of ["asked", "failed"]) {
      /** @type {any} */ (window)[what] = 0;
      new BroadcastChannel(what).onmessage = () => /** @type {any} */ (window)[what]++;
    }
  });
}

/** How often workers asked for a GPU. @param {Page} page @returns {Promise<number>} */
function asked(page) {
  return page.evaluate(() => /** @type {any} */ (window).asked);
}

/**
 * Opens the page with a GPU that fails so, and sees that the CPU takes over for good.
 * @param {{ after: (fn: () => Promise<void>) => void }} t
 * @param {string} script @param {"gpu" | "auto"} engine
 * @param {{ says?: RegExp, fails?: boolean }} [told] what the page says of it, and whether the script tells when the GPU has failed
 */
export async function checkFallBack(t, script, engine, { says, fails = false } = {}) {
  const page = await openPage(t, {
    query: `?engine=${engine}`,
    allow: [/no$|createBuffer failed|panicked|unreachable|RuntimeError/],
    before: async (page) => {
      await count(page);
      await withEngine(page, `${script}\n${TELL}`);
    },
  });
  await answers(page, "95");
  if (says) {
    await page.locator("[data-part=notice]").getByText("CPU").waitFor({ timeout: 60_000 });
    const said = await notice(page);
    assert.match(said, says);
    assert.doesNotMatch(said, JARGON);
  }
  await page.waitForFunction(() => /CPU/.test(document.querySelector("[data-part=engines] .active")?.textContent ?? ""), null, {
    timeout: 60_000,
  });
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  if (engine === "auto") await page.waitForTimeout(1500); // the race begins beside the work
  if (fails) await page.waitForFunction(() => /** @type {any} */ (window).failed > 0, null, { timeout: 60_000 });
  const before = await asked(page);
  assert.ok(before > 0, "it was tried");
  await page.locator("[data-part=transcoder]").selectOption("per-layer");
  await page.waitForFunction(() => location.search.includes("per-layer"), null, { timeout: 60_000 });
  await page.locator(".stale").waitFor({ state: "detached" });
  assert.match(await page.locator("[data-part=engines] .active").innerText(), /CPU/);
  assert.equal(await asked(page), before, "not tried again");
  assert.doesNotMatch(await page.locator("[data-part=engines]").innerText(), JARGON);
}
