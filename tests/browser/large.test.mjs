// Large graphs from files: what can be read is shown first, the rest on demand, and all of it can be reached and saved.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { featuresInSight, opened, pointAt, rested, showAll, WAIT } from "./large-walk.mjs";
import { answers, count, save } from "./reading.mjs";

test("of 60,001 links all are drawn on demand, and their nodes answer to pointer and keyboard", async (t) => {
  const { page, open } = await opened(t, "60,001 links");
  /** Shares of a canvas that are drawn upon. @param {string} selector */
  const covered = (selector) =>
    page.locator(selector).evaluate((each) => {
      const canvas = /** @type {HTMLCanvasElement} */ (each);
      const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).getImageData(0, 0, canvas.width, canvas.height);
      let drawn = 0;
      for (let i = 3; i < data.length; i += 4) if (data[i] > 0) drawn += 1;
      return (4 * drawn) / data.length;
    });
  await open();
  const first = await page.locator(".node").count();
  assert.equal(first, await count(page, "[data-part=node-count]"), "a view that can be read has an element a node");
  const before = await covered("[data-part=stage] .edges");
  await showAll(page);
  assert.ok((await page.locator(".node").count()) < first, "most are painted");
  assert.ok((await covered("[data-part=stage] .plots")) > 0.02);
  assert.ok((await covered("[data-part=stage] .edges")) > Math.max(0.3, before));

  await pointAt(page, await featuresInSight(page));
  const centre = await page.evaluate(() => document.querySelector('.node[tabindex="0"]')?.getAttribute("data-id"));
  await page.locator('.node[tabindex="0"]').focus();
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction(
    (id) => document.activeElement?.closest(".node") && document.activeElement.getAttribute("data-id") !== id,
    centre,
  );
  await page.keyboard.press("Enter");
  await page.locator("[data-part=inspector]").getByRole("button", { name: "Close" }).waitFor();
  assert.equal(await page.locator(".node.selected").count(), 1);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".node.selected").count(), 0);
});

test("what was left out of the first view is saved all the same, and what a slider took away is not", async (t) => {
  const { page, graph, open } = await opened(t, "511 nodes");
  await open();
  const saved = async () => {
    const [download] = await Promise.all([page.waitForEvent("download"), save(page)]);
    await page.keyboard.press("Escape");
    return JSON.parse(await readFile(await download.path(), "utf8"));
  };
  assert.equal((await saved()).links.length, graph.links.length);
  const before = await page.locator("[data-part=edge-count]").innerText();
  await page.locator("[data-part=edge-threshold]").fill("0.3");
  await page.waitForFunction((text) => document.querySelector("[data-part=edge-count]")?.textContent !== text, before);
  await rested(page);
  assert.equal((await saved()).links.length, await count(page, "[data-part=edge-count]"));
});

test("long lists are cut, and go on when asked", async (t) => {
  const { page, open } = await opened(t, "a hub and long names");
  await open();
  await page.locator("[data-part=table-details] summary").click();
  await showAll(page);
  assert.equal(await page.locator("[data-part=table] tbody tr").count(), 300);
  await page.getByRole("button", { name: "Show 300 more of 4,500 nodes" }).click();
  assert.equal(await page.locator("[data-part=table] tbody tr").count(), 600);
  // The hub has 4,000 inputs and more.
  const more = page.locator("[data-part=inspector] .flows.inputs + button");
  await more.getByText(/^Show 200 of 4,\d\d\d$/).click();
  assert.equal(await page.locator("[data-part=inspector] .flows.inputs > button").count(), 200);
  await more.getByText(/^Show 400 of 4,\d\d\d$/).waitFor();
});

test("a small graph is shown as it is, and nothing is said of more", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu" });
  await answers(page, "95");
  assert.equal(await page.locator("[data-part=whole]").isVisible(), false);
  const [download] = await Promise.all([page.waitForEvent("download"), save(page)]);
  await page.locator("[data-part=open-file]").setInputFiles(await download.path());
  await page.locator("[data-part=recorded] strong").waitFor(WAIT);
  assert.equal(await page.locator("[data-part=whole]").isVisible(), false);
});
