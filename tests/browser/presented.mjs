// The pictures of the README beside the page's own: the stage of a talk, and an author's post with its elements, light and dark.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { authorSite } from "./author-site.mjs";
import { open, site } from "./chromium.mjs";

/** @import { Page } from "playwright-core" */

const COLOURS = /** @type {const} */ (["light", "dark"]);

/** Goes to the step of the talk in which both paths meet. @param {Page} page */
export async function onStage(page) {
  await page.locator("[data-part=keep] summary").click();
  await page.locator("[data-part=talk-shipped]").click();
  for (let step = 1; step < 8; step++) {
    await page.keyboard.press("ArrowRight");
    await page.waitForTimeout(400);
  }
  await page.getByText("8 / 10").waitFor();
  await page.waitForTimeout(1500); // the graph comes to rest
}

/** @param {URL} folder gets post-light.png, post-dark.png, stage-light.png and stage-dark.png */
export async function takePresented(folder) {
  await mkdir(folder, { recursive: true });
  for (const colorScheme of COLOURS) {
    await stage(new URL(`stage-${colorScheme}.png`, folder), colorScheme);
    await post(new URL(`post-${colorScheme}.png`, folder), colorScheme);
  }
}

/** @param {URL} file @param {"light" | "dark"} colorScheme */
async function stage(file, colorScheme) {
  const { page, close } = await open({ viewport: { width: 1280, height: 720 }, colorScheme, reducedMotion: "reduce" });
  await page.locator("[data-part=plot-progress]").getByText("done").waitFor({ timeout: 120_000 });
  await onStage(page);
  await page.screenshot({ path: fileURLToPath(file) });
  console.log(fileURLToPath(file));
  await close();
}

/** The example post, served from an origin of its own, once its live graph was pressed. @param {URL} file @param {"light" | "dark"} colorScheme */
async function post(file, colorScheme) {
  /** @type {(() => Promise<void>)[]} */ const ends = [];
  const recorded = await (await fetch(`${site}recorded/addition.json`)).text();
  const at = await authorSite({ after: (end) => void ends.push(end) }, site, { "recorded.json": recorded });
  const { page, close } = await open({ at, viewport: { width: 900, height: 800 }, colorScheme, webgpu: false, firstVisit: true });
  await page.locator("#recorded .node.logit").first().waitFor();
  await page.locator("#live").scrollIntoViewIfNeeded();
  await page.locator("#live a svg").click();
  await page.locator("#live .bar", { hasText: "traced here" }).waitFor({ timeout: 60_000 });
  await page.locator("#live .node.feature.plotted").first().waitFor({ timeout: 60_000 });
  await page.locator("#framed").scrollIntoViewIfNeeded();
  await page.frameLocator("#framed").locator(".node.logit").first().waitFor();
  await page.waitForTimeout(1500);
  await page.screenshot({ path: fileURLToPath(file), fullPage: true });
  console.log(fileURLToPath(file));
  await close();
  for (const end of ends) await end();
}
