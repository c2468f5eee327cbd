// What Rust and JavaScript both have to know, each in a place of its own: a recording is the page's graph only while they agree.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { OWN } from "../../www/lab/model-files.js";
import { readAddress } from "../../www/lab/url.js";

const read = (/** @type {string} */ name) => readFile(new URL(`../../${name}`, import.meta.url), "utf8");
const RECORD = "src/command/record.rs";
const NAMES = "src/evaluate/names.rs";
const PACK = "xtask/src/recorded.rs";

for (const [what, ...places] of /** @type {[string, ...[string, RegExp][]][]} */ ([
  ["features that are kept of a prompt", [RECORD, /MOST_FEATURES: usize = (\d+);/], ["www/worker/questions.js", /max_features: (\d+)/]],
  ["rows of a batch, which round alike", [RECORD, /BATCH: usize = (\d+);/], ["www/worker/questions.js", /batch_size: (\d+)/]],
  [
    "active features with which there are plots",
    [NAMES, /MOST_PLOTTED: usize = (\d+);/],
    ["www/worker/session.js", /MOST_PLOTTED = (\d+);/],
  ],
  ["whose prompts have plots", [NAMES, /PLOTTED_DOMAIN: &str = ("\w+");/], ["www/worker/session.js", /manifest\.domain === ("\w+")/]],
  ["levels of a recorded plot", [PACK, /LEVELS: u64 = (\d+);/], ["www/lab/recorded/write.js", /LEVELS = (\d+);/]],
])) {
  test(`Rust and the page agree: ${what}`, async () => {
    const [one, other] = await Promise.all(places.map(async ([name, pattern]) => pattern.exec(await read(name))?.[1]));
    assert.ok(one, `${places[0][1]} is in ${places[0][0]}`);
    assert.equal(one, other);
  });
}

test("Rust and the page agree: the thresholds that a graph begins with", async () => {
  const rust = await read("src/trace/mod.rs");
  const { node, edge } = readAddress("").thresholds;
  assert.deepEqual(
    [/NODE_THRESHOLD: f32 = ([\d.]+);/, /EDGE_THRESHOLD: f32 = ([\d.]+);/].map((pattern) => Number(pattern.exec(rust)?.[1])),
    [node, edge],
  );
});

test("Rust and the page agree: which of a model's files are its own", async () => {
  const listed = /const OWN: \[&str; \d\] = \[(.*?)\];/s.exec(await read(PACK))?.[1] ?? "";
  const names = [...listed.matchAll(/"(.*?)"/g)].map(([, name]) => name);
  assert.ok(names.length > 3);
  for (const name of names) assert.match(name, OWN);
  const others = (await read("www/models/addition/manifest.json")).matchAll(/"path": "(.*?)"/g);
  for (const [, path] of others) assert.equal(OWN.test(path), names.includes(path), path);
});
