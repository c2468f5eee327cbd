// The study that breaks models: what its sentences say of an answer, and that its table has the figures of the documentation.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { leftOf, numberOf, saysOfSum, saysOfSwap } from "../../www/studies/broken.js";

test("a sum that broke as expected, and one that did not", () => {
  const digitGoes = { digit: false, size: true };
  assert.equal(saysOfSum("95", "93", digitGoes), "As expected, its last digit goes, its size stays.");
  assert.equal(saysOfSum("95", "115", { digit: true, size: false }), "As expected, its last digit stays, its size goes.");
  assert.equal(saysOfSum("95", "95", digitGoes), "Not as expected: it says the same.");
  assert.equal(saysOfSum("95", "43", digitGoes), "Not as expected: its last digit and its size go.");
  assert.equal(saysOfSum("95", "95", { digit: true, size: true }), "As expected, its last digit and its size stay.");
  assert.match(saysOfSum("95", "=", digitGoes), /no number any more/);
});

test("an answer has the last digit of the one sum and the size of the other, or it is told which not", () => {
  assert.equal(saysOfSwap("95", "97", "87"), "As expected: the last digit of 87, the size of 95.");
  assert.match(saysOfSwap("95", "87", "87"), /size is not that of 95/);
  assert.match(saysOfSwap("95", "95", "87"), /still that of 95/);
  assert.match(saysOfSwap("95", "93", "87"), /neither that of 87 nor that of 95/);
});

test("a number is a number, and near is within 5", () => {
  assert.equal(numberOf("115"), 115);
  assert.equal(numberOf("=95"), undefined);
  assert.deepEqual(leftOf(95, 100), { digit: false, size: true });
  assert.deepEqual(leftOf(95, 105), { digit: true, size: false });
});

test("the figures of experiments are those of the documentation", async () => {
  const read = (/** @type {string} */ path) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
  const [page, told, figures] = await Promise.all(["www/studies/break.html", "www/studies/differential.html", "docs/figures.md"].map(read));
  const of = (/** @type {string} */ what) => {
    const row = figures.split("\n").find((line) => line.startsWith(`| ${what} |`));
    const [does, random] = (row ?? "").split("|").slice(3, 5);
    return [does.trim(), random.trim()];
  };
  const shown = [...page.matchAll(/<td>([\d.]+ %)<\/td>\s*<td>([\d.]+ %)<\/td>/g)].map(([, does, random]) => [does, random]);
  const rows = [
    "all features of ones digits off",
    "lookups of ones digits off",
    "all features of magnitude off",
    "lookups of ones digits as for another first operand",
    "features that tell the leading condition set to minus their activation",
    "the same",
  ];
  assert.deepEqual(shown, rows.map(of));
  const [changed, runnerUp] = rows.slice(-2).map(of);
  assert.equal(changed[1], "0 %");
  assert.ok(told.includes(`change the question in ${changed[0]}`));
  assert.ok(told.includes(`In ${runnerUp[0]} the model`));
});
