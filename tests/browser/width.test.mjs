// Panels answer to their own width: made narrow on a wide page, each is laid out as on a narrow one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { STRONGEST } from "./circuit.mjs";
import { openPage } from "./harness.mjs";
import { opensElsewhere } from "./reachable.mjs";

const PATIENCE = { timeout: 60_000 };
const SECOND = encodeURIComponent("calc: 47+59=");

/**
 * How many columns the grid of an element has while its panel is so wide.
 * @param {import("playwright-core").Page} page @param {string} panel @param {string} grid @param {string} width
 */
function columns(page, panel, grid, width) {
  return page.locator(`[data-part=${panel}]`).evaluate(
    (element, [grid, width]) => {
      const { style } = /** @type {HTMLElement} */ (element);
      style.width = width;
      const { display, gridTemplateColumns } = getComputedStyle(/** @type {Element} */ (element.querySelector(grid)));
      style.width = "";
      return display === "grid" ? gridTemplateColumns.split(" ").length : 1;
    },
    [grid, width],
  );
}

test("connections and feature stand side by side wherever the inspector has the room, and else behind tabs", async (t) => {
  const page = await openPage(t, { query: `?engine=cpu&selected=${STRONGEST}`, viewport: { width: 1920, height: 1000 } });
  await page.locator("[data-part=inspector] .feature-facts").waitFor(PATIENCE);
  assert.equal(await columns(page, "inspector", ".both", ""), 2);
  assert.equal(await columns(page, "inspector", ".both", "20rem"), 1);
  const tabs = page.locator("[data-part=inspector] .tabs");
  assert.equal(await tabs.isVisible(), false);
  await page.setViewportSize({ width: 1300, height: 900 });
  assert.equal(await columns(page, "inspector", ".both", ""), 1);
  assert.equal(await tabs.isVisible(), true);
  // Below the graph, on a tablet, it is wider than beside it on a laptop.
  await page.setViewportSize({ width: 900, height: 900 });
  assert.equal(await columns(page, "inspector", ".both", ""), 2);
  assert.equal(await tabs.isVisible(), false);
  await page.setViewportSize({ width: 390, height: 844 });
  assert.equal(await columns(page, "inspector", ".both", ""), 1);
  assert.equal(await tabs.isVisible(), true);
});

test("steering and compared prompts are laid out by their panel's width", async (t) => {
  const page = await openPage(t, { query: `?engine=cpu&compare=${SECOND}`, viewport: { width: 1920, height: 1000 } });
  await page.locator("[data-part=compare-lists] li").first().waitFor(PATIENCE);
  assert.equal(await columns(page, "compare", ".compare-panes", ""), 2);
  assert.equal(await columns(page, "compare", ".compare-lists", "30rem"), 1);
  await page.locator("[data-part=compare-close]").click();
  await page.locator(`[data-part=stage] .node.feature`).last().click();
  await page.locator(".steer-buttons button", { hasText: "Off" }).click();
  await page.locator(".steering-foretold").waitFor(PATIENCE);
  assert.equal(await columns(page, "steering", ".steering-body", ""), 2);
  assert.equal(await columns(page, "steering", ".steering-body", "45rem"), 1);
  assert.equal(await columns(page, "steering", ".steering-outcome", "45rem"), 2);
  assert.equal(await columns(page, "steering", ".steering-outcome", "30rem"), 1);
});

test("menus open at their buttons and inside the window, where the page changes its layout and between", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu" });
  await page.locator(".node.logit").first().waitFor(PATIENCE);
  for (const width of [320, 480, 560, 561, 680, 760, 761, 801, 1000, 1001, 1180, 1181]) {
    await page.setViewportSize({ width, height: 800 });
    for (const menu of ["keep", "examples", "target"]) {
      await page.locator(`[data-part=${menu}] > summary`).click();
      const details = page.locator(`[data-part=${menu}]`);
      assert.equal(await details.evaluate(opensElsewhere), false, `${menu} at ${width} px`);
      const box = await details.locator("> :not(summary)").first().boundingBox();
      assert.ok(box && box.x >= 0 && box.x + box.width <= width, `${menu} at ${width} px: ${JSON.stringify(box)}`);
      await page.keyboard.press("Escape");
    }
  }
});
