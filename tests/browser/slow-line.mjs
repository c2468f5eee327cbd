// A slow line, and when the first picture stands on it.

import { readFileSync } from "node:fs";

/** @import { Page } from "playwright-core" */

/** 1.6 Mbit/s with 300 ms of latency, as browsers' own tools call slow 4G with more of it. */
const LINE = { offline: false, latency: 300, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 };

/** To be done before a page is opened. @param {Page} page */
export async function slowLine(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", LINE);
  await page.addInitScript(watch);
}

/** Runs in the page: notes when a graph, or its story, is on the screen for the first time, and whether it is called recorded. */
function watch() {
  const observer = new MutationObserver(() => {
    if (!document.querySelector("[data-part=stage] .node.logit, .story-card")) return;
    observer.disconnect();
    const recorded = document.querySelector("[data-part=first]:not([hidden])")?.textContent ?? "";
    // Two frames: the first may have begun before the change.
    requestAnimationFrame(() => requestAnimationFrame(() => Object.assign(window, { firstPicture: { ms: performance.now(), recorded } })));
  });
  observer.observe(document, { childList: true, subtree: true });
}

/** Milliseconds from the visit to the first picture, and how that was labelled. @param {Page} page */
export async function firstPicture(page) {
  const handle = await page.waitForFunction(() => /** @type {any} */ (window).firstPicture, null, { timeout: 120_000 });
  return /** @type {{ ms: number, recorded: string }} */ (await handle.jsonValue());
}

/** The text of a file of the build. @param {string} path in dist/ */
export function built(path) {
  return readFileSync(new URL(`../../dist/${path}`, import.meta.url), "utf8");
}
