// Takes pictures of the built site into target/screenshots/: `cargo xtask screenshots`.
// With --readme it takes the pictures that the README and links to the site show instead, www/screenshot.png, www/preview.png
// and pictures/; with --studies those of the studies alone; with --icons it draws www/icons/ anew.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { SECOND, STRONGEST, set } from "./circuit.mjs";
import { withSite } from "./site.mjs";

/** @import { Page } from "playwright-core" */
/** @import { Options } from "./chromium.mjs" */

const root = new URL("../../", import.meta.url);

const SCREENS = [
  { screen: "phone", width: 390, height: 844, scale: 2 },
  { screen: "laptop", width: 1366, height: 768, scale: 1 },
  { screen: "projector", width: 1920, height: 1080, scale: 1 },
];
const VIEWS = [
  { view: "addition", query: "", story: true },
  { view: "diagnosis", query: "?model=diagnosis", story: true },
  { view: "nodes", query: "" },
  { view: "steered", query: `?steer=${set(STRONGEST, "x-5")},${set(SECOND, "x-5")}&selected=${STRONGEST}` },
  { view: "grade", query: "?grade=1" },
  { view: "card", query: "#card" },
];

/** @type {(Options & {name: string})[]} */
const PICTURES = VIEWS.flatMap(({ view, query, story }) =>
  /** @type {const} */ (["light", "dark"]).flatMap((colorScheme) =>
    SCREENS.map(({ screen, width, height, scale }) => ({
      name: `${view}-${screen}-${colorScheme}`,
      query,
      story,
      colorScheme,
      viewport: { width, height },
      scale,
    })),
  ),
);

if (process.env.ATTOGRAPH_SITE) await take();
else process.exitCode = await withSite([fileURLToPath(import.meta.url), ...process.argv.slice(2)]);

async function take() {
  const { closeBrowsers } = await import("./chromium.mjs");
  const folder = new URL("target/screenshots/", root);
  await mkdir(folder, { recursive: true });
  try {
    if (process.argv.includes("--icons")) return await (await import("./icons.mjs")).drawIcons(new URL("www/", root));
    if (process.argv.includes("--readme")) {
      const viewport = { width: 1440, height: 900 };
      await picture({ viewport, story: true }, new URL("www/screenshot.png", root));
      for (const colorScheme of /** @type {const} */ (["light", "dark"]))
        await picture({ viewport, colorScheme }, new URL(`pictures/nodes-${colorScheme}.png`, root));
      await picture({ viewport, query: "?model=diagnosis", story: true }, new URL("pictures/vignette-light.png", root));
      const { onStage, takePresented } = await import("./presented.mjs");
      await picture({ viewport: { width: 1200, height: 630 } }, new URL("www/preview.png", root), onStage);
      await takePresented(new URL("pictures/", root));
      await (await import("./pictured-studies.mjs")).takeBroken(new URL("pictures/", root));
      return;
    }
    if (process.argv.includes("--studies")) return await (await import("./pictured-studies.mjs")).takeStudies(folder);
    for (const { name, ...options } of PICTURES) await picture(options, new URL(`${name}.png`, folder));
  } finally {
    await closeBrowsers();
  }
}

/**
 * Opens the page, waits for its first graph and all its plots, and writes a picture.
 * @param {Options} options
 * @param {URL} file
 * @param {(page: Page) => Promise<void>} [then] what is done before the picture is taken
 */
async function picture(options, file, then) {
  const { open } = await import("./chromium.mjs");
  const { page, problems, close } = await open({ ...options, reducedMotion: "reduce" });
  try {
    await page.locator("[data-part=waiting]").waitFor({ state: "hidden", timeout: 60_000 });
    await page.locator("[data-part=first]").waitFor({ state: "hidden", timeout: 60_000 });
    await page.locator("[data-part=status] progress").waitFor({ state: "hidden", timeout: 120_000 });
    for (const panel of ["[data-part=grade-progress]", ".steering.waiting"])
      await page.locator(panel).waitFor({ state: "hidden", timeout: 60_000 });
    await then?.(page);
    await page.screenshot({ path: fileURLToPath(file) });
    console.log(fileURLToPath(file));
  } finally {
    for (const problem of problems) console.error(problem);
    await close();
  }
}
