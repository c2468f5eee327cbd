// Why another answer was not given: the graph of the answer less that one, what it says, and the ways back and on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, screenshot } from "./harness.mjs";
import { answers, barriers, live, number, query, wholeAnswers } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";
const ASKED = /^Graph of (.+) less (.+): solid lines favour \1, dashed ones favour \2\./;

/** The sentence above the graph, once it is of this answer. @param {Page} page @param {string} not */
async function sentence(page, not) {
  const line = page.locator("[data-part=difference]");
  await line.locator("strong").nth(1).getByText(not, { exact: true }).waitFor();
  return line.locator("span").innerText();
}

test("each other answer can be asked for; the graph and its inputs say what held it back; one click leads back", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const rows = page.locator("[data-part=answers] li");
  assert.equal(await rows.first().locator(".why-not").count(), 0, "what was given needs no reason");
  const button = rows.nth(1).locator(".why-not");
  assert.equal(await button.evaluate((each) => getComputedStyle(each).opacity), "0");
  await rows.nth(1).hover();
  assert.equal(await button.evaluate((each) => getComputedStyle(each).opacity), "1");
  const other = await rows.nth(1).locator(".token").innerText();
  await button.click();
  await query(page, (search) => search.get("target") === "95" && search.get("minus") === other);
  assert.match(await sentence(page, other), ASKED);
  await page.locator(".node.logit.selected", { hasText: `95 − ${other}` }).waitFor();
  const panel = page.locator("[data-part=inspector]");
  await panel.getByText(`Inputs with + held “${other}” back: they favour “95”. Those with − spoke for “${other}”.`).waitFor();
  const weights = await panel.locator(".flows.inputs > button .weight").allInnerTexts();
  assert.ok(weights.length > 3 && weights.some((text) => number(text) > 0), weights.join());
  // As the line says: what is solid favours the answer that was given.
  for (const row of await panel.locator(".flows.inputs > button").all())
    assert.equal(number(await row.locator(".weight").innerText()) < 0, await row.evaluate((each) => each.classList.contains("negative")));
  assert.equal(await button.getAttribute("aria-pressed"), "true");
  assert.equal(await button.evaluate((each) => getComputedStyle(each).opacity), "1", "it stays in sight");
  assert.deepEqual(await barriers(page), []);
  await screenshot(page, "why-not");

  // Of another prompt that is said to be asked, too.
  await page.locator("[data-part=prompt]").fill("calc: 12+30=");
  await page.locator("[data-part=difference]").getByText("The model says 42 here, neither of the two.").waitFor();
  await page.locator("[data-part=prompt]").fill("calc: 36+59=");
  await answers(page, "95");
  await rows.nth(1).locator(".token").getByText(other, { exact: true }).waitFor();
  assert.match(await sentence(page, other), ASKED);

  // Another of the list, and back.
  const third = await rows.nth(2).locator(".token").innerText();
  await rows.nth(2).hover();
  await rows.nth(2).locator(".why-not").click();
  await sentence(page, third);
  await page.locator(".node.logit.selected", { hasText: `95 − ${third}` }).waitFor();
  await page.locator("[data-part=difference]").getByRole("button", { name: "Top answers" }).click();
  await query(page, (search) => search.get("target") === null && search.get("minus") === null);
  await page.locator("[data-part=difference]").waitFor({ state: "hidden" });
  await page.locator(".node.logit", { hasText: "99." }).waitFor();
});

test("an answer that is not listed is typed, by keyboard alone", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const button = page.locator("[data-part=answers] .why-not").first();
  await button.focus();
  assert.equal(await button.evaluate((each) => getComputedStyle(each).opacity), "1");
  await page.keyboard.press("Enter");
  await page.locator("[data-part=difference]").waitFor();
  await page.locator("[data-part=difference]").getByRole("button", { name: "Another answer…" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "Token to take away");
  await page.keyboard.type("12");
  await page.keyboard.press("Enter");
  await query(page, (search) => search.get("target") === "95" && search.get("minus") === "12");
  assert.match(await sentence(page, "12"), ASKED);
  await page.keyboard.press("Escape");
  // A link shows the same, and the same press asks and takes back.
  const pressed = page.locator('[data-part=answers] .why-not[aria-pressed="true"]');
  assert.equal(await pressed.count(), 0, "12 is not listed");
});

test("of whole answers, by their names, with the tokens that are compared", async (t) => {
  const page = await openPage(t, { query: `${CPU}&model=diagnosis` });
  await page.locator(".node.logit").first().waitFor({ timeout: 60_000 });
  await live(page);
  const [given, other] = await wholeAnswers(page);
  const row = page.locator("[data-part=answers] li").nth(1);
  await row.hover();
  await row.locator(".why-not").click();
  const text = await sentence(page, other);
  assert.ok(text.startsWith(`Graph of ${given} less ${other}, by their first tokens: solid lines favour ${given}`), text);
});

test("on a phone every answer has it in sight, and nothing is wider than the page", async (t) => {
  const page = await openPage(t, { query: CPU, viewport: { width: 390, height: 844 } });
  await answers(page, "95");
  await page.evaluate(() => document.documentElement.classList.add("by-touch"));
  const buttons = page.locator("[data-part=answers] .why-not");
  for (const button of await buttons.all()) assert.equal(await button.evaluate((each) => getComputedStyle(each).opacity), "1");
  assert.ok((await buttons.count()) >= 4);
  await buttons.nth(2).click();
  await page.locator("[data-part=difference]").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  assert.deepEqual(await barriers(page), []);
});

test("with features set, and of a graph from a file, there is nothing to ask", async (t) => {
  const page = await openPage(t, { query: `${CPU}&steer=3/41@7=2` });
  await page.locator("[data-part=answers].steered li").first().waitFor({ timeout: 60_000 });
  assert.equal(await page.locator("[data-part=answers] .why-not").count(), 0);
});
