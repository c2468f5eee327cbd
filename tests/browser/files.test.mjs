// Whose a graph is: files of others, what of them stays where, and what comes back of our own.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { STRONGEST } from "./circuit.mjs";
import { openPage, screenshot } from "./harness.mjs";
import { answers, nodes, notice, plotsDrawn, query, save, type } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";
const LABELS = JSON.stringify([[STRONGEST.split("_").slice(0, 2).join("_"), "my own"]]);
const WIDE = { width: 1440, height: 1100 };

/** @param {Page} page @param {string} name @param {string | Buffer} content */
async function openFile(page, name, content) {
  await page.locator("[data-part=open-file]").setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(content) });
}

/** Opens a graph, and waits for it. @param {Page} page @param {string} name @param {unknown} graph */
async function openGraph(page, name, graph) {
  await openFile(page, name, JSON.stringify(graph));
  await page.locator("[data-part=recorded]", { hasText: name }).waitFor();
}

/** @param {Page} page @param {"[data-part=save]" | "[data-part=save-svg]" | "[data-part=save-png]"} [kind] @returns {Promise<string>} */
async function savedText(page, kind) {
  const [download] = await Promise.all([page.waitForEvent("download"), save(page, kind)]);
  await page.keyboard.press("Escape");
  return readFile(await download.path(), "utf8");
}

/** A graph of gemma-2-2b in which feature 511 of layer 3 has a label. */
function ofGemma() {
  const feature = (/** @type {number} */ layer, /** @type {number} */ index, /** @type {string} */ clerp) => ({
    node_id: `${layer}_${index}_2`,
    feature: index,
    layer: String(layer),
    ctx_idx: 2,
    feature_type: "cross layer transcoder",
    jsNodeId: `${layer}_${index}-0`,
    clerp,
    activation: 2,
    influence: 0.3,
    remoteClerp: "kept",
  });
  const token = (/** @type {number} */ position, /** @type {string} */ text) => ({
    node_id: `E_${position + 9}_${position}`,
    feature: position,
    layer: "E",
    ctx_idx: position,
    feature_type: "embedding",
    jsNodeId: `E_${position}`,
    clerp: `Emb: "${text}"`,
    influence: 0.9,
  });
  return {
    metadata: {
      slug: "my-graph",
      scan: "gemma-2-2b",
      transcoder_list: [],
      prompt_tokens: ["<bos>", " a", " b"],
      prompt: "<bos> a b",
      node_threshold: 0.8,
      schema_version: 1,
      info: { creator_name: "someone", source_urls: ["https://example.org/transcoder"] },
      feature_details: { neuronpedia_source_set: "gemmascope" },
    },
    qParams: { pinnedIds: ["3_511_2"], supernodes: [], linkType: "both", clickedId: "", sg_pos: "" },
    nodes: [
      feature(1, 7, ""),
      feature(3, 511, "Golden Gate Bridge"),
      token(0, "<bos>"),
      token(1, " a"),
      token(2, " b"),
      {
        node_id: "27_99_2",
        feature: 99,
        layer: "27",
        ctx_idx: 2,
        feature_type: "logit",
        jsNodeId: "L_99",
        clerp: 'Output " c" (p=0.700)',
        token_prob: 0.7,
        is_target_logit: true,
        influence: null,
      },
    ],
    links: [
      { source: "E_10_1", target: "1_7_2", weight: 2 },
      { source: "1_7_2", target: "3_511_2", weight: 1.5 },
      { source: "3_511_2", target: "27_99_2", weight: 4 },
      { source: "1_8_2", target: "27_99_2", weight: 4 },
    ],
  };
}

test("a graph of another model is saved as it was, with what its reader added", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const graph = ofGemma();
  await openGraph(page, "gemma.json", graph);
  const note = await page.locator("[data-part=recorded]").innerText();
  assert.match(note, /of the model gemma-2-2b/);
  assert.match(note, /1 link of nodes that are not in the file is left out/);
  assert.match(note, /this page runs/);
  assert.equal(await page.locator("[data-part=recorded] button").count(), 0, "its prompt cannot be traced here");
  assert.equal(await page.locator("[data-part=models].beside").count(), 1);
  assert.match(await page.locator("[data-part=replacement]").innerText(), /of what is left/);
  assert.doesNotMatch(await page.locator("[data-part=trace-time]").innerText(), /Traced in/);
  assert.deepEqual(JSON.parse(await savedText(page)), graph);

  await page.locator('.node[data-id="1_7_2"]').click({ modifiers: ["Shift"] });
  graph.qParams.pinnedIds.push("1_7_2");
  assert.deepEqual(JSON.parse(await savedText(page)), graph);
});

