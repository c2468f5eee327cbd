// What one can keep: the whole state in the address, undo, snapshots, and graphs as files, out and in again.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { openPage, RELOADS, screenshot } from "./harness.mjs";
import { answers, nodes, notice, plotsDrawn, query, save, type } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";

/** The fields that the schema of the three viewers asks for. */
const NODE_FIELDS = ["node_id", "feature", "layer", "ctx_idx", "feature_type", "jsNodeId", "clerp"];

/** Pins and groups two features and names a third. @param {Page} page */
async function arranged(page) {
  const features = page.locator('.node.feature[aria-label*="“=”"]');
  for (const i of [0, 1]) await features.nth(i).click({ modifiers: ["Shift"] });
  const items = page.locator("[data-part=subgraph] .item");
  await items.nth(1).waitFor();
  await items.nth(0).click();
  await items.nth(1).click({ modifiers: ["Shift"] });
  await page.locator("[data-part=subgraph-group]").click();
  await page.locator("[data-part=subgraph] input.rename").fill("my group");
  await page.keyboard.press("Enter");
  await features.nth(2).click();
  const [feature] = /Feature \d+/.exec((await features.nth(2).getAttribute("aria-label")) ?? "") ?? [""];
  await page.locator("[data-part=inspector]", { hasText: feature }).waitFor(); // and no longer the node before
  await page.locator("[data-part=inspector]").getByRole("button", { name: "Rename" }).click();
  await page.locator("[data-part=inspector] input.rename").fill("my name");
  await page.keyboard.press("Enter");
  await page.locator("[data-part=inspector] h2", { hasText: "my name" }).waitFor();
}

/** @param {Page} page @param {"[data-part=save]" | "[data-part=save-svg]" | "[data-part=save-png]"} [kind] */
async function saved(page, kind) {
  const [download] = await Promise.all([page.waitForEvent("download"), save(page, kind)]);
  await page.keyboard.press("Escape");
  return { name: download.suggestedFilename(), path: await download.path() };
}

/** @param {Page} page @param {string} name @param {string} text */
async function openFile(page, name, text) {
  await page.locator("[data-part=open-file]").setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });
}

test("a saved graph has the schema's fields, and opens again with the same nodes, edges, pins, groups and names", async (t) => {
  const page = await openPage(t, { query: CPU, allow: RELOADS, viewport: { width: 1440, height: 1100 } });
  await answers(page, "95");
  await plotsDrawn(page);
  await arranged(page);
  const shown = await nodes(page);
  const edges = await page.locator("[data-part=edge-count]").innerText();
  const file = await readFile((await saved(page)).path, "utf8");
  const graph = JSON.parse(file);
  for (const node of graph.nodes) for (const field of NODE_FIELDS) assert.ok(node[field] !== undefined, `${node.node_id} has no ${field}`);
  for (const link of graph.links) assert.deepEqual(Object.keys(link).sort(), ["source", "target", "weight"]);
  for (const field of ["slug", "scan", "prompt_tokens", "prompt"]) assert.ok(graph.metadata[field] !== undefined, field);
  assert.deepEqual(graph.qParams.supernodes[0][0], "my group");
  assert.equal(graph.qParams.pinnedIds.length, 2);
  assert.ok(graph.nodes.some((/** @type {{ clerp: string }} */ { clerp }) => clerp === "my name"));

  await page.goto(`${page.url().split("?")[0]}${CPU}&prompt=${encodeURIComponent("calc: 17+25=")}`);
  await answers(page, "42");
  await openFile(page, "kept.json", file);
  await page.locator("[data-part=recorded]").getByText("Recorded graph from kept.json").waitFor();
  assert.deepEqual(await nodes(page), shown);
  assert.equal(await page.locator("[data-part=edge-count]").innerText(), edges);
  await page.locator("[data-part=subgraph] .supernode .label", { hasText: "my group" }).waitFor();
  await page.locator(".node.feature[aria-label^='my name']").first().waitFor();
  const again = JSON.parse(await readFile((await saved(page)).path, "utf8"));
  assert.deepEqual(again.nodes.map(strip), graph.nodes.map(strip));
  assert.deepEqual(again.links, graph.links);
  assert.deepEqual(again.qParams, graph.qParams);
  await screenshot(page, "recorded");

  await page.locator("[data-part=recorded]").getByRole("button", { name: "Trace this prompt here" }).click();
  await page.locator("[data-part=recorded]").waitFor({ state: "hidden" });
  await answers(page, "95");
});

