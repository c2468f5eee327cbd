// Numbers and texts as a person reads them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { answerWords, counted, percent, plain, signed, visible } from "../../www/lab/format.js";

test("shares never round to all or nothing", () => {
  assert.equal(percent(0), "0.00 %");
  assert.equal(percent(0.00001), "< 0.01 %");
  assert.equal(percent(0.123456), "12.3 %");
  assert.equal(percent(0.9999), "99.99 %");
  assert.equal(percent(1), "100.0 %");
});

test("effects have a sign and three digits", () => {
  assert.deepEqual([0.0123, -0.456, 12.34, -345.6].map(signed), ["+0.012", "−0.46", "+12.3", "−346"]);
});

test("an effect too small for its digits is about zero, and has no sign", () => {
  assert.deepEqual([0, 0.0004, -0.0004, 0.0006, -0.0006].map(signed), ["0", "≈ 0", "≈ 0", "+0.001", "−0.001"]);
});

test("one is no plural", () => {
  assert.deepEqual([counted(1, "node"), counted(0, "node"), counted(12345, "node")], ["1 node", "0 nodes", "12,345 nodes"]);
});

test("every token can be seen", () => {
  assert.equal(visible(""), "∅");
  assert.equal(visible(" 95"), "␣95");
  assert.equal(visible("a\n\t"), "a↵⇥");
  assert.equal(visible("\u200b"), "\\u{200b}");
  assert.equal(visible("\u0301"), "\\u{301}", "an accent without a letter");
  assert.equal(visible("e\u0301"), "e\u0301", "one with its letter");
  assert.equal(visible("\u{e0001}"), "\\u{e0001}");
  assert.equal(plain(" visual disturbances "), "visual disturbances");
});

test("an answer that is a space alone is seen, every other is words", () => {
  const answers = ["95", "␣visual", "␣", "95 − ␣", "␣ − 95", "␣visual − ␣neck"];
  assert.deepEqual(answers.map(answerWords), ["95", " visual", "␣", "95 − ␣", "␣ − 95", " visual −  neck"]);
});
