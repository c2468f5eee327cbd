// What the tests of large graphs share: opening one, showing all of it, pointing at its nodes, and a walk through all that with every
// task timed.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { graphFile, SHAPES } from "./large-graphs.mjs";
import { answers, count } from "./reading.mjs";
import { longestTask } from "./tasks.mjs";

/** @import { Page } from "playwright-core" */

const LONGEST_MS = 200;
export const WAIT = { timeout: 60_000 };

/** A page with one of the shapes opened. @param {import("node:test").TestContext} t @param {string} name */
export async function opened(t, name) {
  const page = await openPage(t, { query: "?engine=cpu", viewport: { width: 1440, height: 900 } });
  await answers(page, "95");
  const shape = SHAPES.find((each) => each.name === name);
  assert.ok(shape);
  const folder = await mkdtemp(join(tmpdir(), "graphs-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "large.json");
  const graph = graphFile(shape);
  await writeFile(path, JSON.stringify(graph));
  const open = async () => {
    await page.locator("[data-part=open-file]").setInputFiles(path);
    await page.locator("[data-part=recorded]").getByText("large.json").waitFor(WAIT);
    await rested(page);
  };
  return { page, graph, open };
}

/** Waits until nothing more is drawn. @param {Page} page */
export async function rested(page) {
  await page.waitForFunction(() => !document.querySelector("[data-drawing]"), null, { ...WAIT, polling: 200 });
}

/** Shows all there is. @param {Page} page */
export async function showAll(page) {
  await page.getByRole("button", { name: "Show all", exact: true }).click();
  await page.locator("[data-part=whole]").waitFor({ ...WAIT, state: "hidden" });
  await rested(page);
}

/**
 * Features that are drawn and in sight, eight or so. Reading them off a canvas takes the page longer than anything that it does by itself.
 * @param {Page} page
 * @param {boolean} [sparse] whether there may be none in sight
 * @returns {Promise<{ x: number, y: number }[]>} their centres, in pixels of the window
 */
export async function featuresInSight(page, sparse = false) {
  const places = await page.evaluate(() => {
    const pane = /** @type {HTMLElement} */ (document.querySelector("[data-part=pane]")).getBoundingClientRect();
    const inside = (/** @type {number} */ x, /** @type {number} */ y) =>
      x > pane.left + 120 && x < pane.right - 30 && y > pane.top + 60 && y < pane.bottom - 30;
    const drawn = [...document.querySelectorAll(".node.feature")]
      .map((each) => each.getBoundingClientRect())
      .map(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }));
    // The others are discs on a canvas, of a colour that nothing else has.
    const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector("[data-part=stage] .plots"));
    const { left, top } = canvas.getBoundingClientRect();
    const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).getImageData(0, 0, canvas.width, canvas.height);
    const [red, green, blue] = (getComputedStyle(document.documentElement).getPropertyValue("--dot").match(/\d+/g) ?? []).map(Number);
    const isDot = (/** @type {number} */ x, /** @type {number} */ y) => {
      const at = 4 * (y * canvas.width + x);
      return data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] === 255;
    };
    for (let y = 8; y < canvas.height - 8; y += 5) {
      for (let x = 8; x < canvas.width - 8; x += 5) {
        if (isDot(x, y) && isDot(x - 4, y) && isDot(x + 4, y) && isDot(x, y - 4) && isDot(x, y + 4))
          drawn.push({ x: left + x, y: top + y });
      }
    }
    const seen = drawn.filter(({ x, y }) => inside(x, y));
    return seen.filter((_, i) => i % Math.ceil(seen.length / 8) === 0);
  });
  assert.ok(places.length > 0 || sparse, "no feature is in sight");
  return places;
}

/** Points at features, and asserts that each is one. @param {Page} page @param {{ x: number, y: number }[]} places */
export async function pointAt(page, places) {
  for (const { x, y } of places) {
    await page.mouse.move(x, y, { steps: 2 });
    await page
      .locator("[data-part=tooltip]")
      .getByText(/activation/)
      .waitFor(WAIT);
  }
  await page.mouse.move(2, 2);
}

/** How often a walk is timed before it counts as slow: what else a machine does makes a task longer, never shorter. */
const WALKS = 3;

/**
 * Opens a shape, shows all of it, points, prunes; fails where a task takes too long in every walk, or where what is told is not what is
 * there.
 * @param {string} name
 */
export function testShape(name) {
  test(`${name}: no task holds up the page while it is opened, shown in full, pruned and pointed at`, async (t) => {
    /** @type {string[]} */
    let slow = [];
    for (let walk = 0; walk < WALKS; walk++) {
      const found = await slowTasks(t, name);
      slow = walk === 0 ? found : slow.filter((doing) => found.some((each) => each.split(":")[0] === doing.split(":")[0]));
      if (slow.length === 0) return;
    }
    assert.fail(slow.join("; "));
  });
}

/**
 * Walks through a shape once.
 * @param {import("node:test").TestContext} t
 * @param {string} name
 * @returns {Promise<string[]>} what took too long, and how long
 */
async function slowTasks(t, name) {
  const { page, graph, open } = await opened(t, name);
  const sparse = graph.metadata.prompt_tokens.length > 1000;
  /** @type {string[]} */
  const slow = [];
  const time = async (/** @type {string} */ doing, /** @type {() => Promise<unknown>} */ work) => {
    const { longest, slowness, what } = await longestTask(page, async () => void (await work()));
    const limit = LONGEST_MS * slowness;
    if (longest > limit) slow.push(`${doing}: a task took ${Math.round(longest)} ms, not at most ${Math.round(limit)}: ${what}`);
  };
  await time("opening", open);
  // What is left out is told, in numbers.
  const [nodes, edges] = [await count(page, "[data-part=node-count]"), await count(page, "[data-part=edge-count]")];
  const said = await page.locator("[data-part=whole]").innerText();
  assert.ok(said.includes(`${nodes.toLocaleString("en")} of ${graph.nodes.length.toLocaleString("en")} nodes`), said);
  assert.ok(said.includes(`${edges.toLocaleString("en")} of ${graph.links.length.toLocaleString("en")} edges`), said);
  const named = graph.nodes.filter(({ layer, feature_type }) => layer === "E" || feature_type === "logit").length;
  assert.ok(nodes <= 200 + named && nodes > named && edges <= 1500 && edges > 100, said);
  const few = await featuresInSight(page, sparse);
  await time("pointing", () => pointAt(page, few));
  await time("showing all", () => showAll(page));
  assert.equal(await count(page, "[data-part=node-count]"), graph.nodes.length);
  assert.equal(await count(page, "[data-part=edge-count]"), graph.links.length);
  const all = await featuresInSight(page, sparse);
  await time("pointing with all on show", () => pointAt(page, all));
  await time("pruning", async () => {
    await page.locator("[data-part=edge-threshold]").fill("0.5");
    await page.locator("[data-part=whole]").waitFor(WAIT);
    await rested(page);
  });
  await page.close();
  return slow;
}