test("labels, pins and thresholds of a file are not those of the graph that is traced next", async (t) => {
  const page = await openPage(t, { query: `${CPU}&node=0.7&clerps=${encodeURIComponent('[["2_370","my own"]]')}` });
  await answers(page, "95");
  const before = await nodes(page);
  await openGraph(page, "gemma.json", ofGemma());
  await page.locator(".node[aria-label^='Golden Gate Bridge']").waitFor();
  await page.waitForTimeout(600);
  const address = new URL(page.url()).searchParams;
  assert.equal(address.get("clerps"), '[["2_370","my own"]]', "the address holds nothing of the file");
  assert.equal(address.get("pinnedIds"), null);
  assert.equal(address.get("node"), "0.7");

  // What is undone in a file leaves it open, and before that lies what was there.
  await page.locator('.node[data-id="1_7_2"]').click({ modifiers: ["Shift"] });
  await page.locator("[data-part=subgraph] .item").nth(1).waitFor();
  await page.locator("[data-part=undo]").click();
  await page.waitForFunction(() => document.querySelectorAll("[data-part=subgraph] .item").length === 1);
  assert.ok(await page.locator("[data-part=recorded]").isVisible());
  await page.locator("[data-part=undo]").click();
  await answers(page, "95");
  assert.deepEqual(await nodes(page), before);
  await page.locator("[data-part=redo]").click();
  await page.locator(".node[aria-label^='Golden Gate Bridge']").waitFor();

  await type(page, "calc: 36+59=");
  await answers(page, "95");
  await page.locator("[data-part=recorded]").waitFor({ state: "hidden" });
  assert.deepEqual(await nodes(page), before);
  assert.equal(await page.locator(".node[aria-label*='Golden Gate Bridge']").count(), 0);
  assert.ok(await page.locator("[data-part=subgraph]").isHidden());
  const saved = JSON.parse(await savedText(page));
  assert.ok(!JSON.stringify(saved).includes("Golden Gate"));
  assert.equal(saved.metadata.node_threshold, 0.7);
  await query(page, (search) => search.get("clerps") === '[["2_370","my own"]]' && !search.has("pinnedIds"));
});

test("a graph saved here comes back as it was: scores, plots, density, target, and labels that nobody gave", async (t) => {
  const page = await openPage(t, { query: `${CPU}&density=0.05`, viewport: WIDE });
  await answers(page, "95");
  await plotsDrawn(page);
  await page.waitForFunction(() => !(/** @type {HTMLInputElement} */ (document.querySelector("[data-part=density]")).disabled), null, {
    timeout: 60_000,
  });
  await page.waitForTimeout(500);
  const read = async () => ({
    nodes: await nodes(page),
    edges: await page.locator("[data-part=edge-count]").innerText(),
    nodeCount: await page.locator("[data-part=node-count]").getAttribute("title"),
    scores: [await page.locator("[data-part=replacement]").innerText(), await page.locator("[data-part=completeness]").innerText()],
    names: await page.locator(".node.feature").evaluateAll((all) => all.map((each) => each.getAttribute("aria-label")).sort()),
    answers: await page.locator("[data-part=answers] :is(.token, .share)").allInnerTexts(),
    density: await page.locator("[data-part=density-value]").innerText(),
  });
  const shown = await read();
  const text = await savedText(page);
  const graph = JSON.parse(text);
  assert.equal(graph.metadata.scan, "attograph-addition-cross-layer");
  assert.equal(graph.nodes.length, shown.nodes.length, "what density leaves out is not in the file");
  assert.equal(graph.links.length, Number.parseInt(shown.edges, 10));
  assert.ok(text.length < 1_500_000, `${text.length} characters`);

  await page.goto(`${page.url().split("?")[0]}${CPU}&prompt=${encodeURIComponent("calc: 17+25=")}`);
  await answers(page, "42");
  await openFile(page, "own.json.gz", gzipSync(text));
  await page.locator("[data-part=recorded]", { hasText: "own.json.gz" }).waitFor();
  await page.waitForFunction(() => !document.querySelector(".node.feature:not(.plotted)"), null, { timeout: 30_000 });
  const again = await read();
  delete (/** @type {any} */ (again).nodeCount);
  delete (/** @type {any} */ (shown).nodeCount);
  assert.deepEqual(again, shown);
  assert.deepEqual(JSON.parse(await savedText(page)), graph);
  await screenshot(page, "own-graph-again");

  await page.locator("[data-part=recorded]").getByRole("button", { name: "Trace this prompt here" }).click();
  await page.locator("[data-part=recorded]").waitFor({ state: "hidden" });
  await answers(page, "95");
  // How often features fire is known again once the sample texts are read.
  await page.waitForFunction((count) => document.querySelectorAll(".node").length === count, shown.nodes.length, { timeout: 60_000 });
  assert.deepEqual(await nodes(page), shown.nodes);
  await query(page, (search) => !search.has("clerps") && search.get("density") === "0.05" && !search.has("node"));
});

