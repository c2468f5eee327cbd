// What a reader adds to a graph, as it comes from files and addresses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkedArrangement, cleanLabel, emptyArrangement, supernodeOf, ungroup, unpin } from "../../www/lab/arrangement.js";

test("a label is one line of at most 80 characters", () => {
  assert.equal(cleanLabel("  ends \n\t in   5 "), "ends in 5");
  assert.equal(cleanLabel("plain"), "plain");
  assert.equal(cleanLabel("no-break\u00a0space"), "no-break space");
  assert.equal(cleanLabel(`${" ".repeat(500)}late`), "late");
  assert.equal(cleanLabel("x".repeat(5000)).length, 80);
  assert.equal(cleanLabel(7), "7");
});

test("what makes no sense is left out", () => {
  for (const raw of [{}, { pinned: 7, supernodes: "x", labels: null, places: {} }, { supernodes: [[], ["a"], [7, "x"], null] }]) {
    assert.deepEqual(checkedArrangement(raw), emptyArrangement());
  }
});

test("a node is in one supernode, and whoever is in one is pinned", () => {
  const found = checkedArrangement({
    pinned: ["a", "a", ""],
    supernodes: [
      ["one", "b", "c"],
      ["two", "c", "d"],
    ],
    open: [1],
  });
  assert.deepEqual(found.pinned, ["a", "b", "c", "d"]);
  assert.deepEqual(found.supernodes, [
    { label: "one", ids: ["b", "c"], open: false },
    { label: "two", ids: ["d"], open: true },
  ]);
  assert.equal(supernodeOf(found, "c")?.label, "one");
});

test("nodes leave their supernodes, and empty ones are gone", () => {
  const arrangement = checkedArrangement({
    supernodes: [
      ["one", "a", "b"],
      ["two", "c"],
    ],
  });
  ungroup(arrangement, ["c"]);
  assert.deepEqual(
    arrangement.supernodes.map(({ label }) => label),
    ["one"],
  );
  assert.deepEqual(arrangement.pinned, ["a", "b", "c"]);
  unpin(arrangement, ["a"]);
  assert.deepEqual(arrangement.pinned, ["b", "c"]);
  assert.deepEqual(arrangement.supernodes[0].ids, ["b"]);
});

test("labels and places are kept where they can be meant", () => {
  const { labels, places } = checkedArrangement({
    labels: [
      ["2_57", "fine"],
      ["a2_57", "attention"],
      ["2_57_7", "a node, no feature"],
      ["2_58", " "],
      ["2_59", 7],
    ],
    places: [
      ["a", 0, 1],
      ["b", -0.1, 0],
      ["c", 0.5, Number.NaN],
      ["d", "0", 0],
    ],
  });
  assert.deepEqual(labels, { "2_57": "fine", a2_57: "attention" });
  assert.deepEqual(places, { a: [0, 1] });
});
