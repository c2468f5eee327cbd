// A worker that works for long, or whose page stood still, is not taken for dead.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, traced, type } from "./reading.mjs";
import { atTrace, withEngine } from "./spoiled-engine.mjs";

const CPU = "?engine=cpu";

test("long work is no hang: a worker busy for eight seconds is let be", async (t) => {
  const page = await openPage(t, {
    query: CPU,
    before: (page) => withEngine(page, atTrace("const end = performance.now() + 8000; while (performance.now() < end);")),
  });
  await answers(page, "95");
  await type(page, "calc: 12+30=");
  await page.locator("[data-part=stale]").getByText("has not answered for").waitFor({ timeout: 15_000 });
  await answers(page, "42");
  await page.locator("[data-part=stale]").waitFor({ state: "hidden" });
  assert.equal(await page.locator("[data-part=notice]").isVisible(), false, "and nothing was started again");
});

test("a page that slept, or whose main thread stood still, does not take its worker for dead", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const session = await page.context().newCDPSession(page);
  await session.send("Debugger.enable");
  const paused = new Promise((resolve) => session.once("Debugger.paused", resolve));
  const stopped = page.evaluate(() => {
    // biome-ignore lint/suspicious/noDebugger: it stops the page as a debugger would
    debugger;
  });
  await paused;
  await new Promise((resolve) => setTimeout(resolve, 16_000));
  await session.send("Debugger.resume");
  await stopped;
  await page.waitForTimeout(3000);
  assert.equal(await page.locator("[data-part=notice]").isVisible(), false);
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  await traced(page, "calc: 17+25=");
});
