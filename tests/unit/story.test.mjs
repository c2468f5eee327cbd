// What a story's cards say.

import assert from "node:assert/strict";
import { test } from "node:test";
import { detailOf, featuresOf, pathOf, rowsOf, titleOf } from "../../www/lab/story/words.js";

/** @import { StoryItem } from "../../www/lab/engine-api.js" */

const graph = /** @type {any} */ ({
  tokens: ["<bos>", "36", " ="],
  answers: [{ id: 5, token: "95", probability: 0.75 }],
  targets: ["95"],
  // Two features, a token, an answer.
  kind: Uint8Array.of(0, 0, 2, 3),
  index: Uint32Array.of(1, 2, 36, 5),
  activation: Float32Array.of(1, 1, 0, 0.75),
});

/** @param {Partial<StoryItem>} more @returns {StoryItem} */
function item(more) {
  return { kind: "features", row: 1, words: "a = _6", nodes: [0, 1], leader: 0, influence: 0.1, ...more };
}

test("a card of a part says what it is about, on its path", () => {
  const ones = item({ part: "first ones" });
  assert.equal(titleOf(graph, ones), "a = _6");
  assert.equal(detailOf(graph, ones), "last digit of the first number");
  assert.equal(pathOf(ones), "ones");
  assert.equal(featuresOf(graph, ones), 2);
  assert.equal(pathOf(item({ part: "sum magnitude" })), "magnitude");
  assert.equal(pathOf(item({ part: "sum exact" })), "");
  assert.equal(pathOf(item({})), "");
});

test("every part has words", () => {
  for (const reads of ["first", "second", "both", "sum"])
    for (const precision of ["ones", "magnitude", "exact"]) assert.ok(detailOf(graph, item({ part: `${reads} ${precision}` })));
});

test("what has no part says how many features it has", () => {
  assert.equal(detailOf(graph, item({})), "2 features");
  const phrase = item({ kind: "tokens", words: "30 weeks", nodes: [2] });
  assert.equal(detailOf(graph, phrase), "");
  assert.equal(titleOf(graph, item({ kind: "tokens", words: " =", nodes: [2] })), "␣=");
  assert.equal(titleOf(graph, item({ kind: "tokens", words: "30 weeks", nodes: [0, 2] })), "30 weeks");
});

test("an answer has its probability", () => {
  const answer = item({ kind: "answer", leader: 3, nodes: [3] });
  assert.equal(titleOf(graph, answer), "95");
  assert.equal(detailOf(graph, answer), "75.0 %");
});

test("rows are named after numbers only where there are some", () => {
  assert.equal(rowsOf([item({ part: "sum ones" })])[3], "The sum");
  assert.equal(rowsOf([item({})])[3], "Concludes");
});
