// The picture of a small recorded graph, line by line as it stands in snapshots/, for people to review. After a change that is
// meant, run with UPDATE_SNAPSHOTS=1 and look at the new picture.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, save } from "./reading.mjs";

const SNAPSHOT = new URL("snapshots/recorded.svg", import.meta.url);

/** Two tokens, three features, an error and two answers, with a supernode. */
function graph() {
  const tokens = ["<bos>", "two", " plus", " two"];
  const feature = (
    /** @type {number} */ layer,
    /** @type {number} */ index,
    /** @type {number} */ position,
    /** @type {string} */ clerp,
  ) => ({
    node_id: `${layer}_${index}_${position}`,
    feature: index,
    layer: String(layer),
    ctx_idx: position,
    feature_type: "cross layer transcoder",
    jsNodeId: "",
    clerp,
    activation: 1.5,
    influence: 0.4,
  });
  const token = (/** @type {number} */ position) => ({
    node_id: `E_${position + 7}_${position}`,
    feature: -1,
    layer: "E",
    ctx_idx: position,
    feature_type: "embedding",
    jsNodeId: "",
    clerp: `Emb: "${tokens[position]}"`,
  });
  const logit = (/** @type {number} */ id, /** @type {string} */ text, /** @type {number} */ probability) => ({
    node_id: `3_${id}_3`,
    feature: -1,
    layer: "3",
    ctx_idx: 3,
    feature_type: "logit",
    jsNodeId: "",
    clerp: `Output "${text}" (p=${probability.toFixed(3)})`,
    token_prob: probability,
    is_target_logit: true,
  });
  const error = {
    node_id: "1_-1_3",
    feature: -1,
    layer: "1",
    ctx_idx: 3,
    feature_type: "mlp reconstruction error",
    jsNodeId: "",
    clerp: "",
    influence: 0.9,
  };
  return {
    metadata: { slug: "two", scan: "hand-made", prompt_tokens: tokens, prompt: "two plus two" },
    qParams: {
      pinnedIds: ["0_3_1", "0_5_3", "1_8_3", "3_20_3"],
      supernodes: [["the twos", "0_3_1", "0_5_3"]],
      linkType: "both",
      clickedId: "",
      sg_pos: "",
    },
    nodes: [
      feature(0, 3, 1, "a two"),
      feature(0, 5, 3, "another two"),
      feature(1, 8, 3, "says four"),
      error,
      token(1),
      token(3),
      logit(20, " four", 0.8),
      logit(21, " five", 0.15),
    ],
    links: [
      { source: "E_8_1", target: "0_3_1", weight: 2 },
      { source: "E_10_3", target: "0_5_3", weight: 1.5 },
      { source: "0_3_1", target: "1_8_3", weight: 1 },
      { source: "0_5_3", target: "1_8_3", weight: 0.75 },
      { source: "1_8_3", target: "3_20_3", weight: 3 },
      { source: "1_8_3", target: "3_21_3", weight: -1 },
      { source: "1_-1_3", target: "3_21_3", weight: 0.5 },
    ],
  };
}

test("the picture of a recorded graph is the one in snapshots/", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu" });
  await answers(page, "95");
  await page
    .locator("[data-part=open-file]")
    .setInputFiles({ name: "two.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(graph())) });
  await page.locator("[data-part=subgraph] .flow").first().waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), save(page, "[data-part=save-svg]")]);
  const drawn = await readFile(await download.path(), "utf8");
  if (process.env.UPDATE_SNAPSHOTS) await writeFile(SNAPSHOT, drawn);
  const kept = await readFile(SNAPSHOT, "utf8");
  assert.deepEqual(drawn.split("\n"), kept.split("\n"));
});
