// The page for every screen and every reader: no sideways scrolling, light and dark, no barrier that axe finds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, screenshot } from "./harness.mjs";
import { answers, barriers, plotsDrawn } from "./reading.mjs";

const CPU = "?engine=cpu";

for (const width of [360, 390, 768, 1280, 1920]) {
  test(`${width} px wide, the page does not scroll sideways`, async (t) => {
    const page = await openPage(t, { query: CPU, viewport: { width, height: 844 } });
    await answers(page, "95");
    const sizes = await page.evaluate(() => ({ page: document.documentElement.scrollWidth, window: innerWidth }));
    assert.ok(sizes.page <= sizes.window, JSON.stringify(sizes));
    // The answer is in sight without scrolling the graph's pane.
    const pane = await page.locator("#pane").boundingBox();
    const answer = await page.locator(".node.logit").first().boundingBox();
    assert.ok(pane && answer && answer.x >= pane.x && answer.x + answer.width <= pane.x + pane.width);
  });
}

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`axe finds no barrier in ${colorScheme}`, async (t) => {
    const page = await openPage(t, { query: CPU, colorScheme });
    await answers(page, "95");
    await plotsDrawn(page);
    await page.locator(".node.feature").first().click();
    await page.locator("#inspector .flows").first().waitFor();
    await page.locator("#examples summary").click();
    assert.deepEqual(await barriers(page), []);
    await page.keyboard.press("Escape");
    await screenshot(page, `selected-${colorScheme}`);
  });
}

test("the theme button turns light into dark, and the address keeps it", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.locator("#theme").click();
  assert.notEqual(await ground(), light);
  await page.waitForFunction(() => location.search.includes("theme=dark"));
});
