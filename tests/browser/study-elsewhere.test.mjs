// The study “The same feature elsewhere” as a visitor has it: its table is the file's, a lookup that serves many texts is switched off in
// two of them, and what is said of that is what the model says.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { openPage, screenshot } from "./harness.mjs";

/** @import { Page } from "playwright-core" */

const PAGE = { path: "studies/elsewhere.html", webgpu: false };
const LONG = { timeout: 90_000 };
const { contexts, features } = JSON.parse(await readFile(new URL("../../www/studies/contexts.json", import.meta.url), "utf8"));

/** Holds the button until something came of it. Tells that, and what stands below. @param {Page} page @param {boolean} byTouch */
async function hold(page, byTouch) {
  const button = page.locator("#break button");
  await button.scrollIntoViewIfNeeded();
  const type = byTouch ? "touch" : "mouse";
  if (byTouch) await button.dispatchEvent("pointerdown", { pointerType: type, button: 0, pointerId: 1 });
  else {
    await button.hover();
    await page.mouse.down();
  }
  await page.locator("atto-outcome .outcome.broken").waitFor(LONG);
  await page.waitForFunction(() => /^Without/.test(document.getElementById("happened")?.textContent ?? ""), undefined, LONG);
  const said = await page.locator("#happened").innerText();
  const now = await page.locator("atto-outcome .saying b").innerText();
  const steering = await page.locator("#there").evaluate((each) => /** @type {any} */ (each).shared.lab.address.steering.set);
  if (byTouch) await button.dispatchEvent("pointerup", { pointerType: type, button: 0, pointerId: 1 });
  else await page.mouse.up();
  await page.locator("atto-outcome .outcome:not(.broken)").waitFor(LONG);
  return { said, now, steering };
}

test("a lookup that serves many texts is found in the table, and what comes of its loss is told as it is", async (t) => {
  const page = await openPage(t, PAGE);
  const lookup = features.find((/** @type {any} */ it) => it.lookup && it.part === "both ones" && it.layer === 2 && it.index === 147);
  assert.ok(lookup.serves >= 4, "it serves at least four kinds of text");
  const rows = page.locator("#shares tbody tr");
  const row = rows.filter({ hasText: lookup.words });
  await row.locator("td").last().waitFor(LONG);
  assert.equal(await row.locator("td").count(), contexts.length);
  for (const [i, share] of lookup.fires.entries())
    assert.equal((await row.locator("td").nth(i).textContent())?.trim(), `${Math.round(100 * share)} %`);
  const everywhere = features.filter((/** @type {any} */ it) => it.serves === contexts.length).length;
  assert.ok((await page.locator("#counted").innerText()).includes(`${everywhere} serve all ${contexts.length} texts`));

  // Its circle under the cost table leads there.
  await row.locator("td").nth(3).locator("button").click();
  await page.locator("#there .bar", { hasText: "total $ 95" }).waitFor(LONG);
  const { said, now, steering } = await hold(page, false);
  const [key] = Object.keys(steering);
  assert.match(key, /^2\/147@\d+$/);
  assert.equal(now, "96");
  assert.match(said, /^Without “ones sum ≥ 13” it says 96, [\d.]+ %, in place of 95/);
  assert.match(await page.locator("#happened").innerText(), /Mended: it says 95 again/);
  assert.equal(await page.locator("atto-outcome .saying b").innerText(), "95");
  assert.deepEqual(await page.locator("#there").evaluate((each) => /** @type {any} */ (each).shared.lab.address.steering.set), {});

  // In the journal one lookup is not enough, and the page does not say it is.
  await page.locator("#tries button").nth(1).click();
  await page.locator("#there .bar", { hasText: "995" }).waitFor(LONG);
  await page.locator("#break button:enabled").waitFor(LONG);
  const journal = await hold(page, false);
  assert.equal(journal.now, "995");
  assert.match(journal.said, /it still says 995, but with [\d.]+ % in place of/);
  // A feature of the sum itself is.
  await page.locator("#tries button").nth(2).click();
  await page.waitForFunction(() => /layer 3/.test(document.getElementById("of-feature")?.textContent ?? ""), undefined, LONG);
  const year = await hold(page, false);
  assert.notEqual(year.now, "995");
  assert.match(year.now, /^99\d$/, "the end of another year");
  assert.ok(year.said.includes(`it says ${year.now},`));
  const tried = page.locator("#tried tbody tr");
  assert.equal(await tried.count(), 3);
  assert.match(await page.locator("#tried-intro").innerText(), /3 times, and 2 answers were another one/);
  await screenshot(page, "study-elsewhere");
});

test("a feature that is silent here cannot be switched off, and the page says so", async (t) => {
  const page = await openPage(t, PAGE);
  await page.locator("#there").scrollIntoViewIfNeeded();
  await page.locator("#there .bar", { hasText: "95" }).waitFor(LONG);
  await page.locator("#shares tbody tr").first().locator("td").nth(3).locator("button").click();
  await page.waitForFunction(() => /is silent here/.test(document.getElementById("of-feature")?.textContent ?? ""), undefined, LONG);
  assert.equal(await page.locator("#break").isVisible(), false);
});

test("on a phone the table fits, and the button works by touch", async (t) => {
  const page = await openPage(t, { ...PAGE, viewport: { width: 390, height: 844 }, touch: true });
  await page.locator("#shares tbody tr").first().waitFor();
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
  await page.locator("#there").scrollIntoViewIfNeeded();
  await page.locator("#there .bar", { hasText: "95" }).waitFor(LONG);
  await page.locator("#break button:enabled").waitFor(LONG);
  const { now } = await hold(page, true);
  assert.equal(now, "96");
  await screenshot(page, "study-elsewhere-phone");
});