test("another transcoder's features do not have the labels and pins of this one's", async (t) => {
  const page = await openPage(t, { query: `${CPU}&pinnedIds=${STRONGEST}&clerps=${encodeURIComponent(LABELS)}` });
  await answers(page, "95");
  await page.locator("[data-part=transcoder]").selectOption("per-layer");
  await query(page, (search) => search.get("transcoder") === "per-layer");
  await answers(page, "95");
  await page.locator("[data-part=waiting]").waitFor({ state: "hidden" });
  assert.equal(await page.locator(".node[aria-label*='my own']").count(), 0);
  assert.ok(!new URL(page.url()).searchParams.has("clerps"));
  await page.locator("[data-part=transcoder]").selectOption("cross-layer");
  await query(page, (search) => search.get("clerps") === LABELS && search.get("pinnedIds") === STRONGEST);
});

/** As Neuronpedia writes graphs with attention features. */
function ofAttention() {
  const node = (
    /** @type {string} */ node_id,
    /** @type {string} */ feature_type,
    /** @type {number | string} */ layer,
    /** @type {object} */ more,
  ) => ({
    node_id,
    jsNodeId: node_id,
    feature: null,
    feature_type,
    layer,
    ctx_idx: 1,
    clerp: "",
    activation: null,
    influence: 0.4,
    ...more,
  });
  return {
    metadata: { slug: "x", scan: "qwen3-1.7b", prompt: "a b", prompt_tokens: ["a", " b"], schema_version: 1, node_threshold: 0.8 },
    qParams: {},
    nodes: [
      node("E_1_0", "embedding", "E", { ctx_idx: 0, token: "a" }),
      node("E_2_1", "embedding", "E", { token: " b" }),
      node("0_lor_12_1", "lorsa", 0, { feature: 90, activation: 1.5, qk_tracing_results: { pair_wise_contributors: [] } }),
      node("0_cro_9_1", "cross layer transcoder", 0, { feature: 54, activation: 1.5 }),
      node("0_error_attn_1", "lorsa error", 0, {}),
      node("0_error_mlp_1", "mlp reconstruction error", 0, {}),
      node("0_bias_attn_bO_1", "bias", 0, { clerp: "L0 Bias (attn_bO)" }),
      node("1_5_1", "logit", 1, { feature: 5, clerp: 'Logit "c" (p=0.900)', token_prob: 0.9, token: "c" }),
    ],
    links: [
      { source: "E_2_1", target: "0_lor_12_1", weight: 1 },
      { source: "0_lor_12_1", target: "0_cro_9_1", weight: 0.5 },
      { source: "0_error_attn_1", target: "0_cro_9_1", weight: 0.25 },
      { source: "0_bias_attn_bO_1", target: "0_cro_9_1", weight: 0.125 },
      { source: "0_error_mlp_1", target: "1_5_1", weight: 0.25 },
      { source: "0_cro_9_1", target: "1_5_1", weight: 2 },
    ],
  };
}

