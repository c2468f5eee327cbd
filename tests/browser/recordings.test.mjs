// Every example's recorded graph is the one that a browser traces, which takes its place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { viewOf } from "../../www/lab/recorded/recording.js";
import { differenceOf } from "../../www/lab/recorded/same.js";
import { openPage, site } from "./harness.mjs";
import { closeSessions, EMPTY, openSessions, told } from "./session-pages.mjs";
import { built } from "./slow-line.mjs";

/** @import { Written } from "../../www/lab/recorded/recording.js" */

/** What the head of the page lists. @type {{ model: string, prompt: string, others: string[] }[]} */
const listed = JSON.parse(
  (/<meta name="recorded" content="(.*?)">/.exec(built("index.html"))?.[1] ?? "").replaceAll("&quot;", '"').replaceAll("&amp;", "&"),
);

for (const { model, others } of listed) {
  test(`the recorded graphs of ${model} are those that are traced`, async (t) => {
    const { examples } = JSON.parse(built(`models/${model}/manifest.json`));
    const files = [`recorded/${model}.json`, ...others.map((name) => `recorded/${model}/${name}.json`)];
    const all = files.map((file) => /** @type {Written} */ (JSON.parse(built(file))));
    assert.deepEqual(
      all.map(({ prompt }) => prompt),
      examples.map((/** @type {{ prompt: string }} */ { prompt }) => prompt),
    );
    const page = await openPage(t, {
      path: "frame.html",
      webgpu: false,
      before: (page) => page.route(`${site}frame.html`, (route) => route.fulfill({ contentType: "text/html", body: EMPTY })),
    });
    await openSessions(
      page,
      site,
      all.map(({ prompt }) => ({ model, prompt })),
      true,
    );
    for (const [at, written] of all.entries()) {
      await told(page, at, "graph");
      const live = await page.evaluate((at) => {
        const { sessions } = /** @type {any} */ (window);
        const { graph, pruned } = sessions[at].heard.find((/** @type {{ type: string }} */ { type }) => type === "graph");
        const plain = (/** @type {object} */ each) =>
          Object.fromEntries(
            Object.entries(each).map(([name, value]) => [name, ArrayBuffer.isView(value) ? [.../** @type {any} */ (value)] : value]),
          );
        return { graph: plain(graph), pruned: plain(pruned) };
      }, at);
      const { recording, pruned } = await viewOf(written);
      assert.ok(recording && pruned.nodes.length > 10);
      assert.equal(differenceOf(recording, /** @type {any} */ (live), true), undefined, written.prompt);
    }
    await closeSessions(page);
  });
}
