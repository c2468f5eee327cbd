// What the browser tests share: a page that fails its test when anything goes wrong on it.

import { mkdir } from "node:fs/promises";
import { after } from "node:test";
import { closeBrowsers, open } from "./chromium.mjs";

export { site } from "./chromium.mjs";

// What a reload may cut off: the icon, and what the first picture is made of.
export const RELOADS = [/(favicon|recorded\/|manifest\.json|samples\.json|features\.json|tokenizer).*ERR_ABORTED/];

/** @import { Options } from "./chromium.mjs" */

after(closeBrowsers);

/**
 * Opens a page of the site. At the test's end it fails if the page had an error of any kind:
 * uncaught, on the console, a request that failed or one to another site.
 * @param {{after: (fn: () => Promise<void>) => void}} test the test's context, as node:test passes it
 * @param {Options & {allow?: RegExp[]}} [options] `allow` lists problems that the test expects
 * @returns {Promise<import("playwright-core").Page>}
 */
export async function openPage(test, options = {}) {
  const { page, problems, close } = await open(options);
  test.after(async () => {
    await close();
    const found = problems.filter((problem) => !options.allow?.some((pattern) => pattern.test(problem)));
    if (found.length) throw new Error(`the page had problems:\n${found.join("\n")}`);
  });
  return page;
}

/**
 * Writes a picture of the page to target/screenshots/ for people to look at.
 * @param {import("playwright-core").Page} page
 * @param {string} name without its ending
 */
export async function screenshot(page, name) {
  const folder = new URL("../../target/screenshots/", import.meta.url);
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: new URL(`${name}.png`, folder).pathname });
}