test("attention features, their errors and biases are told apart in the picture, in the legend and in words", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const graph = ofAttention();
  await openGraph(page, "attention.json", graph);
  const names = await page
    .locator(".node")
    .evaluateAll((all) => all.map((each) => [each.getAttribute("class") ?? "", each.getAttribute("aria-label") ?? ""]));
  const name = (/** @type {string} */ part) => names.find(([kind]) => kind.includes(part))?.[1] ?? "";
  assert.match(name("feature attention"), /^Attention feature 12, layer 0/);
  assert.match(name("error attention"), /^Attention error, layer 0/);
  assert.match(name("bias"), /^L0 Bias \(attn_bO\), Bias, layer 0/);
  assert.equal(names.filter(([kind]) => /^node error(?!.*attention)/.test(kind)).length, 1);
  const boxes = await page.locator(".node .frame").evaluateAll((all) => all.map((each) => JSON.stringify(each.getBoundingClientRect())));
  assert.equal(new Set(boxes).size, graph.nodes.length, "no two lie at one place");
  for (const sign of ["Attention feature.", "Attention error.", "Bias."]) await page.locator(".legend", { hasText: sign }).waitFor();
  await page.locator(".node.feature.attention").click();
  await page.locator("[data-part=inspector]", { hasText: "moves information from earlier tokens" }).waitFor();
  await page.locator("[data-part=inspector]").getByRole("button", { name: "Rename" }).click();
  await page.locator("[data-part=inspector] input.rename").fill("looks back");
  await page.keyboard.press("Enter");
  await page.locator(".node.feature.attention[aria-label^='looks back']").waitFor();
  const picture = await savedText(page, "[data-part=save-svg]");
  assert.match(picture, /squares attention features/);
  await screenshot(page, "attention-graph");
  await page.keyboard.press("Escape");
  const saved = JSON.parse(await savedText(page));
  graph.nodes[2].clerp = "looks back";
  assert.deepEqual({ ...saved, qParams: {} }, graph);
  await page.emulateMedia({ colorScheme: "dark" });
  await screenshot(page, "attention-graph-dark");
});

test("control characters cannot break a picture", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const graph = ofGemma();
  graph.metadata.prompt_tokens = ["<bos>", "\u001b[31m", "\u0000\u000b\uffff"];
  graph.metadata.prompt = "x\u001b[31m \ud800 b\ufffe";
  graph.nodes[1].clerp = "bell \u0007 label";
  graph.nodes[5].clerp = 'Output "\u0008" (p=0.700)';
  await openGraph(page, "control.json", graph);
  const text = await savedText(page, "[data-part=save-svg]");
  const wrong = await page.evaluate(
    (svg) => new DOMParser().parseFromString(svg, "image/svg+xml").querySelector("parsererror")?.textContent,
    text,
  );
  assert.equal(wrong, undefined);
  assert.match(text, /bell ␇ label/);
  const [download] = await Promise.all([page.waitForEvent("download"), save(page, "[data-part=save-png]")]);
  const bytes = await readFile(await download.path());
  assert.deepEqual([...bytes.subarray(1, 4)], [...Buffer.from("PNG")]);
});

test("what is no graph is told for what it is", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const zip = Buffer.concat([Buffer.from("PK\u0003\u0004"), Buffer.alloc(26), Buffer.from("graph/data.pkl")]);
  for (const [name, content, said] of /** @type {[string, string | Buffer, RegExp][]} */ ([
    ["graph.pt", zip, /graph\.pt: This file is no graph: it is a PyTorch file .*create_graph_files/],
    ["page.html", "<!doctype html><p>", /web page/],
    ["damaged.gz", gzipSync("{}").subarray(0, 15), /gzip.*damaged/],
    ["inner.gz", gzipSync("a,b"), /CSV/],
  ])) {
    await openFile(page, name, content);
    await page.locator("[data-part=notice]", { hasText: name }).waitFor();
    assert.match(await notice(page), said);
  }
  await answers(page, "95");
});
