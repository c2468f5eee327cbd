// Lists that change: what looks as it did keeps its element, and the keyboard stays where it was.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers } from "./reading.mjs";

const CPU = "?engine=cpu";

/** Another prompt, without taking the keyboard there. @param {import("playwright-core").Page} page @param {string} prompt */
async function ask(page, prompt) {
  await page.locator("[data-part=prompt]").evaluate((box, text) => {
    /** @type {HTMLTextAreaElement} */ (box).value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }, prompt);
}

test("a token that stays keeps its element, one that is another gets a new one", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const tokens = page.locator("[data-part=tokens] li[title]");
  const texts = await tokens.allInnerTexts();
  await tokens.evaluateAll((all) => {
    for (const each of all) each.setAttribute("data-before", "");
  });
  await ask(page, "calc: 36+58=");
  await answers(page, "94");
  const kept = await tokens.evaluateAll((all) => all.map((each) => each.hasAttribute("data-before")));
  const now = await tokens.allInnerTexts();
  assert.equal(now.length, texts.length);
  assert.deepEqual(
    kept,
    now.map((text, i) => text === texts[i]),
  );
  assert.ok(kept.includes(true) && kept.includes(false));
});

test("who is at the first answer with the keyboard is at the first answer of the next graph", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await page.locator("[data-part=answers] button").first().focus();
  await ask(page, "calc: 36+58=");
  await answers(page, "94");
  assert.equal(await page.evaluate(() => document.activeElement?.closest("[data-part=answers] li:first-child")?.tagName), "LI");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "94");
});
