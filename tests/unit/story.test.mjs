// What a story's cards say.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkedStory, readStory, savedStory } from "../../www/lab/story/saved.js";
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

test("answers are words, and signs where two would look the same", () => {
  const two = (/** @type {string[]} */ tokens) => ({
    ...graph,
    answers: tokens.map((token, id) => ({ id, token, probability: 0.5 })),
    targets: tokens,
    index: Uint32Array.of(1, 2, 0, 1),
    kind: Uint8Array.of(0, 0, 3, 3),
  });
  const titles = (/** @type {string[]} */ tokens) => [2, 3].map((leader) => titleOf(two(tokens), item({ kind: "answer", leader })).trim());
  assert.deepEqual(titles(["=", " ="]), ["=", "␣="]);
  assert.deepEqual(titles(["=", " cough"]), ["=", "cough"]);
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

// A story in a file.

const saved = {
  items: [
    item({ kind: "tokens", row: 0, words: "36", nodes: [2], leader: 2 }),
    item({ part: "sum ones", row: 3 }),
    item({ kind: "answer", row: 4, words: "95", nodes: [3], leader: 3, influence: 0.75 }),
  ],
  flows: /** @type {[number, number, number][]} */ ([
    [1, 2, 0.5],
    [0, 1, -0.1],
  ]),
  scores: /** @type {[number, number]} */ ([0.8, 0.9]),
  pruned: /** @type {[number, number]} */ ([0.85, 0.9]),
  leftOut: 2,
  idle: /** @type {[number, number]} */ ([1, 0.05]),
};

test("a story comes back from a file that numbers its nodes in another way", () => {
  const written = savedStory(/** @type {any} */ ({ id: ["0_1_1", "0_2_1", "E_36_1", "5_5_2"] }), saved);
  assert.deepEqual(written.items[1].nodes, ["0_1_1", "0_2_1"]);
  const order = ["5_5_2", "0_2_1", "E_36_1", "0_1_1"];
  const view = /** @type {any} */ ({ graph: { kind: Uint8Array.of(3, 0, 2, 0) }, indexOf: new Map(order.map((id, node) => [id, node])) });
  const read = readStory(view, JSON.stringify({ story: written }));
  assert.deepEqual(
    read?.items.map(({ nodes, leader }) => [nodes, leader]),
    [
      [[2], 2],
      [[3, 1], 3],
      [[0], 0],
    ],
  );
  assert.deepEqual({ ...read, items: 0 }, { ...saved, items: 0 });
  view.indexOf.delete("0_2_1");
  assert.equal(readStory(view, JSON.stringify({ story: written })), undefined, "of a node that is not there");
  for (const page of ["", "7", "null", "{}", '{"story":[]}']) assert.equal(readStory(view, page), undefined);
});

test("what is no story is none", () => {
  const kinds = graph.kind;
  assert.deepEqual(checkedStory(saved, kinds), saved);
  const first = { ...saved.items[0] };
  /** @param {object} more */
  const withItem = (more) => ({ ...saved, items: [{ ...first, ...more }, ...saved.items.slice(1)] });
  for (const [i, wrong] of [
    undefined,
    null,
    "a story",
    { ...saved, items: [] },
    { ...saved, items: Array(300).fill(first) },
    { ...saved, flows: [[0, 3, 1]] },
    { ...saved, flows: [[0, 1, null]] },
    { ...saved, scores: [1] },
    { ...saved, idle: undefined },
    { ...saved, leftOut: -1 },
    withItem({ kind: "opera" }),
    withItem({ row: 9 }),
    withItem({ words: 7 }),
    withItem({ nodes: [4] }),
    withItem({ nodes: [] }),
    withItem({ leader: 0.5 }),
    withItem({ part: "sum <b>" }),
    withItem({ kind: "answer" }), // its leader is a token
  ].entries())
    assert.equal(checkedStory(wrong, kinds), undefined, String(i));
  assert.equal(
    JSON.stringify(checkedStory({ ...saved, more: "x" }, kinds)),
    JSON.stringify(checkedStory(saved, kinds)),
    "nothing else is kept",
  );
});
