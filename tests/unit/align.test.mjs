// Two texts, token by token.

import assert from "node:assert/strict";
import { test } from "node:test";
import { alignTokens } from "../../www/lab/compare/align.js";

test("texts of one length stand place by place", () => {
  assert.deepEqual(alignTokens(["36", "+", "59", "="], ["36", "+", "58", "="]), [0, 1, 2, 3]);
});

test("a word more, a word less", () => {
  assert.deepEqual(alignTokens(["a", "b", "c", "="], ["a", "x", "b", "c", "="]), [0, undefined, 1, 2, 3]);
  assert.deepEqual(alignTokens(["a", "x", "b", "="], ["a", "b", "="]), [0, 2, 3]);
});

test("the last tokens answer, whatever they are", () => {
  assert.deepEqual(alignTokens(["a", "b", "is"], ["a", "="]), [0, 2]);
  assert.deepEqual(alignTokens(["x"], ["y", "z"]), [undefined, 0]);
});
