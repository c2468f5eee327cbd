// No barrier that axe finds, whatever is open, in light and dark.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, screenshot } from "./harness.mjs";
import { answers, barriers, plotsDrawn } from "./reading.mjs";

const CPU = "?engine=cpu";

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`axe finds no barrier in ${colorScheme}`, async (t) => {
    const page = await openPage(t, { query: CPU, colorScheme });
    await answers(page, "95");
    await plotsDrawn(page);
    await page.locator(".node.feature").first().click();
    await page.locator("[data-part=inspector] .flows").first().waitFor();
    await page.locator("[data-part=examples] summary").click();
    assert.deepEqual(await barriers(page), []);
    await page.keyboard.press("Escape");
    await screenshot(page, `selected-${colorScheme}`);
  });
}

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`axe finds no barrier with everything open in ${colorScheme}`, async (t) => {
    const page = await openPage(t, { query: CPU, colorScheme, firstVisit: true, viewport: { width: 1920, height: 1200 } });
    await answers(page, "95");
    await plotsDrawn(page);
    await page.locator("[data-part=guide]").waitFor();
    for (const i of [0, 1, 2])
      await page
        .locator(".node.feature .frame")
        .nth(i)
        .click({ modifiers: ["Shift"] });
    await page.locator('.node.feature[aria-label*="“=”"]').first().click();
    await page.locator(".feature-facts .examples-of").first().waitFor({ timeout: 30_000 });
    await page.locator("[data-part=subgraph] .flow").first().or(page.locator("[data-part=subgraph] .item")).first().waitFor();
    await page.locator(".steer-buttons button", { hasText: "Off" }).click();
    await page.getByRole("button", { name: "Try it on the model" }).click();
    await page.locator("[data-part=inspector] .ladder").waitFor();
    await page.locator(".steering-text li").nth(12).waitFor();
    await page.locator("[data-part=target] summary").click();
    assert.deepEqual(await barriers(page), []);
    await page.locator("[data-part=keep] summary").click();
    await page.locator("[data-part=snapshot-name]").fill("one");
    await page.keyboard.press("Enter");
    assert.deepEqual(await barriers(page), []);
    await page.keyboard.press("Escape");
    await screenshot(page, `all-open-${colorScheme}`);
    await page.locator("[data-part=grade-begin]").click();
    await page.locator(".findings").waitFor();
    assert.deepEqual(await barriers(page), []);
    await screenshot(page, `grade-${colorScheme}`);
  });
}
