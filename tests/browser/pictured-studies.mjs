// Pictures of the studies: all of each, on a phone and on a large screen, light and dark; and of one being broken, for the README.

import { fileURLToPath } from "node:url";
import { open } from "./chromium.mjs";

/** @import { Page } from "playwright-core" */

export const STUDIES = ["sum", "elsewhere", "explanation", "break", "trust", "differential"];
const COLOURS = /** @type {const} */ (["light", "dark"]);
const SCREENS = [
  { screen: "phone", width: 390, height: 844 },
  { screen: "projector", width: 1920, height: 1080 },
];
const PATIENCE = { timeout: 120_000 };

/** Until each story on the page was seen and stands. @param {Page} page */
async function allTold(page) {
  const stories = page.locator("atto-story:visible");
  for (let i = 0; i < (await stories.count()); i++) {
    await stories.nth(i).scrollIntoViewIfNeeded();
    await stories.nth(i).locator(".story-card").first().waitFor(PATIENCE);
  }
  await page.waitForTimeout(1500);
}

/** @param {URL} folder gets study-NAME-SCREEN-COLOUR.png */
export async function takeStudies(folder) {
  for (const name of STUDIES)
    for (const { screen, ...viewport } of SCREENS)
      for (const colorScheme of COLOURS) {
        const { page, close } = await open({ path: `studies/${name}.html`, viewport, colorScheme, webgpu: false });
        await allTold(page);
        // What is not on the screen is not painted: the window is made as high as the page.
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        await page.setViewportSize({ width: viewport.width, height });
        await page.waitForTimeout(1500);
        const file = fileURLToPath(new URL(`study-${name}-${screen}-${colorScheme}.png`, folder));
        await page.screenshot({ path: file });
        console.log(file);
        await close();
      }
}

/** The last digit's lookup switched off, as long as the button is held. @param {URL} folder gets study-light.png and study-dark.png */
export async function takeBroken(folder) {
  for (const colorScheme of COLOURS) {
    const viewport = { width: 1280, height: 800 };
    const { page, close } = await open({ path: "studies/break.html", viewport, colorScheme, webgpu: false, reducedMotion: "reduce" });
    await page.locator("atto-story .story-card").first().waitFor(PATIENCE);
    const figure = page.locator("figure.wide").first();
    await figure.scrollIntoViewIfNeeded();
    const button = page.locator("atto-break .break").first();
    await button.focus();
    await page.keyboard.down("Space");
    await page.locator("atto-outcome .broken table").first().waitFor(PATIENCE);
    await page.waitForTimeout(1500);
    const file = fileURLToPath(new URL(`study-${colorScheme}.png`, folder));
    await figure.screenshot({ path: file });
    console.log(file);
    await page.keyboard.up("Space");
    await close();
  }
}