/** @param {Record<string, unknown>} node */
function strip({ node_id, clerp, layer, ctx_idx, feature_type, influence, activation }) {
  return { node_id, clerp, layer, ctx_idx, feature_type, influence, activation };
}

test("a file that is no graph is told so, and the graph on show stays", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const before = await nodes(page);
  await openFile(page, "no <b>graph</b>.json", '{"nodes": 3}');
  assert.match(await notice(page), /no <b>graph<\/b>\.json/);
  assert.deepEqual(await nodes(page), before);
  await type(page, "calc: 17+25=");
  await answers(page, "42");
});

test("the graph of another tool opens, with text that is only text", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const node = (/** @type {object} */ more) => ({ feature: 0, ctx_idx: 1, jsNodeId: "", clerp: "", ...more });
  const graph = {
    metadata: { slug: "s", scan: "other-model", prompt_tokens: ["<img src=x onerror=alert(1)>", " two"], prompt: "<i>p</i> two" },
    qParams: { pinnedIds: ["0_7_1"], supernodes: [], linkType: "both", clickedId: "", sg_pos: "" },
    nodes: [
      node({ node_id: "E_5_1", layer: "E", feature_type: "embedding" }),
      node({
        node_id: "0_7_1",
        layer: "0",
        feature: 35,
        feature_type: "cross layer transcoder",
        clerp: "<script>alert(1)</script>",
        activation: 2,
      }),
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
  await openFile(page, "other.json", JSON.stringify(graph));
  await page.locator("[data-part=recorded]").getByText("of the model other-model").waitFor();
  assert.equal(await page.locator(".node.feature").count(), 1);
  assert.equal(await page.locator("[data-part=edge-count]").innerText(), "2 edges");
  await page.locator(".node.feature").click();
  await page.locator("[data-part=inspector] h2", { hasText: "<script>" }).waitFor();
  // There is no model here to ask.
  assert.ok(await page.locator("[data-part=grade-begin]").isDisabled());
  assert.equal(await page.locator(".steer-buttons").count(), 0);
  assert.equal(await page.locator("main img:not([src='favicon.svg']), main script, main i i").count(), 0);
});

test("pictures have a caption, and SVG and PNG show the same", async (t) => {
  const page = await openPage(t, { query: CPU, viewport: { width: 1440, height: 1100 } });
  await answers(page, "95");
  await plotsDrawn(page);
  const vector = await saved(page, "[data-part=save-svg]");
  assert.equal(vector.name, "calc-36-59.svg");
  const text = await readFile(vector.path, "utf8");
  assert.match(text, /Attribution graph of “calc: 36\+59=”/);
  assert.match(text, /Computed live by Attograph/);
  assert.equal((text.match(/<image/g) ?? []).length, await page.locator(".node.feature").count());
  assert.equal((text.match(/stroke-opacity/g) ?? []).length, Number.parseInt(await page.locator("[data-part=edge-count]").innerText(), 10));
  assert.doesNotMatch(text, /class=|tabindex|var\(/, "nothing that needs the page");
  const pixels = await saved(page, "[data-part=save-png]");
  const bytes = await readFile(pixels.path);
  assert.deepEqual([...bytes.subarray(1, 4)], [...Buffer.from("PNG")]);
  assert.ok(bytes.readUInt32BE(16) > 3000, `${bytes.readUInt32BE(16)} pixels wide`);
  const drawn = await page.context().newPage();
  await drawn.setContent(text);
  await screenshot(drawn, "picture");
});

test("while the story is on show, its picture is the story as it stands there", async (t) => {
  const page = await openPage(t, { query: `${CPU}&view=story`, viewport: { width: 1440, height: 1100 } });
  await answers(page, "95");
  const story = page.locator("[data-part=story]");
  await story.getByText("last digit of the sum").waitFor();
  await plotsDrawn(page);
  await story.locator(".story-card").nth(2).click(); // what is selected is nothing of the picture
  await page.locator("[data-part=keep] summary").focus();
  await page.mouse.move(5, 5);
  await page.locator("[data-part=story].lit .selected").waitFor(); // on the page it stands out
  const there = await story.evaluate((element) => {
    const { left, top } = element.getBoundingClientRect();
    const titles = [...element.querySelectorAll(".of-features .title")].map((title) => {
      const { x, y } = title.getBoundingClientRect();
      return { text: title.textContent ?? "", x: x - left, y: y - top };
    });
    return { titles, plots: element.querySelectorAll("canvas").length, arrows: element.querySelectorAll(".story-flows path").length };
  });
  const vector = await saved(page, "[data-part=save-svg]");
  const text = await readFile(vector.path, "utf8");
  const marks = text.replaceAll(/href="[^"]*"/g, "");
  assert.deepEqual(marks.match(/class=|tabindex|var\(|oklab/g), null, "nothing that needs the page");
  assert.ok(/cards over \d+ tokens keep/.test(marks) && marks.includes("Computed live by Attograph"));
  await page.locator("[data-part=keep-said]", { hasText: "The picture shows the story." }).waitFor({ state: "attached" });
  const drawn = await page.context().newPage();
  await drawn.setContent(`<body style="margin: 0">${text}`);
  assert.equal(await drawn.locator("image").count(), there.plots);
  assert.equal(await drawn.locator("path[fill=none]").count(), there.arrows);
  const found = await drawn
    .locator("text")
    .evaluateAll((all) => all.map((each) => ({ text: each.textContent ?? "", ...each.getBoundingClientRect().toJSON() })));
  assert.ok(there.titles.length > 6);
  for (const { text, x, y } of there.titles) {
    const near = found.filter((line) => text.startsWith(line.text) && Math.abs(line.x - x) < 3 && Math.abs(line.y - y) < 8);
    assert.equal(near.length, 1, `${text} at ${x}, ${y}`);
  }
  const colours = await drawn.locator("rect").evaluateAll((all) => all.map((each) => each.getAttribute("stroke")));
  assert.ok(new Set(colours).size <= 3, "no card looks selected");
  const pixels = await readFile((await saved(page, "[data-part=save-png]")).path);
  assert.deepEqual([...pixels.subarray(1, 4)], [...Buffer.from("PNG")]);
  await screenshot(drawn, "picture-of-story");
});

test("a snapshot is kept by name, opens from another state, and can be deleted", async (t) => {
  const page = await openPage(t, { query: CPU, viewport: { width: 1440, height: 1100 } });
  await answers(page, "95");
  await plotsDrawn(page);
  await arranged(page);
  await page.locator("[data-part=keep] summary").click();
  await page.locator("[data-part=snapshot-name]").fill("my <i>state</i>");
  await page.keyboard.press("Enter");
  await page.locator("[data-part=snapshots] .open", { hasText: "my <i>state</i>" }).waitFor();
  await page.keyboard.press("Escape");
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  await page.locator("[data-part=subgraph-clear]").click();
  await page.locator("[data-part=subgraph]").waitFor({ state: "hidden" });
  await page.locator("[data-part=keep] summary").click();
  await page.locator("[data-part=snapshots] .open").click();
  await answers(page, "95");
  await page.locator("[data-part=subgraph] .supernode").waitFor();
  await page.locator("[data-part=snapshots]").getByRole("button", { name: "Delete" }).click();
  assert.equal(await page.locator("[data-part=snapshots] li").count(), 0);
});

test("undo and redo go through prompts, sliders and targets, with keys too", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  await page.locator("[data-part=node-threshold]").evaluate((input) => {
    /** @type {HTMLInputElement} */ (input).value = "0.6";
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await query(page, (search) => search.get("node") === "0.6");
  await page.locator(".node.logit").first().focus();
  await page.keyboard.press("Control+z");
  await query(page, (search) => !search.has("node"));
  await page.keyboard.press("Control+z");
  await answers(page, "95");
  assert.equal(await page.locator("[data-part=prompt]").inputValue(), "calc: 36+59=");
  await page.keyboard.press("Control+Shift+z");
  await answers(page, "42");
});
