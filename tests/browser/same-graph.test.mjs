// The page and the command line make the same graph of the same prompt.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, save, type } from "./reading.mjs";

const PROMPT = "calc: 17+25=";
const MODEL = new URL("../../www/models/addition", import.meta.url).pathname;

/** @typedef {{ nodes: { node_id: string, influence: number | null, activation: number | null }[], links: { source: string, target: string, weight: number }[] }} GraphFile */

/** @returns {Promise<GraphFile>} */
async function fromCommandLine() {
  const binary = process.env.ATTOGRAPH_CLI;
  assert.ok(binary, "ATTOGRAPH_CLI is not set: run this with `cargo xtask test browser`");
  const folder = await mkdtemp(join(tmpdir(), "attograph-"));
  try {
    const file = join(folder, "graph.json");
    const run = spawnSync(binary, ["trace", "--model", MODEL, PROMPT, "--json", file], { encoding: "utf8" });
    assert.equal(run.status, 0, run.stderr);
    return JSON.parse(await readFile(file, "utf8"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @param {import("node:test").TestContext} t @param {string} engine @returns {Promise<GraphFile>} */
async function fromPage(t, engine) {
  const page = await openPage(t, { query: `?engine=${engine}` });
  await answers(page, "95");
  await type(page, PROMPT);
  await answers(page, "42");
  const [download] = await Promise.all([page.waitForEvent("download"), save(page)]);
  return JSON.parse(await readFile(await download.path(), "utf8"));
}

/** @param {number | null | undefined} found @param {number | null} expected @param {string} what */
function close(found, expected, what) {
  const near = found === expected || Math.abs((found ?? NaN) - (expected ?? NaN)) <= 1e-4 * Math.abs(expected ?? NaN) + 1e-5;
  assert.ok(near, `${what} is ${found}, on the command line ${expected}`);
}

for (const engine of ["cpu", "gpu"]) {
  test(`the page's graph is the command line's: ${engine}`, async (t) => {
    const [expected, found] = await Promise.all([fromCommandLine(), fromPage(t, engine)]);
    const nodes = new Map(found.nodes.map((node) => [node.node_id, node]));
    assert.equal(found.nodes.length, expected.nodes.length);
    for (const node of expected.nodes) {
      close(nodes.get(node.node_id)?.influence, node.influence, `the influence of ${node.node_id}`);
      close(nodes.get(node.node_id)?.activation, node.activation, `the activation of ${node.node_id}`);
    }
    const weights = new Map(found.links.map(({ source, target, weight }) => [`${source} -> ${target}`, weight]));
    assert.equal(found.links.length, expected.links.length);
    for (const { source, target, weight } of expected.links) close(weights.get(`${source} -> ${target}`), weight, `${source} -> ${target}`);
  });
}
