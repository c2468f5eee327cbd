// Measures the page in Chromium: `cargo xtask bench`. When the first picture stands on a slow line (that alone: --first). From a
// change of the prompt to the new graph on the
// screen, how long all operand plots take, and from a feature that is set to the new answers, one line of JSON an
// engine; the grade of a sum's and of a vignette's graph; then the same change of the prompt, a slider, and the
// frames while one hovers and drags, with 500 nodes and 20,000 edges on show; and large graphs from files.
// `--readings`: a sum's graph in each reading alone.

import { fileURLToPath } from "node:url";
import { withSite } from "./site.mjs";
import { firstPicture, slowLine } from "./slow-line.mjs";

/** @import { open as Open } from "./chromium.mjs" */

const SUMS = 30;
const PAUSE_MS = 150; // between two keys, as of somebody who types

if (process.env.ATTOGRAPH_SITE) await measure();
else process.exitCode = await withSite([fileURLToPath(import.meta.url), ...process.argv.slice(2)]);

async function measure() {
  const { closeBrowsers, open } = await import("./chromium.mjs");
  const { measureForward } = await import("./bench-forward.mjs");
  const { measureLarge, measureOpened } = await import("./bench-large.mjs");
  try {
    if (process.argv.includes("--forward")) return await measureForward(open);
    if (process.argv.includes("--large")) return await measureLarge(open);
    if (process.argv.includes("--opened")) return await measureOpened(open);
    if (process.argv.includes("--readings")) return await measureReadings(open);
    for (const model of ["addition", "diagnosis"]) {
      const { page, close } = await open({
        query: `?model=${model}`,
        story: true,
        viewport: { width: 1440, height: 900 },
        before: slowLine,
      });
      const { ms } = await firstPicture(page);
      console.log(JSON.stringify({ model, "first picture at 1.6 Mbit/s and 300 ms, ms": Math.round(ms) }));
      await close();
    }
    for (const model of ["addition", "diagnosis"]) await measureLive(open, model);
    if (process.argv.includes("--first")) return;
    for (const engine of ["cpu", "gpu"]) {
      const { page, close } = await open({ query: `?engine=${engine}`, viewport: { width: 1440, height: 900 } });
      const start = Date.now();
      await page.locator("[data-part=plot-progress]").getByText("done").waitFor({ timeout: 300_000 });
      const plots = Date.now() - start;
      const { painted, next } = await page.evaluate(changes, { count: SUMS, pause: PAUSE_MS });
      const atOnce = (await page.evaluate(changes, { count: SUMS, pause: 0 })).painted.toSorted((a, b) => a - b);
      const traced = await page.locator("[data-part=trace-time] strong").innerText();
      const name = await page.locator("[data-part=engines] .active").innerText();
      const ordered = painted.toSorted((a, b) => a - b);
      await page.locator(".node.feature").last().click();
      await page.locator(".steer-buttons").waitFor();
      const steered = (await page.evaluate(settings, SUMS)).toSorted((a, b) => a - b);
      console.log(
        JSON.stringify({
          engine: name,
          "prompt to graph, median ms": Math.round(10 * ordered[ordered.length >> 1]) / 10,
          "without a pause between keys": Math.round(10 * atOnce[atOnce.length >> 1]) / 10,
          "prompt to the frame after, median ms": Math.round(10 * next.toSorted((a, b) => a - b)[next.length >> 1]) / 10,
          "slowest ms": Math.round(10 * ordered[ordered.length - 1]) / 10,
          sums: painted.length,
          "last trace": traced,
          "loading and all operand plots, s": plots / 1000,
          "feature set to new answers, median ms": Math.round(10 * steered[steered.length >> 1]) / 10,
        }),
      );
      await close();
    }
    for (const model of ["addition", "diagnosis"]) {
      const { page, close } = await open({ query: `?engine=cpu&grade=1&model=${model}`, viewport: { width: 1440, height: 900 } });
      await page.locator(".findings").waitFor({ timeout: 120_000 });
      console.log(JSON.stringify({ model, grade: await page.locator("[data-part=grade-body] > .note").innerText() }));
      await close();
    }
    await measureLarge(open);
    await measureOpened(open);
  } finally {
    await closeBrowsers();
  }
}

