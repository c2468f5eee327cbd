// What one visit keeps, the next ones have without a network, and the single file needs none: in Firefox and in WebKit, too.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { openFirefox } from "./firefox.mjs";
import { OwnSite } from "./own-site.mjs";
import { Page } from "./webdriver.mjs";
import { openWebKit } from "./webkit.mjs";

const FILE = new URL("../../target/attograph.html", import.meta.url);
const FIRST = "calc: 36+59=";
const QUERY = "?engine=cpu";
const LONG = 60_000;

for (const [name, open] of /** @type {const} */ ([
  ["Firefox", () => openFirefox({ webgpu: false })],
  ["WebKit", openWebKit],
])) {
  test(`${name} keeps a version of the page and its models, and takes the next one whole`, { timeout: 240_000 }, async (t) => {
    const site = await OwnSite.start(t);
    const browser = await open();
    t.after(() => browser.close());
    const page = new Page(browser, site.address ?? "");
    const says = (/** @type {RegExp} */ text) =>
      page.until(String(text), async () => (text.test((await page.text("[data-part=offline]")) ?? "") ? true : undefined), LONG);
    const version = () => page.evaluate(() => document.documentElement.dataset.version ?? "first");
    await page.open(QUERY);
    await page.answers(FIRST, "95");
    await says(/^Kept for use without a network$/);

    await site.update("second", { "lab/main.js": '\ndocument.documentElement.dataset.version = "second";' });
    await page.open(QUERY);
    await page.answers(FIRST, "95");
    await says(/new version is here/);
    assert.equal(await version(), "first");

    await site.stop();
    await page.open(QUERY);
    await page.answers(FIRST, "95");
    assert.equal(await version(), "second");
    await page.open(`${QUERY}&transcoder=per-layer`);
    await page.answers(FIRST, "95");
    await page.open(`${QUERY}&model=diagnosis`);
    await page.until("the other model", async () => ((await page.text("title"))?.includes("Addition") ? undefined : true), LONG);
    await page.until("its graph", async () => ((await page.texts(".node.logit")).length > 0 ? true : undefined), LONG);
  });

  test(`${name} opens the single file from a folder`, { timeout: 120_000 }, async (t) => {
    assert.ok(existsSync(FILE), "there is no target/attograph.html: run `cargo xtask build --single`");
    const browser = await open();
    t.after(() => browser.close());
    const page = new Page(browser, "");
    await browser.send("navigate", { url: FILE.href + QUERY });
    await page.answers(FIRST, "95");
    await browser.send("navigate", { url: `${FILE.href}${QUERY}&model=diagnosis&transcoder=per-layer` });
    await page.until("its graph", async () => ((await page.texts(".node.logit")).length > 0 ? true : undefined), LONG);
    assert.match(await page.text("[data-part=models] [aria-current]"), /Diagnosis/);
  });
}
