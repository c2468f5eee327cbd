// “Embed…”: the lines that the page gives an author show the graph that was on show, in a page of another origin.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { authorSite } from "./author-site.mjs";
import { openPage, screenshot, site } from "./harness.mjs";
import { answers, plotsDrawn, type } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const LEAVES = new RegExp(`^request leaves the site: ${site}`);

/** Opens the dialog on another sum than the example. @param {{ after: (fn: () => Promise<void>) => void }} t @param {object} [options] */
async function dialogOf(t, options = {}) {
  const page = await openPage(t, { query: "?engine=cpu", ...options });
  await answers(page, "95");
  await type(page, "calc: 47+21=");
  await answers(page, "68");
  await plotsDrawn(page);
  await page.locator("[data-part=keep] summary").click();
  await page.locator("[data-part=embed]").click();
  await page.locator("dialog.embed[open]").waitFor();
  return page;
}

/** @param {Page} page */
const code = (page) => page.getByLabel("Lines for your page").inputValue();

/** Saves a file of the dialog. @param {Page} page @param {string} name */
async function saved(page, name) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: `Save ${name}` }).click()]);
  assert.equal(download.suggestedFilename(), name);
  return readFile(await download.path(), "utf8");
}

/** A post with these lines. @param {{ after: (fn: () => Promise<void>) => void }} t @param {string} lines @param {Record<string, string>} files */
async function posted(t, lines, files) {
  const head =
    '<!doctype html><meta charset="utf-8"><title>Post</title><link rel="icon" href="data:,"><link rel="stylesheet" href="post.css">';
  const at = await authorSite(t, site, { "index.html": head + lines.replace(/ style="[^"]*"/, ""), ...files });
  return openPage(t, { at, webgpu: false, firstVisit: true, allow: [LEAVES] });
}

test("recorded: the file beside the post is the graph that was on show, and needs no engine", async (t) => {
  const page = await dialogOf(t);
  await page.getByLabel("Recorded").check();
  const files = { "graph.json": await saved(page, "graph.json"), "graph.svg": await saved(page, "graph.svg") };
  const post = await posted(t, await code(page), files);
  const graph = post.locator("atto-graph");
  await graph.locator(".node.logit").first().waitFor();
  assert.match(await graph.locator(".bar").innerText(), /calc: 47\+21= 68\s+recorded/);
  const ids = (/** @type {Page} */ where) =>
    where.locator(".node").evaluateAll((all) => all.map((each) => each.getAttribute("data-id")).sort());
  assert.deepEqual(await ids(post), await ids(page));
  assert.equal(await graph.locator(".node.feature:not(.plotted)").count(), 0);

  // The same file tells its story; one with nonsense in that place has none.
  const graphJson = JSON.parse(files["graph.json"]);
  graphJson.story.items[0].nodes = [1e9];
  const lines = ["graph", "spoilt"].map((name) => `<atto-story id="${name}" src="${name}.json"></atto-story>`);
  const script = `<script type="module" src="${site}elements/stories.js"></script>`;
  const told = await posted(t, script + lines.join(""), { ...files, "spoilt.json": JSON.stringify(graphJson) });
  await told.locator("#graph .story-card.of-answer .title", { hasText: "68" }).waitFor();
  assert.ok((await told.locator("#graph .story-card.of-features canvas").count()) >= 5);
  await told.locator("#spoilt .bar", { hasText: "recorded" }).waitFor();
  assert.equal(await told.locator("#spoilt .story-card").count(), 0);
});

test("live: a press traces what was set, and the picture before it is a whole one", async (t) => {
  const page = await dialogOf(t);
  await page.locator(".embed-preview img").waitFor();
  await screenshot(page, "embed-dialog");
  const poster = await saved(page, "graph.svg");
  assert.ok(poster.includes("calc: 47+21=") && poster.length < 300_000, String(poster.length));
  const post = await posted(t, await code(page), { "graph.svg": poster });
  const graph = post.locator("atto-graph");
  await graph.getByRole("button", { name: "Trace it here" }).click();
  await graph.locator(".bar", { hasText: /calc: 47\+21= 68 traced here/ }).waitFor({ timeout: 60_000 });
});

test("a frame begins when it is seen; on a phone all of the dialog is in reach", async (t) => {
  const page = await dialogOf(t, { viewport: { width: 390, height: 844 } });
  await page.getByLabel("Frame").check();
  await page
    .frameLocator(".embed-preview iframe")
    .locator(".bar", { hasText: /68 traced here/ })
    .waitFor({ timeout: 60_000 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} pixels too wide`);
  await page.getByRole("button", { name: "Close" }).click();
  await page.locator("dialog.embed").waitFor({ state: "hidden" });
  const post = await posted(t, await code(page), {});
  await post
    .frameLocator("iframe")
    .locator(".bar", { hasText: /68 traced here/ })
    .waitFor({ timeout: 60_000 });
});

test("the story on show is what is embedded: its picture first, its file beside the post, and in a frame", async (t) => {
  const page = await dialogOf(t, { story: true, viewport: { width: 1280, height: 800 }, allow: [/ERR_ABORTED/] }); // frames that are replaced
  await page.locator(".embed .hint", { hasText: "It shows the story" }).waitFor();
  const poster = await saved(page, "graph.svg");
  assert.ok(poster.includes("last digit of the sum"), "the picture has the cards");
  await page.getByLabel("Recorded").check();
  const files = { "graph.json": await saved(page, "graph.json"), "graph.svg": poster };
  const post = await posted(t, await code(page), files);
  const story = post.locator("atto-story");
  await story.locator(".story-card.of-answer .title", { hasText: "68" }).waitFor();
  assert.match(await story.locator(".bar").innerText(), /calc: 47\+21= 68\s+recorded/);

  await page.getByLabel("Frame").check();
  const frame = page.frameLocator(".embed-preview iframe");
  await frame.locator(".story-card.of-answer .title", { hasText: "68" }).waitFor({ timeout: 60_000 });
  await frame.locator(".story-card.of-features canvas").nth(4).waitFor({ timeout: 60_000 });
  // The page around is told how high all of it is.
  /** @type {number[]} */ const heights = [];
  await page.exposeFunction("told", (/** @type {number} */ height) => heights.push(height));
  await page.evaluate(() =>
    addEventListener("message", ({ data }) => data.type === "attograph-height" && /** @type {any} */ (window).told(data.height)),
  );
  for (const [name, size] of [
    ["Height", "300"],
    ["Width", "560"],
  ]) {
    await page.getByLabel(name).fill(size);
    await page.getByLabel(name).blur();
  }
  await frame.locator(".story-card.of-answer .title", { hasText: "68" }).waitFor({ timeout: 60_000 });
  const whole = () => frame.locator("html").evaluate((html) => html.scrollHeight);
  await frame.locator(".story-card.of-features canvas").nth(4).waitFor({ timeout: 60_000 });
  await page.waitForTimeout(500);
  assert.ok(Math.abs((heights.at(-1) ?? 0) - (await whole())) < 4, `${heights} told, ${await whole()} needed`);
});
