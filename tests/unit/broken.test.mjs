// The study that breaks models: what its sentences say of an answer, and that the documentation has the figures of its table.

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

test("the figures of experiments in the documentation are those that the studies read from the manifests", async () => {
  const read = (/** @type {string} */ path) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");
  const [page, told, figures] = await Promise.all(["www/studies/break.html", "www/studies/differential.html", "docs/figures.md"].map(read));
  const rows = [
    ["all features of ones digits off", "addition experiment/ones-digit"],
    ["lookups of ones digits off", "addition experiment/lookup-ones"],
    ["all features of magnitude off", "addition experiment/magnitude"],
    ["lookups of ones digits as for another first operand", "addition experiment/swap"],
    ["features that tell the leading condition set to minus their activation", "diagnosis experiment/condition"],
    ["the same", "diagnosis experiment/runner-up"],
  ];
  for (const [what, asked] of rows) {
    const [model, measure] = asked.split(" ");
    const { quality } = JSON.parse(await read(`www/models/${model}/manifest.json`));
    const measured = [measure, `${measure}/control`].map((name) => {
      const found = quality.find((/** @type {any} */ it) => it.measure === name && it.transcoder === "cross-layer");
      return `${Math.round(found.value)} %`;
    });
    const row = figures.split("\n").find((line) => line.startsWith(`| ${what} |`));
    const documented = (row ?? "").split("|").slice(3, 5);
    assert.deepEqual(
      documented.map((cell) => cell.trim()),
      measured,
      what,
    );
    for (const name of [asked, `${asked}/control`]) assert.ok(page.includes(`data-measure="${name}"`), name);
  }
  for (const name of ["condition", "condition/control", "runner-up"])
    assert.ok(told.includes(`data-measure="diagnosis experiment/${name}"`), name);
});
