// What search finds: how well things fit, in which order and groups they stand, and what of them is marked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { folded, grouped, numbersIn, pieces, scoreOf, soughtIn } from "../../www/lab/search/matching.js";

/** @import { Findable, Sought } from "../../www/lab/search/matching.js" */

/** @param {string} typed */
const sought = (typed) => /** @type {Sought} */ (soughtIn(typed));

/** @param {string} group @param {string[]} texts */
const entry = (group, texts, weight = 0) => ({ group, texts, weight });

const GROUPS = {
  shown: { name: "Shown", most: 2 },
  hidden: { name: "Hidden", most: 2, after: "shown" },
  tokens: { name: "Tokens", most: 2 },
};

/** Names by group. @param {Findable[]} all @param {string} typed */
const found = (all, typed) => grouped(all, sought(typed), GROUPS).map(({ group, shown }) => [group, ...shown.map(({ texts }) => texts[0])]);

test("nothing is looked for where nothing is typed, and spaces and case do not count", () => {
  assert.equal(soughtIn("  \n "), undefined);
  assert.deepEqual(soughtIn("  Feature   147 "), { phrase: "feature 147", words: ["feature", "147"] });
  assert.deepEqual(soughtIn("a a a"), { phrase: "a a a", words: ["a"] });
});

test("a sign that is two in small letters stays where it is", () => {
  assert.equal(folded("İstanbul"), "İstanbul");
  assert.deepEqual(
    pieces("xİsum", sought("sum")).filter(({ marked }) => marked),
    [{ text: "sum", marked: true }],
  );
});

test("numbers are a feature's, of one layer or of any", () => {
  assert.deepEqual(numbersIn(sought("2/147")), { layer: 2, index: 147 });
  assert.deepEqual(numbersIn(sought("Feature 2 / 147")), { layer: 2, index: 147 });
  assert.deepEqual(numbersIn(sought("feature 147")), { layer: undefined, index: 147 });
  assert.deepEqual(numbersIn(sought("147")), { layer: undefined, index: 147 });
  for (const typed of ["1.0", "2/147@7", "sum 5", "-3", "12345678"]) assert.equal(numbersIn(sought(typed)), undefined, typed);
});

test("every word must be there, in any of the texts and in any order", () => {
  const texts = ["sum = _5", "feature 147, layer 2, at “=”", "2/147"];
  for (const typed of ["sum", "147 sum", "layer 2 _5", "2/147", "="]) assert.notEqual(scoreOf(texts, sought(typed)), undefined, typed);
  for (const typed of ["sums", "sum 148", "3/147"]) assert.equal(scoreOf(texts, sought(typed)), undefined, typed);
});

test("the name itself is before its beginning, a word, a beginning of one, what is inside, and what stands beside", () => {
  const all = ["says “90”", "09", "5 9", "9", "ones 90", "9 or 8", "19"].map((name) => entry("shown", [name, "", ""]));
  const beside = entry("shown", ["other", "at “9”", ""]);
  const [{ shown, count }] = grouped([beside, ...all], sought("9"), { shown: { name: "", most: 99 } });
  assert.equal(count, 8);
  assert.deepEqual(
    shown.map(({ texts: [name] }) => name),
    ["9", "9 or 8", "5 9", "says “90”", "ones 90", "09", "19", "other"],
  );
});

test("what is told of something and begins so is as good as its name, and so is its number", () => {
  const texts = ["sum = _5", "feature 147, layer 2", "2/147"];
  for (const typed of ["feature 147", "2/147", "sum = _5"]) assert.equal(scoreOf(texts, sought(typed)), -3, typed);
  assert.equal(scoreOf(texts, sought("147")), 0);
  assert.ok(Number(scoreOf(texts, sought("feature 14"))) > 0);
  assert.ok(Number(scoreOf(texts, sought("layer 2"))) > 0);
});

test("among equals the one of more weight is first, and each group shows some and counts all", () => {
  const all = [1, 3, 2].map((weight) => entry("shown", [`sum ${weight}`, "", ""], weight));
  const [group] = grouped(all, sought("sum"), GROUPS);
  assert.deepEqual([group.shown.map(({ weight }) => weight), group.count], [[3, 2], 3]);
});

test("the group of the best is first, and what is hidden follows what is on show", () => {
  const all = [
    entry("shown", ["b = 36", "", ""]),
    entry("hidden", ["36", "", ""]),
    entry("tokens", ["36", "", ""]),
    entry("tokens", ["x", "", ""]),
  ];
  assert.deepEqual(found(all, "36"), [
    ["shown", "b = 36"],
    ["hidden", "36"],
    ["tokens", "36"],
  ]);
  assert.deepEqual(found([...all.slice(0, 1), ...all.slice(2)], "36"), [
    ["tokens", "36"],
    ["shown", "b = 36"],
  ]);
  assert.deepEqual(found(all, "none of it"), []);
});

test("what is looked for is marked, as a whole or by its words, and all of the text is there", () => {
  const marked = (/** @type {string} */ text, /** @type {string} */ typed) =>
    pieces(text, sought(typed))
      .map((piece) => (piece.marked ? `[${piece.text}]` : piece.text))
      .join("");
  assert.equal(marked("Feature 147, layer 2", "feature 147"), "[Feature 147], layer 2");
  assert.equal(marked("Feature 147, layer 2", "2 layer"), "Feature 147, [layer] [2]");
  assert.equal(marked("aaaa", "aa"), "[aaaa]");
  assert.equal(marked("<img src=x>", "IMG"), "<[img] src=x>");
  assert.equal(marked("😀 sum", "sum"), "😀 [sum]");
  assert.equal(marked("", "sum"), "");
});

test("tens of thousands are found in within a key's time", () => {
  const all = Array.from({ length: 40_000 }, (_, i) => entry("shown", [`says “${i}” and more`, `Feature ${i}, layer 3`, `3/${i}`], -i));
  const begun = performance.now();
  const [{ count }] = grouped(all, sought("says 99"), GROUPS);
  const took = performance.now() - begun;
  assert.ok(count > 100);
  assert.ok(took < 1000, `${took} ms`); // some 50 on an idle machine
});
