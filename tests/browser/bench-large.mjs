// Measures the page with 500 nodes and 20,000 edges on show: a change of the prompt, a slider, hovering and dragging; and large files.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { graphFile, SHAPES } from "./large-graphs.mjs";
import { longestTask } from "./tasks.mjs";

/** A vignette of which these thresholds show about 500 nodes and 20,000 edges. */
const LARGE = "?engine=cpu&model=diagnosis&node=0.9996&edge=0.9948";
const AGES = [33, 34, 35, 36, 37, 38];
const MOVES = 60;

/** Prints one line of JSON. @param {typeof import("./chromium.mjs").open} open */
export async function measureLarge(open) {
  const { page, close } = await open({ query: LARGE, viewport: { width: 1440, height: 900 } });
  await page.locator(".node.logit").first().waitFor({ timeout: 60_000 });
  await page.locator("[data-part=density]:enabled").waitFor({ timeout: 60_000 }); // the sample texts are read
  const middle = (/** @type {number[]} */ times) => Math.round(10 * times.toSorted((a, b) => a - b)[times.length >> 1]) / 10;
  const shown = `${await page.locator("[data-part=node-count]").innerText()}, ${await page.locator("[data-part=edge-count]").innerText()}`;
  const asked = [];
  const traced = [];
  for (const age of AGES) {
    asked.push(await page.evaluate(painted, { selector: "[data-part=prompt]", value: `A ${age}-year-old` }));
    traced.push(Number.parseFloat(await page.locator("[data-part=trace-time] strong").innerText()));
  }
  const slid = [];
  for (const value of ["0.9995", "0.9996", "0.9995", "0.9996"])
    slid.push(await page.evaluate(painted, { selector: "[data-part=node-threshold]", value }));
  const boxes = await page
    .locator(".node")
    .evaluateAll((all, count) => all.slice(-count).map((each) => each.getBoundingClientRect().toJSON()), MOVES);
  const pane = await page.locator("[data-part=pane]").boundingBox();
  const inSight = boxes.filter(
    ({ x, y }) => pane && x > pane.x && x < pane.x + pane.width - 20 && y > pane.y && y < pane.y + pane.height - 20,
  );
  await page.evaluate(startFrames);
  for (const { x, y, width, height } of inSight) {
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.waitForTimeout(40);
  }
  const hovering = await page.evaluate(endFrames);
  await page.mouse.move((pane?.x ?? 0) + 200, (pane?.y ?? 0) + 120);
  await page.evaluate(startFrames);
  await page.mouse.down();
  await page.mouse.move((pane?.x ?? 0) + 500, (pane?.y ?? 0) + 160, { steps: 40 });
  await page.mouse.up();
  const dragging = await page.evaluate(endFrames);
  console.log(
    JSON.stringify({
      shown,
      "prompt to paint, median ms": middle(asked),
      "of that tracing, median ms": middle(traced),
      "slider to paint, median ms": middle(slid),
      "hovering, median frame ms": middle(hovering),
      "hovering, longest ms": Math.round(10 * Math.max(...hovering)) / 10,
      "dragging, median frame ms": middle(dragging),
    }),
  );
  await close();
}

/**
 * Prints one line of JSON: large graphs from files, until they are on show and until all of them is.
 * @param {typeof import("./chromium.mjs").open} open
 */
export async function measureOpened(open) {
  const folder = await mkdtemp(join(tmpdir(), "graphs-"));
  for (const shape of SHAPES) {
    const { page, close } = await open({ query: "?engine=cpu", viewport: { width: 1440, height: 900 } });
    await page.locator(".node.logit").first().waitFor({ timeout: 60_000 });
    const path = join(folder, "large.json");
    await writeFile(path, JSON.stringify(graphFile(shape)));
    /** @type {Record<string, number>} */
    const times = {};
    const timed = async (/** @type {string} */ what, /** @type {() => Promise<void>} */ work) => {
      const { longest } = await longestTask(page, async () => {
        const start = performance.now();
        await work();
        times[`${what}, ms`] = Math.round(performance.now() - start);
      });
      times[`${what}, longest task, ms`] = Math.round(longest);
    };
    await timed("opened", async () => {
      await page.locator("[data-part=open-file]").setInputFiles(path);
      await page.locator("[data-part=recorded]").getByText("large.json").waitFor({ timeout: 60_000 });
    });
    await timed("all drawn", async () => {
      await page.getByRole("button", { name: "Show all", exact: true }).click();
      await page.locator("[data-part=whole]").waitFor({ state: "hidden", timeout: 60_000 });
      await page.waitForFunction(() => !document.querySelector("[data-drawing]"), null, { timeout: 60_000 });
    });
    console.log(JSON.stringify({ file: shape.name, nodes: shape.nodes, links: shape.links, ...times }));
    await close();
  }
  await rm(folder, { recursive: true });
}

/**
 * Runs in the page: changes a control, and tells how long it is until the graph is drawn anew and painted.
 * @param {{ selector: string, value: string }} change of the prompt's start, or of a slider
 */
async function painted({ selector, value }) {
  const input = /** @type {HTMLInputElement} */ (document.querySelector(selector));
  const stage = /** @type {Element} */ (document.querySelector("[data-part=stage]"));
  const start = performance.now();
  await new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      observer.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(resolve));
    });
    // Nodes that stay keep their elements; the size of the whole is written each time it is drawn.
    observer.observe(stage, { subtree: true, attributeFilter: ["viewBox"] });
    if (input.type === "range") input.step = "any";
    input.value = input.type === "range" ? value : input.value.replace(/^A \d+-year-old/, value);
    input.dispatchEvent(new Event("input"));
  });
  return performance.now() - start;
}

/** Runs in the page: notes how long each frame takes. */
function startFrames() {
  const state = /** @type {any} */ (window);
  state.frames = [];
  state.framesOn = true;
  let last = performance.now();
  const note = () => {
    const now = performance.now();
    state.frames.push(now - last);
    last = now;
    if (state.framesOn) requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
}

/** Runs in the page. @returns {number[]} milliseconds of each frame */
function endFrames() {
  const state = /** @type {any} */ (window);
  state.framesOn = false;
  return state.frames;
}
