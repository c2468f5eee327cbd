// Operand plots: computed in the background with progress, drawn in the nodes, kept for the next sum.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, plotsDrawn, type } from "./reading.mjs";

/** How many different colours the canvas has within each feature's frame. @param {import("playwright-core").Page} page */
function colours(page) {
  return page.locator(".node.feature .frame").evaluateAll((frames) => {
    const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector("[data-part=stage] .plots"));
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const at = canvas.getBoundingClientRect();
    return frames.map((frame) => {
      const box = frame.getBoundingClientRect();
      const { data } = context.getImageData(box.left - at.left, box.top - at.top, box.width, box.height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
  });
}

test("every feature becomes a heat map, and the next sum has its own at once", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu" });
  await answers(page, "95");
  await page
    .locator("[data-part=plot-progress]")
    .getByText(/\d %|done/)
    .waitFor();
  await plotsDrawn(page);
  for (const different of await colours(page)) assert.ok(different > 8, `a heat map of ${different} colours`);

  /** @type {string[]} */
  await page.evaluate(() => {
    const seen = /** @type {string[]} */ ([]);
    Object.assign(window, { progress: seen });
    const label = /** @type {Element} */ (document.querySelector("[data-part=plot-progress]"));
    new MutationObserver(() => seen.push(label.textContent ?? "")).observe(label, { childList: true, characterData: true, subtree: true });
  });
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  await plotsDrawn(page);
  const progress = await page.evaluate(() => /** @type {any} */ (window).progress);
  assert.ok(
    progress.every((/** @type {string} */ text) => text.endsWith("done")),
    `computed again: ${progress.join(", ")}`,
  );
});

test("the large plot tells the sum under the pointer", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu" });
  await answers(page, "95");
  await plotsDrawn(page);
  await page.locator('.node.feature[aria-label*="“=”"]').first().click();
  const plot = page.locator("[data-part=inspector] .big-plot .plot");
  await plot.waitFor();
  assert.match(await page.locator("[data-part=inspector] .big-plot + .readout").innerText(), /^36 \+ 59 = 95: activation/);
  await plot.hover({ position: { x: 2, y: 2 } });
  assert.match(await page.locator("[data-part=inspector] .big-plot + .readout").innerText(), /^[01] \+ [01] = /);
});

test("a journal's volume has heat maps, though years are larger than any operand", async (t) => {
  const prompt = "The journal was founded in 1959. Volume 36 appeared in 1";
  const page = await openPage(t, { query: `?engine=cpu&prompt=${encodeURIComponent(prompt)}` });
  await answers(page, "995");
  await plotsDrawn(page);
  for (const different of await colours(page)) assert.ok(different > 1, "a heat map of one colour");
  await page.locator(".node.feature").last().click();
  assert.match(await page.locator("[data-part=inspector] .big-plot + .readout").innerText(), /a = 59/);
});

test("typing is answered while the plots are being computed", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu" });
  await answers(page, "95");
  await page.locator("[data-part=plot-progress]").getByText(/\d %/).waitFor();
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  await type(page, "calc: 8+7=");
  await answers(page, "15");
  await plotsDrawn(page);
});
