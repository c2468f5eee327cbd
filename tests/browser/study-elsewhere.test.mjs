// The study “The same feature elsewhere” as a visitor has it: its table is the file's, a lookup that serves many texts writes the
// opposite in two of them, and what is said of that is what the model says.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { onTheCommandLine } from "./command-line.mjs";
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
  await page.waitForFunction(() => /^With the opposite/.test(document.getElementById("happened")?.textContent ?? ""), undefined, LONG);
  const said = await page.locator("#happened").innerText();
  const now = await page.locator("atto-outcome .saying b").innerText();
  const steering = await page.locator("#there").evaluate((each) => /** @type {any} */ (each).shared.lab.address.steering.set);
  if (byTouch) await button.dispatchEvent("pointerup", { pointerType: type, button: 0, pointerId: 1 });
  else await page.mouse.up();
  await page.locator("atto-outcome .outcome:not(.broken)").waitFor(LONG);
  return { said, now, steering };
}

/** What the model says with a feature's opposite, on the command line. @param {string} prompt @param {string} key */
function saysThen(prompt, key) {
  const { answers } = onTheCommandLine("steer", prompt, ["--set", `${key}=x-1`]);
  return answers[0].token;
}

test("a lookup that serves many texts is found in the table, and what comes of its loss is told as it is", async (t) => {
  const page = await openPage(t, PAGE);
  // The first that the page offers to try.
  const [layer, index] = ((await page.locator("#break").getAttribute("steer")) ?? "").split(/[/@]/).map(Number);
  const lookup = features.find((/** @type {any} */ it) => it.layer === layer && it.index === index);
  assert.ok(lookup.lookup && lookup.part === "both ones", "it reads the last digits of both numbers");
  assert.ok(lookup.serves >= 4, "it serves at least four kinds of text");
  const rows = page.locator("#shares tbody tr");
  const row = rows.filter({ has: page.locator(`[data-feature="${layer}/${index}"]`) });
  await row.locator("td").last().waitFor(LONG);
  assert.equal(await row.locator("td").count(), contexts.length);
  for (const [i, share] of lookup.fires.entries()) {
    const whole = Math.round(100 * share);
    const said = whole === 100 && share < 1 ? "> 99 %" : `${whole} %`;
    assert.equal((await row.locator("td").nth(i).textContent())?.trim(), said);
  }
  // The first rows show what all of them do: the least faithful of these lookups is among them, too.
  const lookups = features.filter((/** @type {any} */ it) => it.lookup && it.part.endsWith("ones"));
  assert.equal(await rows.count(), 10);
  for (const [place, { layer, index }] of [lookups[0], lookups.at(-1)].entries())
    assert.equal(await rows.nth(-place).locator("button").first().getAttribute("data-feature"), `${layer}/${index}`);
  const everywhere = features.filter((/** @type {any} */ it) => it.serves === contexts.length).length;
  assert.ok((await page.locator("#counted").innerText()).includes(`${everywhere} serve all ${contexts.length} texts`));

  // Its circle under the cost table leads there.
  await row.locator("td").nth(3).locator("button").click();
  await page.locator("#there .bar", { hasText: "total $ 95" }).waitFor(LONG);
  const { said, now, steering } = await hold(page, false);
  const [key] = Object.keys(steering);
  const example = contexts[3].example;
  assert.ok(key.startsWith(`${layer}/${index}@`), key);
  assert.equal(now, saysThen(example, key));
  assert.notEqual(now, "95");
  assert.ok(said.startsWith(`With the opposite of “${lookup.words}” it says ${now}, `), said);
  assert.match(said, / %, in place of 95/);
  assert.match(await page.locator("#happened").innerText(), /Mended: it says 95 again/);
  assert.equal(await page.locator("atto-outcome .saying b").innerText(), "95");
  assert.deepEqual(await page.locator("#there").evaluate((each) => /** @type {any} */ (each).shared.lab.address.steering.set), {});

  // In the journal another lookup is not enough, and the page does not say it is.
  await page.locator("#tries button").nth(2).click();
  await page.locator("#there .bar", { hasText: "995" }).waitFor(LONG);
  await page.locator("#break button:enabled").waitFor(LONG);
  const journal = await hold(page, false);
  assert.equal(journal.now, "995");
  assert.match(journal.said, /it still says 995, [\d.]+ % in place of/);
  // A feature of the sum itself is.
  await page.locator("#tries button").nth(3).click();
  await page.waitForFunction(() => /layer 3/.test(document.getElementById("of-feature")?.textContent ?? ""), undefined, LONG);
  const year = await hold(page, false);
  assert.notEqual(year.now, "995");
  assert.match(year.now, /^9\d\d$/, "the end of another year");
  assert.ok(year.said.includes(`it says ${year.now},`));
  const tried = page.locator("#tried tbody tr");
  assert.equal(await tried.count(), 3);
  assert.match(await page.locator("#tried-intro").innerText(), /^Tried 3 times: the answer changed in 2\.$/);
  await screenshot(page, "study-elsewhere");
});

test("a feature that is silent here cannot be turned round, and the page says so", async (t) => {
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
  const { now, steering } = await hold(page, true);
  assert.equal(now, saysThen(contexts[3].example, Object.keys(steering)[0]));
  await screenshot(page, "study-elsewhere-phone");
});
