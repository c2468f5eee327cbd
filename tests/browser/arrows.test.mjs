// In the subgraph nothing lies on anything else: arrows, numbers, names; nor do the badges of what steering moved.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EARLIER, FIRST_TOKEN, LOGIT, OF_FIRST, OF_SECOND, SECOND, STRONGEST } from "./circuit.mjs";
import { openPage } from "./harness.mjs";
import { answers, plotsDrawn } from "./reading.mjs";
import { ANSWERING } from "./vignette.mjs";

/** @import { Page } from "playwright-core" */

const PATIENCE = { timeout: 60_000 };
const CPU = "?engine=cpu";
const VIGNETTE = "?engine=cpu&model=diagnosis";

/** Pairs of boxes that lie on each other. @param {Page} page @param {string} selector */
function overlaps(page, selector) {
  return page.locator(selector).evaluateAll((all) => {
    const boxes = all.map((each) => each.getBoundingClientRect());
    return boxes.flatMap((a, i) =>
      boxes.slice(i + 1).filter((b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1),
    ).length;
  });
}

/** What of the subgraph's arrows, numbers and names lies wrong. @param {Page} page */
function subgraphFaults(page) {
  return page.evaluate(() => {
    const svg = /** @type {SVGSVGElement} */ (document.querySelector("[data-part=subgraph-pane] svg"));
    const cards = [...svg.querySelectorAll(".item")].map((item) => ({
      item,
      box: /** @type {Element} */ (item.querySelector(".frame:not(.behind)")).getBoundingClientRect(),
    }));
    const matrix = /** @type {DOMMatrix} */ (svg.getScreenCTM());
    const faults = [];
    for (const shaft of /** @type {NodeListOf<SVGPathElement>} */ (svg.querySelectorAll(".shaft"))) {
      const title = shaft.parentElement?.querySelector("title")?.textContent;
      const [first, last, length] = [0, shaft.getTotalLength(), shaft.getTotalLength()];
      const ends = [first, last].map((at) => shaft.getPointAtLength(at).matrixTransform(matrix));
      for (const { item, box } of cards) {
        // Its own ends it may touch.
        if (ends.some(({ x, y }) => x > box.left - 12 && x < box.right + 12 && y > box.top - 12 && y < box.bottom + 12)) continue;
        let inside = 0;
        for (let i = 1; i < 60; i++) {
          const { x, y } = shaft.getPointAtLength((i / 60) * length).matrixTransform(matrix);
          if (x > box.left + 1 && x < box.right - 1 && y > box.top + 1 && y < box.bottom - 1) inside += 1;
        }
        if (inside > 0) faults.push(`${title} runs behind ${item.querySelector("title")?.textContent}`);
      }
    }
    for (const text of svg.querySelectorAll(".item .label")) {
      const box = text.getBoundingClientRect();
      const card = /** @type {Element} */ (
        /** @type {Element} */ (text.parentElement).querySelector(".frame:not(.behind)")
      ).getBoundingClientRect();
      if (box.right > card.right || box.left < card.left || box.bottom > card.bottom)
        faults.push(`“${text.textContent}” is wider than its card`);
    }
    for (const number of svg.querySelectorAll(".number")) {
      const box = number.getBoundingClientRect();
      for (const { item, box: card } of cards) {
        if (box.left < card.right - 1 && card.left < box.right - 1 && box.top < card.bottom - 1 && card.top < box.bottom - 1)
          faults.push(`${number.textContent} lies on ${item.querySelector("title")?.textContent}`);
      }
    }
    return { faults, arrows: svg.querySelectorAll(".shaft").length, numbers: svg.querySelectorAll(".number").length };
  });
}

for (const [name, ids, numbered] of /** @type {const} */ ([
  ["a few items", [STRONGEST, SECOND, EARLIER, OF_FIRST, OF_SECOND, FIRST_TOKEN, LOGIT], false],
  ["three items", [STRONGEST, EARLIER, LOGIT], true],
])) {
  test(`subgraph of ${name}: arrows run around cards, numbers and names have room, also after a drag`, async (t) => {
    const page = await openPage(t, { query: `${CPU}&pinnedIds=${ids}`, viewport: { width: 1280, height: 900 } });
    await answers(page, "95");
    await plotsDrawn(page);
    await page.locator("[data-part=subgraph] .flow").first().waitFor();
    const found = await subgraphFaults(page);
    assert.deepEqual(found.faults, []);
    assert.ok(found.arrows >= 2 && (!numbered || found.numbers > 0), JSON.stringify(found));
    assert.equal(await overlaps(page, "[data-part=subgraph] .number"), 0);
    const item = page.locator(`[data-part=subgraph] .item[data-key="${EARLIER}"]`);
    await item.scrollIntoViewIfNeeded();
    const box = await item.boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + 20, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x - 160, box.y - 30, { steps: 5 });
    await page.mouse.up();
    assert.deepEqual((await subgraphFaults(page)).faults, [], "after the drag");
    assert.equal(await overlaps(page, "[data-part=subgraph] .number"), 0);
  });
}

test("names in the subgraph of a vignette are whole, and steering's badges lie on no other", async (t) => {
  const page = await openPage(t, {
    query: `${VIGNETTE}&steer=${ANSWERING.replace(/^(\d+)_(\d+)_(\d+)$/, "$1/$2@$3")}=x0`,
    viewport: { width: 1440, height: 1000 },
  });
  await page.locator(".node.logit").first().waitFor(PATIENCE);
  await page.locator(".steering-foretold tbody tr").first().waitFor(PATIENCE);
  await page.locator("[data-part=stage] .moved").nth(3).waitFor(PATIENCE);
  assert.equal(await overlaps(page, "[data-part=stage] .moved"), 0);
  assert.ok((await page.locator("[data-part=stage] .moved.setting").count()) === 1, "what was set has its badge");
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll("[data-part=stage] .node.feature")].filter(
        (each) => !/^Feature /.test(each.getAttribute("aria-label") ?? ""),
      ).length > 20,
    null,
    PATIENCE,
  );
  await page.evaluate(() =>
    document
      .querySelectorAll("[data-part=stage] .node.feature")
      .forEach((node, i) => i % 4 === 0 && node.dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: true }))),
  );
  await page.locator("[data-part=subgraph] .flow").first().waitFor(PATIENCE);
  const names = await page
    .locator("[data-part=subgraph] .item")
    .evaluateAll((all) =>
      all.map((each) => [
        [...each.querySelectorAll(".label")].map((line) => line.textContent).join(" "),
        each.querySelector("title")?.textContent ?? "",
      ]),
    );
  assert.ok(names.length > 5);
  for (const [drawn, whole] of names) assert.ok(whole.startsWith(`${drawn}: `), `${drawn} of ${whole}`);
  assert.deepEqual((await subgraphFaults(page)).faults, []);
});
