// The nodes of a text: all in sight at once, words wherever there is room, edges in bundles until a node is pointed at.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { barriers } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const TEXT = "?model=diagnosis&view=nodes&engine=cpu";
const WAIT = { timeout: 60_000 };

/** @param {import("node:test").TestContext} t @param {{ width: number, height: number }} viewport */
async function opened(t, viewport) {
  const page = await openPage(t, { query: TEXT, viewport });
  await page.locator(".node.logit").first().waitFor(WAIT);
  await page.locator("[data-part=first]").waitFor({ state: "hidden", ...WAIT });
  await page.locator(".node .word").nth(20).waitFor(WAIT);
  return page;
}

/** Where frames, words and the pane are, in pixels of the window. @param {Page} page */
function places(page) {
  return page.evaluate(() => {
    const areas = (/** @type {string} */ selector) =>
      [...document.querySelectorAll(selector)].map((each) => {
        const { left, right, top, bottom } = each.getBoundingClientRect();
        return { left, right, top, bottom, text: each.textContent ?? "" };
      });
    const pane = /** @type {HTMLElement} */ (document.querySelector("[data-part=pane]"));
    const { left, top } = pane.getBoundingClientRect();
    const frame = { left, top, right: left + pane.clientWidth + 1, bottom: top + pane.clientHeight + 1 };
    return { frame, frames: areas(".node .frame"), words: areas(".node .word"), answers: areas(".node.logit .frame") };
  });
}

/** @typedef {{ left: number, right: number, top: number, bottom: number }} Area */
/** @param {Area} one @param {Area} two @param {number} [by] pixels */
function overlap(one, two, by = 1) {
  return one.left < two.right - by && two.left < one.right - by && one.top < two.bottom - by && two.top < one.bottom - by;
}

/** Words that lie on another, or on a node. @param {Awaited<ReturnType<typeof places>>} found */
function covered({ words, frames }) {
  return words.flatMap((word, i) => {
    // A line is higher than its letters.
    const tight = { ...word, top: word.top + 2, bottom: word.bottom - 2 };
    return [...words.slice(i + 1), ...frames]
      .filter((other) => overlap(tight, other))
      .map((other) => `${word.text} and ${other.text || "a node"}`);
  });
}

/** How much of a canvas is drawn upon, 0 to 1. @param {Page} page @param {string} selector */
function drawnOf(page, selector) {
  return page.locator(selector).evaluate((each) => {
    const canvas = /** @type {HTMLCanvasElement} */ (each);
    const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).getImageData(0, 0, canvas.width, canvas.height);
    let drawn = 0;
    for (let i = 3; i < data.length; i += 4) if (data[i] > 16) drawn += 1;
    return (4 * drawn) / data.length;
  });
}

for (const viewport of [
  { width: 1440, height: 900 },
  { width: 1920, height: 1080 },
]) {
  test(`at ${viewport.width} x ${viewport.height} all nodes of a text are in sight at once, most with words`, async (t) => {
    const page = await opened(t, viewport);
    const found = await places(page);
    const cut = found.frames.filter(
      ({ left, right, top, bottom }) =>
        left < found.frame.left || right > found.frame.right || top < found.frame.top || bottom > found.frame.bottom,
    );
    assert.equal(cut.length, 0, "nodes that are cut off");
    const features = await page.locator(".node.feature").count();
    assert.ok(found.words.length >= 0.9 * features, `${found.words.length} words of ${features} features`);
    assert.deepEqual(covered(found), []);
    assert.ok(new Set(found.answers.map(({ top }) => Math.round(top))).size <= 3, "answers in three rows at most");
    assert.deepEqual(await barriers(page), []);
  });
}

test("at 390 px the answers are in sight, whole, all nodes are one scroll away, and Fit shows all", async (t) => {
  const page = await opened(t, { width: 390, height: 844 });
  const found = await places(page);
  for (const { left, right, text } of found.answers) assert.ok(left >= found.frame.left && right <= found.frame.right, text);
  for (const { left, right } of found.frames) assert.ok(left >= found.frame.left && right <= found.frame.right, "no node is cut off");
  for (const { top, bottom } of found.answers) assert.ok(top >= found.frame.top && bottom <= found.frame.bottom, "nor an answer");
  const higher = await page.locator("[data-part=pane]").evaluate((pane) => pane.scrollHeight / pane.clientHeight);
  assert.ok(higher <= 2, `${higher} times as high as its pane`);
  assert.deepEqual(covered(found), []);
  await page.locator("[data-part=zoom-fit]").click();
  await page.waitForFunction(() => {
    const pane = /** @type {HTMLElement} */ (document.querySelector("[data-part=pane]"));
    return pane.scrollWidth <= pane.clientWidth + 1 && pane.scrollHeight <= pane.clientHeight + 1;
  }, WAIT);
  assert.deepEqual(covered(await places(page)), []);
});

test("a closer look has more of the words, in letters that grow less than the nodes", async (t) => {
  const page = await opened(t, { width: 1440, height: 900 });
  const letters = async () => (await places(page)).words.reduce((sum, { text }) => sum + text.length, 0);
  const before = await letters();
  await page.locator("[data-part=zoom-in]").click({ clickCount: 3 });
  await page.locator("[data-part=zoom-value]").getByText("195 %").waitFor();
  assert.ok((await letters()) > before);
  assert.deepEqual(covered(await places(page)), []);
});

test("edges run in bundles, and a node that is pointed at shows each of its own", async (t) => {
  const page = await opened(t, { width: 1440, height: 900 });
  const bundled = await drawnOf(page, "[data-part=stage] .edges");
  assert.ok(bundled > 0.02 && bundled < 0.35, `${bundled} of the picture is under edges`);
  const word = page.locator(".node.feature .word").first();
  await word.hover();
  await page.locator("[data-part=tooltip]").getByText("activation").waitFor();
  assert.ok((await drawnOf(page, "[data-part=stage] .lit-edges")) > 0.005);
  await page.mouse.move(2, 2);
  await word.click();
  assert.equal(await page.locator(".node.selected").count(), 1, "a word is a part of its node");
});
