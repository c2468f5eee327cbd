// The study “What it says, what it does” as a visitor has it: the explanation is the model's own, a number of it is traced when it is
// pressed, the features of both are the two graphs', and switching them off does what is said.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { openPage, screenshot } from "./harness.mjs";

/** @import { Page } from "playwright-core" */

const PAGE = { path: "studies/explanation.html", webgpu: false };
const LONG = { timeout: 90_000 };
const explained = JSON.parse(await readFile(new URL("../../www/studies/explanations.json", import.meta.url), "utf8"));

/** The features at the last token of an element's graph. @param {Page} page @param {string} id */
const lastOf = (page, id) =>
  page.locator(`#${id}`).evaluate((element) => {
    const { kind, layer, index, position, tokens } = /** @type {any} */ (element).shared.lab.view.graph;
    const at = [...kind.keys()].filter((node) => kind[node] === 0 && position[node] === tokens.length - 1);
    return at.map((node) => `${layer[node]}/${index[node]}`);
  });

test("the explanation is the model's, and its numbers lead to their graphs", async (t) => {
  const page = await openPage(t, PAGE);
  const told = page.locator("#told");
  await told.scrollIntoViewIfNeeded();
  await page.waitForFunction(() => /So it is 95\.$/.test(document.getElementById("told")?.textContent ?? ""), undefined, LONG);
  const text = explained.example.tokens.slice(1).map((/** @type {{ text: string }} */ { text }) => text);
  assert.equal(await told.textContent(), text.join(""));

  const inCommon = page.locator("#in-common");
  await inCommon.filter({ hasText: "“15” is said" }).waitFor(LONG);
  const [here, there] = [await lastOf(page, "answer"), await lastOf(page, "said")];
  const common = here.filter((key) => there.includes(key));
  assert.ok(common.length > 0 && common.length < there.length);
  assert.ok(
    (await inCommon.innerText()).startsWith(
      `${here.length} features fire at the “=”, ${there.length} where “15” is said; ${common.length} are the same`,
    ),
  );

  // The carried one has other features. Its story stands long before this text's operand plots are computed, and says what it is named after.
  await told.locator("button").nth(5).click();
  await page.locator("#said .story-card.of-answer .title", { hasText: /^1$/ }).waitFor(LONG);
  await page.locator("#said .story-waits", { hasText: /^Named after sample texts/ }).waitFor(LONG);
  assert.match(
    await page.locator("#said .story-foot").innerText(),
    /named after the sample texts until this text’s operand plots are computed/,
  );
  assert.ok((await page.locator("#said .story-card.of-features").count()) >= 1);
  await page.locator("#said .bar", { hasText: /carried\s+1/ }).waitFor(LONG);
  await inCommon.filter({ hasText: "“1” is said" }).waitFor(LONG);
  assert.equal(await told.locator("button[aria-pressed=true]").count(), 1);

  // Off at the “=” what both use: the answer goes, and comes back.
  const button = page.locator("#break-answer button");
  await button.scrollIntoViewIfNeeded();
  await button.hover();
  await page.mouse.down();
  const outcome = page.locator("atto-outcome").first();
  await outcome.locator(".outcome.broken").waitFor(LONG);
  await page.waitForFunction(() => /of both off at the “=”/.test(document.getElementById("happened")?.textContent ?? ""), undefined, LONG);
  const now = await outcome.locator(".saying b").innerText();
  assert.ok((await page.locator("#happened").innerText()).includes(`says ${now},`));
  await page.mouse.up();
  await outcome.locator(".outcome:not(.broken)").waitFor(LONG);
  assert.equal(await outcome.locator(".saying b").innerText(), "95");
  await screenshot(page, "study-explanation");
});

test("a story named after the sample texts gives way to the one by operand plots", async (t) => {
  const page = await openPage(t, PAGE);
  await page.locator("#told").scrollIntoViewIfNeeded();
  const foot = page.locator("#said .story-foot");
  await foot.filter({ hasText: "named after the sample texts" }).waitFor(LONG);
  assert.equal(await page.locator("#said .story-card canvas").count(), 0);
  await foot.filter({ hasNotText: "sample texts" }).waitFor({ timeout: 240_000 });
  assert.equal(await page.locator("#said .story-waits").isVisible(), false);
  await page.locator("#said .story-card canvas").nth(2).waitFor(LONG);
});

test("its figures are the file's", async (t) => {
  const page = await openPage(t, PAGE);
  const rows = page.locator("#by-number tbody tr");
  await page.locator("#off tbody tr").nth(3).waitFor(LONG);
  assert.equal(await rows.count(), explained.numbers.length);
  for (const [i, { of_shared }] of explained.numbers.entries())
    assert.ok((await rows.nth(i).innerText()).includes(`${(100 * of_shared).toFixed(1).replace(/\.0$/, "")} %`));
  const off = page.locator("#off tbody tr");
  for (const [i, name] of ["answer_only", "explanation_only", "shared", "random"].entries()) {
    const { answer_changes } = explained.steps.off[name];
    assert.ok((await off.nth(i).innerText()).includes(`${Math.round(100 * answer_changes)} %`));
  }
  assert.ok((await page.locator("#by-number-says").innerText()).includes(explained.command));
});

test("another sum has an explanation of its own, on a phone by touch", async (t) => {
  const page = await openPage(t, { ...PAGE, viewport: { width: 390, height: 844 }, touch: true });
  await page.locator("#told").scrollIntoViewIfNeeded();
  await page.waitForFunction(() => /So it is 95\.$/.test(document.getElementById("told")?.textContent ?? ""), undefined, LONG);
  await page.getByLabel("First number").fill("12");
  await page.waitForFunction(
    () => /12\+59=71\. How\?.*So it is 71\.$/.test(document.getElementById("told")?.textContent ?? ""),
    undefined,
    LONG,
  );
  await page.locator("#told button").nth(3).tap();
  await page.locator("#said .bar", { hasText: /2\+9=\s+11/ }).waitFor(LONG);
  await page.locator("#told button").nth(9).tap();
  await page.locator("#said .bar", { hasText: /1\+5\+1=\s+7/ }).waitFor(LONG);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
  await screenshot(page, "study-explanation-phone");
});