/** When the live graph of a model's first example stands, over the same line. @param {typeof Open} open @param {string} model */
async function measureLive(open, model) {
  const { slowSite } = await import("./slow-site.mjs");
  const { at, close } = await slowSite();
  const start = performance.now();
  const visit = await open({ at, query: `?engine=cpu&model=${model}`, viewport: { width: 1440, height: 900 } });
  await visit.page.locator("[data-part=stage] .node.logit").first().waitFor({ timeout: 120_000 });
  await visit.page.locator("[data-part=first]").waitFor({ state: "hidden", timeout: 120_000 });
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  console.log(JSON.stringify({ model, "live graph at 1.6 Mbit/s and 300 ms, s": seconds }));
  await visit.close();
  await close();
}

/**
 * Runs in the page: types sums one after the other, each a frame after the one before is drawn.
 * @param {{ count: number, pause: number }} given how many, and milliseconds between them
 * @returns {Promise<{ painted: number[], next: number[] }>} milliseconds from each key until its graph is painted, and until the next frame
 */
async function changes({ count, pause }) {
  const input = /** @type {HTMLTextAreaElement} */ (document.querySelector("[data-part=prompt]"));
  const graph = /** @type {SVGElement} */ (document.querySelector("[data-part=stage] svg[role]"));
  /** @type {number[]} */ const painted = [];
  /** @type {number[]} */ const next = [];
  for (let i = 0; i < count; i++) {
    const prompt = `calc: ${(37 * i + 11) % 100}+${(53 * i + 29) % 100}=`;
    const start = performance.now();
    await new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        if (!graph.getAttribute("aria-label")?.includes(`“${prompt}”`)) return;
        observer.disconnect();
        // The next frame paints it; a message sent from that frame arrives once it has.
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => {
            painted.push(performance.now() - start);
            requestAnimationFrame(resolve);
          };
          port2.postMessage(undefined);
        });
      });
      observer.observe(graph, { attributes: true });
      input.value = prompt;
      input.dispatchEvent(new Event("input"));
    });
    next.push(performance.now() - start);
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return { painted, next };
}

/**
 * Runs in the page: sets the selected feature again and again, each as soon as the answers before are drawn.
 * @param {number} count
 */
async function settings(count) {
  const list = /** @type {HTMLElement} */ (document.querySelector("[data-part=answers]"));
  const times = [];
  for (let i = 0; i < count; i++) {
    const button = /** @type {HTMLElement} */ (document.querySelectorAll(".steer-buttons button:not(.term)")[i % 2]);
    const start = performance.now();
    await new Promise((resolve) => {
      const observer = new MutationObserver(() => {
        observer.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(resolve));
      });
      observer.observe(list, { childList: true });
      button.click();
    });
    times.push(performance.now() - start);
  }
  return times;
}

/** How long a sum's graph takes from a key without a GPU, by what it holds. @param {typeof Open} open */
async function measureReadings(open) {
  for (const hold of ["patterns,norms", "errors", "nothing"]) {
    const { page, close } = await open({ query: `?engine=cpu&hold=${hold}`, viewport: { width: 1440, height: 900 } });
    await page.locator("[data-part=plot-progress]").getByText("done").waitFor({ timeout: 300_000 });
    const { painted } = await page.evaluate(changes, { count: SUMS, pause: PAUSE_MS });
    const ordered = painted.toSorted((a, b) => a - b);
    console.log(JSON.stringify({ held: hold, "prompt to graph, median ms": Math.round(10 * ordered[ordered.length >> 1]) / 10 }));
    await close();
  }
}
