// A head's score as a small matrix: whatever is shown, it and the rest are the score.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fitted, matrixOf, mostLookedAt, readHead, writeHead } from "../../www/lab/attention/pairs.js";

/** @param {[number, number, number][]} pairs @param {number} score */
const found = (pairs, score) => ({
  score,
  rest: score - pairs.reduce((sum, [, , part]) => sum + part, 0),
  pattern: new Float32Array(),
  scores: new Float32Array(),
  queries: Int32Array.from(pairs, ([query]) => query),
  keys: Int32Array.from(pairs, ([, key]) => key),
  subtracted: new Uint8Array(pairs.length),
  parts: Float32Array.from(pairs, ([, , part]) => part),
});

test("the largest sources come first, and all that has no place is in the rest", () => {
  /** @type {[number, number, number][]} */
  const pairs = [
    [-2, -2, 4],
    [3, -2, -1],
    [3, 5, 2.5],
    [7, 5, 0.25],
  ];
  const small = matrixOf(found(pairs, 6), 2, 1);
  assert.deepEqual(small, { rows: [-2, 3], columns: [-2], cells: [[4], [-1]], shown: 3, rest: 3 });
  const all = matrixOf(found(pairs, 6), 9, 9);
  assert.deepEqual(all.cells, [
    [4, undefined],
    [-1, 2.5],
    [undefined, 0.25],
  ]);
  assert.equal(all.shown + all.rest, 6);
});

test("of two keys what both have in common cancels", () => {
  const { rows, columns, cells, rest } = matrixOf(
    found(
      [
        [-2, -2, -8],
        [-2, -2, 7.5],
        [-2, 4, 1],
      ],
      0.5,
    ),
    5,
    5,
  );
  assert.deepEqual([rows, columns, cells, rest], [[-2], [4, -2], [[1, -0.5]], 0]);
});

test("the pattern shows the tokens looked at most in the order of the text, and those that are chosen", () => {
  assert.deepEqual(mostLookedAt([0.5, 0, 0.3, 0.2, 0], 3, 2, [1, undefined]), [0, 1]);
  assert.deepEqual(mostLookedAt([0.1, 0.2, 0.3, 0.4], 3, 9, []), [0, 1, 2, 3]);
});

test("what a prompt has not is not asked of it", () => {
  assert.deepEqual(fitted({ layer: 1, head: 2, query: 9, key: 8, minus: 1 }, 4), { layer: 1, head: 2, query: 3, key: undefined, minus: 1 });
  assert.deepEqual(fitted({ layer: 0, head: 0, query: 2, key: 1, minus: 1 }, 4), { layer: 0, head: 0, query: 2, key: 1, minus: undefined });
});

test("a head is read from an address as it was written", () => {
  for (const text of ["1.0@7", "1.0@7-4", "12.3@17-4-6"]) assert.equal(writeHead(/** @type {never} */ (readHead(text))), text);
  assert.equal(readHead(undefined), undefined);
  assert.equal(writeHead({ layer: 1, head: 0, query: 7, key: 6, minus: 6 }), "1.0@7-6");
});
