// What the command line makes of the shipped models, for tests that hold the page against it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MODELS = fileURLToPath(new URL("../../www/models/", import.meta.url));

/**
 * @typedef {{ nodes: { node_id: string, influence: number | null, activation: number | null }[], links: { source: string, target: string,
 *   weight: number }[] }} GraphFile
 */

/**
 * Runs a command on one of the shipped models, and returns the JSON that it writes.
 * @param {"trace" | "grade" | "steer" | "attention"} command @param {string} prompt @param {string[]} [options] @returns {any}
 */
export function onTheCommandLine(command, prompt, options = [], model = "addition") {
  const binary = process.env.ATTOGRAPH_CLI;
  assert.ok(binary, "ATTOGRAPH_CLI is not set: run this with `cargo xtask test browser`");
  const folder = mkdtempSync(join(tmpdir(), "attograph-"));
  try {
    const file = join(folder, "written.json");
    const run = spawnSync(binary, [command, "--model", join(MODELS, model), prompt, "--json", file, ...options], { encoding: "utf8" });
    assert.equal(run.status, 0, run.stderr);
    return JSON.parse(readFileSync(file, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The nodes of features, the most influential first. A file tells the influence of all up to a node, so less is more.
 * @template {{ feature_type: string, influence: number | null }} Node @param {Node[]} nodes
 */
export function featuresOf(nodes) {
  const features = nodes.filter((node) => /transcoder/.test(node.feature_type));
  return features.sort((a, b) => Number(a.influence) - Number(b.influence));
}

/**
 * Asserts that two graph files hold the same nodes and edges, as far as float32 tells.
 * @param {GraphFile} found
 * @param {GraphFile} expected
 */
export function sameGraph(found, expected) {
  const nodes = new Map(found.nodes.map((node) => [node.node_id, node]));
  assert.equal(found.nodes.length, expected.nodes.length);
  for (const node of expected.nodes) {
    close(nodes.get(node.node_id)?.influence, node.influence, `the influence of ${node.node_id}`);
    close(nodes.get(node.node_id)?.activation, node.activation, `the activation of ${node.node_id}`);
  }
  const weights = new Map(found.links.map(({ source, target, weight }) => [`${source} -> ${target}`, weight]));
  assert.equal(found.links.length, expected.links.length);
  for (const { source, target, weight } of expected.links) close(weights.get(`${source} -> ${target}`), weight, `${source} -> ${target}`);
}

/** @param {number | null | undefined} found @param {number | null} expected @param {string} what */
function close(found, expected, what) {
  const near = found === expected || Math.abs((found ?? NaN) - (expected ?? NaN)) <= 1e-4 * Math.abs(expected ?? NaN) + 1e-5;
  assert.ok(near, `${what} is ${found}, on the command line ${expected}`);
}
