// A prompt as long as a vignette: wholly in its box, and a graph of ninety tokens that can be read and walked through.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, screenshot } from "./harness.mjs";
import { reader, serve } from "./stand-in.mjs";

/** @import { Page } from "playwright-core" */

const TOKENS = 90;

/** @param {Page} page */
async function longCase(page) {
  await serve(page, { reader: await reader({ title: "A reader", domain: "diagnosis" }, TOKENS) });
}

for (const [width, height] of [
  [390, 844],
  [1280, 800],
  [1920, 1080],
]) {
  test(`${width} px wide, ninety tokens and their nodes lie side by side`, async (t) => {
    const page = await openPage(t, { query: "?engine=cpu&node=0.9", viewport: { width, height }, before: longCase });
    await page.locator(".node.logit").first().waitFor({ timeout: 90_000 });
    assert.equal(await page.locator("[data-part=tokens] li").count(), TOKENS);
    assert.ok(
      await page.locator("[data-part=prompt]").evaluate((it) => it.scrollHeight <= it.clientHeight),
      "the whole prompt is in sight",
    );
    assert.ok(((await page.locator("[data-part=pane]").boundingBox())?.height ?? 0) > 350);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width);

    const found = await page.evaluate(() => {
      const stage = /** @type {Element} */ (document.querySelector("[data-part=stage]")).getBoundingClientRect();
      const frames = [...document.querySelectorAll(".node .frame")].map((each) => ({
        id: each.parentElement?.getAttribute("data-id"),
        ...each.getBoundingClientRect().toJSON(),
      }));
      const overlaps = frames.flatMap((one, i) =>
        frames
          .slice(i + 1)
          .filter((two) => one.left < two.right - 1 && two.left < one.right - 1 && one.top < two.bottom - 1 && two.top < one.bottom - 1)
          .map((two) => `${one.id} and ${two.id}`),
      );
      const outside = frames
        .filter(({ left, right, top, bottom }) => left < stage.left || right > stage.right || top < stage.top || bottom > stage.bottom)
        .map(({ id }) => id);
      // A token's text lies within its frame.
      const spilt = [...document.querySelectorAll(".node.token")].filter((node) => {
        const [text, frame] = [node.querySelector("text"), node.querySelector(".frame")].map((each) => each?.getBoundingClientRect());
        return !text || !frame || text.width > frame.width + 1 || text.height > frame.height + 1;
      });
      return {
        overlaps,
        outside,
        spilt: spilt.map((node) => node.textContent),
        perToken: stage.width / 90 / parseFloat(getComputedStyle(document.documentElement).fontSize),
      };
    });
    assert.deepEqual([found.overlaps, found.outside, found.spilt], [[], [], []]);
    assert.ok(found.perToken < 4, `the graph takes ${found.perToken} rem a token`);

    // From the answer one walks to a token with the keyboard, and it comes into sight.
    await page.locator(".node.logit").first().focus();
    const name = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
    for (let i = 0; i < 400 && !(await name()).startsWith("Token"); i++) await page.keyboard.press("ArrowDown");
    for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowLeft");
    const walked = await page.evaluate(() => {
      const node = /** @type {Element} */ (document.activeElement);
      const pane = /** @type {Element} */ (document.querySelector("[data-part=pane]")).getBoundingClientRect();
      const box = node.getBoundingClientRect();
      return { name: node.getAttribute("aria-label"), seen: box.left >= pane.left - 1 && box.right <= pane.right + 1 };
    });
    assert.match(walked.name ?? "", /^Token/);
    assert.ok(walked.seen);
    await screenshot(page, `long-${width}`);
  });
}
