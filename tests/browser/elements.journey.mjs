// An author's page in Firefox and in WebKit: an element with a recorded graph, and one that is traced by the reader's own browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { authorSite } from "./author-site.mjs";
import { openFirefox } from "./firefox.mjs";
import { Page } from "./webdriver.mjs";
import { openWebKit } from "./webkit.mjs";

const site = process.env.ATTOGRAPH_SITE ?? "";
const LONG = 60_000;
const POST = `<!doctype html><meta charset="utf-8"><title>Post</title><link rel="icon" href="data:,"><link rel="stylesheet" href="post.css">
  <script type="module" src="https://attograph.example/elements/atto.js"></script>
  <atto-graph id="recorded" src="recorded.json" state="1?engine=cpu"><a href="https://attograph.example/">The page</a></atto-graph>
  <atto-graph id="live" model="addition" prompt="calc: 17+25=" state="1?engine=cpu"><a href="https://attograph.example/">The page</a></atto-graph>`;

for (const [name, open] of /** @type {const} */ ([
  ["Firefox", () => openFirefox({ webgpu: false })],
  ["WebKit", openWebKit],
])) {
  test(`${name} draws a recorded element and traces a live one, on an author's page under a strict policy`, {
    timeout: 180_000,
  }, async (t) => {
    const recorded = await (await fetch(`${site}recorded/addition.json`)).text();
    const at = await authorSite(t, site, { "index.html": POST, "recorded.json": recorded });
    const browser = await open();
    t.after(() => browser.close());
    const page = new Page(browser, at);
    await browser.send("navigate", { url: at });
    /** What an element says below its graph, and how many nodes and operand plots that has. @param {string} id */
    const element = (id) =>
      page.evaluate((id) => {
        const root = document.getElementById(id)?.shadowRoot;
        const count = (/** @type {string} */ what) => root?.querySelectorAll(what).length ?? 0;
        const [bar, told] = [".bar span", ".told"].map((part) => root?.querySelector(part)?.textContent ?? "");
        return { bar, told, features: count(".node.feature"), plotted: count(".node.feature.plotted") };
      }, id);
    /** @param {string} id @param {RegExp} says */
    const waitFor = (id, says) =>
      page.until(
        `${id}: ${says}`,
        async () => {
          const found = await element(id);
          assert.equal(found.told, "", "nothing goes wrong");
          return says.test(found.bar) && found.features > 0 ? found : undefined;
        },
        LONG,
      );

    const first = await waitFor("recorded", /36\+59= 95\s+recorded/);
    assert.ok(first.features > 10, `${first.features} features`);
    assert.equal(first.plotted, first.features, "each has its operand plot");
    assert.equal((await element("live")).features, 0, "the live one waits for a press");
    await page.evaluate(() => document.querySelector("#live")?.shadowRoot?.querySelector("button")?.click());
    await waitFor("live", /17\+25= 42\s+traced here in \d+ ms/);
    assert.match((await element("recorded")).bar, /recorded/, "the other one stays as it is");
    // A node of the one that was recorded: its reader selects it.
    const state = await page.evaluate(() => {
      const graph = /** @type {any} */ (document.querySelector("#recorded"));
      graph.shadowRoot.querySelector(".node.feature").dispatchEvent(new MouseEvent("click", { bubbles: true, composed: true }));
      return graph.getState();
    });
    assert.match(state, /selected=/);
  });
}
