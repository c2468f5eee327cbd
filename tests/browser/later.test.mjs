// What the first graph needs nothing of comes later: by itself when the page is idle, or when it is asked for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, notice } from "./reading.mjs";

const CPU = "?engine=cpu";
const PARTS = /lab\/parts-[^/]*\.js(\?\d+)?$/;

test("after the first live graph it comes by itself, so that a click does not wait", async (t) => {
  const page = await openPage(t, { query: CPU, allow: [/favicon|DISCONNECTED/] });
  await answers(page, "95");
  await page.waitForFunction(() => performance.getEntriesByType("resource").some(({ name }) => /lab\/parts-/.test(name)));
  await page.locator("[data-part=card-body] .lead").waitFor({ state: "attached" });
  await page.context().setOffline(true);
  await page.locator("[data-part=compare-begin]").click();
  await page.locator("[data-part=compare-prompt]").waitFor();
});

test("a key presses the button of a part that did not begin yet, though its file is here", async (t) => {
  const neverIdle = () => Object.assign(window, { requestIdleCallback: () => 0 });
  const page = await openPage(t, { query: CPU, before: (page) => page.addInitScript(neverIdle) });
  await answers(page, "95");
  // The card is asked for by the live graph, and comes in the file of them all.
  await page.locator("[data-part=card-body] .lead").waitFor({ state: "attached" });
  await page.locator("[data-part=compare-begin]").press("Enter");
  await page.locator("[data-part=compare-prompt]").waitFor();
  await page.locator("[data-part=compare-close]").click();
  await page.locator("[data-part=keep] summary").press("Enter");
  await page.locator("[data-part=snapshot-form] input").press("Enter");
  await page.locator("[data-part=snapshots] li").first().waitFor();
});

test("where it does not arrive that is told, and another click tries again", async (t) => {
  let spoiled = true;
  const page = await openPage(t, {
    query: CPU,
    allow: [/parts-/],
    before: (page) => page.route(PARTS, (route) => (spoiled ? route.fulfill({ status: 503 }) : route.continue())),
  });
  await answers(page, "95");
  await page.locator("[data-part=grade-begin]").click();
  assert.match(await notice(page), /^The grade did not arrive\. Check the connection and try again/);
  assert.ok(await page.locator("[data-part=grade]").isHidden());
  spoiled = false;
  await page.locator("[data-part=grade-begin]").click();
  await page.locator("[data-part=grade]").waitFor();
  await page.locator(".findings").waitFor({ timeout: 60_000 });
});

test("an address that asks for a part of it gets that", async (t) => {
  const page = await openPage(t, { query: `${CPU}&compare=${encodeURIComponent("calc: 17+25=")}` });
  await page.locator("[data-part=compare-second] figcaption strong", { hasText: "42" }).waitFor({ timeout: 60_000 });
});
