// A text of megabytes in the prompt box: cut at once, with a sentence, and never in the address.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, notice, type } from "./reading.mjs";
import { longestTask } from "./tasks.mjs";

const CPU = "?engine=cpu";
const MOST = 20_000;

for (const megabytes of [1, 3, 10]) {
  test(`a paste of ${megabytes} MB is cut at once, says so, and the page goes on`, async (t) => {
    const page = await openPage(t, { query: CPU });
    await answers(page, "95");
    await page.waitForTimeout(1000);
    // What a paste comes to, without the clipboard, whose own work is the browser's.
    const paste = () =>
      page.evaluate((length) => {
        const input = /** @type {HTMLTextAreaElement} */ (document.querySelector("[data-part=prompt]"));
        const text = "12+30=".repeat(length / 6);
        input.focus();
        input.select();
        document.execCommand("insertText", false, text);
      }, megabytes * 1e6);
    const { longest, slowness, what } = await longestTask(page, paste);
    assert.equal((await page.locator("[data-part=prompt]").inputValue()).length, MOST);
    assert.match(await notice(page), /cut after 20,000 characters/);
    assert.ok(page.url().length < 2000);
    t.diagnostic(`${megabytes} MB: ${longest.toFixed(0)} ms, on a machine ${slowness.toFixed(1)} times as slow as the limit’s`);
    assert.ok(longest < 200 * slowness, `${longest} ms: ${what}`); // some 50 on an idle machine
    await page.waitForTimeout(1000);
    assert.ok(page.url().length < 2000);
    await type(page, "calc: 17+25=");
    await answers(page, "42");
    assert.equal(await page.locator("[data-part=notice]").isVisible(), false);
  });
}

test("a text set by a script, which no browser cuts, is cut too, and no character in half", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const { longest } = await longestTask(page, () =>
    page.evaluate((most) => {
      const input = /** @type {HTMLTextAreaElement} */ (document.querySelector("[data-part=prompt]"));
      input.value = "x".repeat(most - 1) + "🦊".repeat(500_000);
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }, MOST),
  );
  const value = await page.locator("[data-part=prompt]").inputValue();
  assert.equal(value, "x".repeat(MOST - 1));
  assert.match(await notice(page), /cut after 20,000 characters/);
  t.diagnostic(`longest task ${longest.toFixed(0)} ms`);
});

test("a prompt of an address is cut too", async (t) => {
  const page = await openPage(t, { query: `${CPU}&prompt=${"a".repeat(25_000)}` });
  assert.match(await notice(page), /the prompt[^]*left out/);
  assert.equal((await page.locator("[data-part=prompt]").inputValue()).length, MOST);
});
