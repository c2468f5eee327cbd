// Which feature does most at the answer of the diagnosis model's first example, as its graph on the command line tells: no test knows it by number.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { featuresOf, onTheCommandLine } from "./command-line.mjs";

const manifest = JSON.parse(await readFile(new URL("../../www/models/diagnosis/manifest.json", import.meta.url), "utf8"));

/** @type {{ nodes: import("./circuit.mjs").Node[] }} */
const { nodes } = onTheCommandLine("trace", manifest.examples[0].prompt, [], "diagnosis");
const answering = Math.max(...nodes.map((node) => node.ctx_idx));
const [strongest] = featuresOf(nodes).filter((node) => node.ctx_idx === answering);
assert.ok(strongest, "the vignette's graph has no feature at its answering token");

/** Its node's id. */
export const ANSWERING = strongest.node_id;
