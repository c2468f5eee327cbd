// On paper: all of the graph, its answer too, on few pages; and the screen as before, afterwards.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EARLIER, SECOND, STRONGEST } from "./circuit.mjs";
import { openPage } from "./harness.mjs";
import { answers, plotsDrawn, wholeAnswers } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

/** @param {Page} page */
async function pages(page) {
  const pdf = (await page.pdf({ format: "A4" })).toString("latin1");
  return [...pdf.matchAll(/\/Type\s*\/Page\b(?!s)/g)].length;
}

/** What would be cut off: nodes that reach beyond the paper, or beyond the graph's own frame. @param {Page} page */
async function cutOff(page) {
  // In the order of a browser that prints: the events come on the screen.
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await page.emulateMedia({ media: "print" });
  const found = await page.evaluate(() => {
    const frame = /** @type {Element} */ (document.querySelector("section.graph")).getBoundingClientRect();
    const nodes = [...document.querySelectorAll("[data-part=stage] .node .frame")].filter((node) => {
      const { left, top, right, bottom } = node.getBoundingClientRect();
      return left < frame.left || right > frame.right + 1 || top < frame.top || bottom > frame.bottom + 1;
    });
    return {
      width: frame.width,
      nodes: nodes.length,
      all: document.querySelectorAll("[data-part=stage] .node .frame").length,
      bands: document.querySelectorAll("[data-part=stage] .bands rect").length,
    };
  });
  await page.emulateMedia({ media: null });
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  return found;
}

for (const [query, width, most] of /** @type {const} */ ([
  ["?engine=cpu", 1280, 2],
  [`?engine=cpu&pinnedIds=${STRONGEST},${SECOND},${EARLIER}&selected=${STRONGEST}`, 1920, 4],
  ["?engine=cpu&model=diagnosis", 1366, 2],
  ["?engine=cpu", 390, 2],
])) {
  test(`printed from ${width} px, ${query}: nothing is cut off, and it takes ${most} pages at most`, async (t) => {
    const page = await openPage(t, { query, viewport: { width, height: 800 } });
    await page.locator(".node.logit").first().waitFor({ timeout: 60_000 });
    if (query.includes("model")) await wholeAnswers(page);
    else {
      await answers(page, "95");
      await plotsDrawn(page);
    }
    // Somewhere else than where each draw would scroll to by itself.
    await page.locator("[data-part=pane]").evaluate((pane) => {
      pane.scrollLeft -= 60;
    });
    const before = await page.locator("[data-part=stage]").boundingBox();
    const found = await cutOff(page);
    assert.ok(found.all > 10 && found.bands >= 3, JSON.stringify(found));
    assert.equal(found.nodes, 0, JSON.stringify(found));
    assert.ok(found.width <= 700, `${found.width} px are wider than paper`);
    assert.deepEqual(await page.locator("[data-part=stage]").boundingBox(), before, "the screen is as it was");
    const count = await pages(page);
    assert.ok(count >= 1 && count <= most, `${count} pages`);
  });
}
