// A recorded graph against a live one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { differenceOf } from "../../www/lab/recorded/same.js";

/**
 * A graph of three nodes, the last an answer.
 * @param {{ weights?: number[], probability?: number, ids?: string[], score?: number, influence?: number[] }} [change]
 */
function traced({ weights = [2, -1], probability = 0.9, ids = ["a", "b", "answer"], score = 0.8, influence = [0.4, 0.6, 0] } = {}) {
  const graph = {
    tokens: ["x"],
    answers: [{ token: "95", name: "95", id: 1, probability, logit: 1 }],
    targets: ["95"],
    id: ids,
    influence: Float32Array.from(influence),
    replacement: score,
    completeness: score,
  };
  const pruned = {
    nodes: Uint32Array.of(0, 1, 2),
    sources: Uint32Array.of(0, 1),
    targets: Uint32Array.of(2, 2),
    weights: Float32Array.from(weights),
  };
  return /** @type {any} */ ({ graph, pruned, thresholds: [0.8, 0.98] });
}

test("a recording is called by its prompt as the build calls it, and an address asks for it by all that it says", async () => {
  const listed = [{ model: "a", title: "A", prompt: "1+1=", others: ["bf9cf968"] }];
  const meta = { content: JSON.stringify(listed) };
  const line = { onLine: true };
  for (const [name, value] of Object.entries({ document: { querySelector: () => meta }, navigator: line }))
    Object.defineProperty(globalThis, name, { value, configurable: true });
  const { nameOf, recordingOf } = await import("../../www/lab/recorded/listed.js");
  // The same text and name are in xtask/src/recorded.rs.
  assert.equal(nameOf("foobar"), "bf9cf968");
  assert.equal(nameOf(""), "811c9dc5");
  assert.equal(nameOf("ä"), nameOf("\u00e4"), "of its bytes in UTF-8");
  const file = (/** @type {string} */ query) => recordingOf(new URLSearchParams(query))?.file;
  assert.equal(file(""), "recorded/a.json");
  assert.equal(file("?model=a&theme=dark&selected=x&zoom=2"), "recorded/a.json");
  assert.equal(file("?prompt=foobar"), "recorded/a/bf9cf968.json");
  for (const other of ["?prompt=foo", "?model=b", "?prompt=foobar&node=0.5", "?steer=x", "?transcoder=per-layer", "?compare=x", "?kept=1"])
    assert.equal(file(other), undefined, other);
  line.onLine = false;
  assert.deepEqual(["", "?prompt=foobar"].map(file), ["recorded/a.json", undefined], "without a network the first one is kept");
});

test("what two engines compute alike is the same graph", () => {
  const recorded = traced();
  assert.equal(differenceOf(recorded, traced(), true), undefined);
  assert.equal(differenceOf(recorded, traced({ weights: [2.0015, -1.0015], probability: 0.9004, score: 0.8004 }), true), undefined);
});

test("what is another is told by name", () => {
  const recorded = traced();
  assert.match(differenceOf(recorded, traced({ weights: [2.01, -1] }), true) ?? "", /edges.*a → answer/);
  assert.match(differenceOf(recorded, traced({ ids: ["a", "c", "answer"] }), true) ?? "", /nodes.*c/);
  assert.match(differenceOf(recorded, traced({ probability: 0.8 }), true) ?? "", /answers/);
  assert.match(differenceOf(recorded, traced({ score: 0.7 }), true) ?? "", /scores/);
  assert.match(differenceOf(recorded, traced({ score: NaN }), true) ?? "", /scores/);
  assert.equal(differenceOf(recorded, traced({ ids: ["a", "c", "answer"] }), false), undefined, "other thresholds show other nodes");
});

test("a node at the very threshold may be on show in one of the two alone, with its edges", () => {
  const influence = [0.4, 0.7995, 0];
  const recorded = traced({ influence });
  const live = traced({ influence, ids: ["a", "c", "answer"], weights: [2, 1.5] });
  assert.equal(differenceOf(recorded, live, true), undefined);
  assert.match(differenceOf(recorded, traced({ influence: [0.4, 0.79, 0], ids: ["a", "c", "answer"] }), true) ?? "", /nodes.*c/);
});
