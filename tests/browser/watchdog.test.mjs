// A worker that does not answer is told, ended and started again, with nothing lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, nodes, notice, query, type } from "./reading.mjs";
import { atTrace, withEngine } from "./spoiled-engine.mjs";

const CPU = "?engine=cpu";

for (const [what, script] of [
  ["hangs", "while (true);"],
  ["is closed", "self.close(); return new Promise(() => {});"],
]) {
  test(`a worker that ${what} is told and started again, and nothing that was set is lost`, async (t) => {
    const page = await openPage(t, {
      query: CPU,
      viewport: { width: 1440, height: 1000 },
      before: (page) => withEngine(page, atTrace(script)),
    });
    await answers(page, "95");
    const features = page.locator('.node.feature[aria-label*="“=”"]');
    for (const i of [0, 1]) await features.nth(i).click({ modifiers: ["Shift"] });
    await page.locator("[data-part=subgraph] .item").nth(1).waitFor();
    await page.locator("[data-part=node-threshold]").fill("0.7");
    await query(page, (search) => search.get("node") === "0.7" && search.has("pinnedIds"));
    const pinned = new URL(page.url()).searchParams.get("pinnedIds");

    await type(page, "calc: 12+30=");
    await page.locator(".stale").waitFor({ timeout: 1000 });
    await page.locator("[data-part=stale]").getByText("has not answered for").waitFor({ timeout: 15_000 });
    assert.match(await notice(page), /did not answer for \d+ s[^]*started again[^]*Nothing that you set is lost/);
    await answers(page, "42");
    await page.locator(".stale").waitFor({ state: "detached" });
    const search = new URL(page.url()).searchParams;
    assert.equal(search.get("pinnedIds"), pinned);
    assert.equal(search.get("node"), "0.7");
    assert.equal(await page.locator("[data-part=prompt]").inputValue(), "calc: 12+30=");
  });
}

test("a worker that ended while a file's graph was on show opens it again", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const node = (/** @type {object} */ more) => ({ feature: 0, ctx_idx: 1, jsNodeId: "", clerp: "", ...more });
  const graph = {
    metadata: { slug: "s", scan: "other-model", prompt_tokens: ["one", " two"], prompt: "one two" },
    qParams: { pinnedIds: ["0_7_1"], supernodes: [], linkType: "both", clickedId: "", sg_pos: "" },
    nodes: [
      node({ node_id: "E_5_1", layer: "E", feature_type: "embedding" }),
      node({ node_id: "0_7_1", layer: "0", feature: 35, feature_type: "cross layer transcoder", activation: 2 }),
      node({
        node_id: "2_9_1",
        layer: "2",
        feature_type: "logit",
        clerp: 'Output "nine" (p=0.900)',
        token_prob: 0.9,
        is_target_logit: true,
      }),
    ],
    links: [
      { source: "E_5_1", target: "0_7_1", weight: 1.5 },
      { source: "0_7_1", target: "2_9_1", weight: -2 },
    ],
  };
  await page
    .locator("[data-part=open-file]")
    .setInputFiles({ name: "other.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(graph)) });
  await page.locator("[data-part=recorded]").getByText("other.json").waitFor();
  // A pin taken out here stays out: what the file says of pins was taken over once.
  await page.locator(".node.feature").click({ modifiers: ["Shift"] });
  await page.locator("[data-part=subgraph]").waitFor({ state: "hidden" });
  const before = await nodes(page);
  for (const worker of page.workers()) await worker.evaluate(() => self.close());
  assert.match(await notice(page), /did not answer[^]*started again/);
  await page.waitForFunction(() => document.querySelector("[data-part=engines]")?.textContent !== "");
  await page.locator(".stale").waitFor({ state: "detached", timeout: 60_000 });
  await page.locator(".node.feature").click();
  await page.locator("[data-part=inspector] .inputs, [data-part=inspector] .flows").first().waitFor({ timeout: 20_000 });
  assert.deepEqual(await nodes(page), before);
  assert.match(await page.locator("[data-part=recorded]").innerText(), /other\.json/);
  assert.equal(await page.locator("[data-part=subgraph]").isVisible(), false);
});

test("a prompt that ends every engine is not tried for ever, and another prompt begins a new one", async (t) => {
  let workers = 0;
  const page = await openPage(t, {
    query: CPU,
    allow: [/injected/],
    before: async (page) => {
      page.on("worker", () => (workers += 1));
      // 12 is the token 268.
      await withEngine(
        page,
        `
        const trace = Engine.prototype.trace;
        Engine.prototype.trace = function (ids, options) {
          if (!ids.includes(268)) return trace.call(this, ids, options);
          setTimeout(() => { throw new Error("injected"); });
          return new Promise(() => {});
        };`,
      );
    },
  });
  await answers(page, "95");
  await type(page, "calc: 12+30=");
  await page.locator("[data-part=notice]").getByText("Change the prompt").waitFor({ timeout: 60_000 });
  assert.match(await notice(page), /stopped unexpectedly[^]*not started with this prompt again/);
  assert.equal(workers, 3, "the first, and two more");
  assert.equal(await page.locator(".stale").count(), 1);
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  await page.locator(".stale").waitFor({ state: "detached" });
});
