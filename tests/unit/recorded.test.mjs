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
