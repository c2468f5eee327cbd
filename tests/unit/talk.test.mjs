// Talks as files and links bring them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkedTalk, MOST, packed, readTalk, talkText, unpacked } from "../../www/talk/talk.js";

const TALK = {
  title: "Sums",
  steps: [
    { state: "?prompt=calc%3A+36%2B59%3D", caption: "95", notes: "Two lines,\nand an ä." },
    { state: "", caption: "", notes: "" },
  ],
};

test("a file and a link bring back the same talk", async () => {
  assert.deepEqual(readTalk(talkText(TALK)), TALK);
  const letters = await packed(TALK);
  assert.match(letters, /^[\w-]+$/);
  assert.deepEqual(await unpacked(letters), TALK);
});

test("a long talk is a short link", async () => {
  const steps = Array.from({ length: MOST.steps }, () => TALK.steps[0]);
  assert.ok((await packed({ title: "Long", steps })).length < 1000);
});

/** @type {[string, unknown, RegExp][]} */
const SPOILED = [
  ["nothing", null, /no talk/],
  ["a graph", { metadata: {}, nodes: [] }, /no talk/],
  ["a later version", { attograph_talk: 2, steps: [] }, /no talk/],
  ["no steps", { attograph_talk: 1, steps: [] }, /no steps/],
  ["steps that are none", { attograph_talk: 1, steps: "x" }, /no steps/],
  ["an empty step", { attograph_talk: 1, steps: [TALK.steps[0], null] }, /Step 2 has no “state”/],
  ["an address of another site", { attograph_talk: 1, steps: [{ state: "https://example.com/?x" }] }, /Step 1 has no “state”/],
  ["a state without end", { attograph_talk: 1, steps: [{ state: `?${"x".repeat(MOST.state)}` }] }, /20001 characters/],
  ["too many steps", { attograph_talk: 1, steps: Array(MOST.steps + 1).fill(TALK.steps[0]) }, /at most 100/],
];
for (const [name, raw, why] of SPOILED) {
  test(`${name}: a sentence says why`, () => {
    const found = checkedTalk(raw);
    assert.equal(typeof found, "string");
    assert.match(String(found), why);
  });
}

test("what is no JSON, what is cut, and what unpacks without end are told apart from talks", async () => {
  assert.equal(readTalk("{"), "It is no JSON.");
  assert.match(readTalk(" ".repeat(4_000_001)).toString(), /may have/);
  assert.match(String(await unpacked("%%%")), /not whole/);
  const letters = await packed(TALK);
  assert.match(String(await unpacked(letters.slice(0, letters.length / 2))), /not whole/);
  const bomb = await packed({ title: "", steps: [{ state: "?", caption: "", notes: " ".repeat(5_000_000) }] });
  assert.match(String(await unpacked(bomb)), /not whole/);
});

test("captions are one line, notes may be several, and neither is endless", () => {
  const found = checkedTalk({ attograph_talk: 1, title: " a \n b ", steps: [{ state: "?", caption: "x\ny", notes: "z\nz".repeat(5000) }] });
  assert.ok(typeof found === "object");
  assert.deepEqual([found.title, found.steps[0].caption, found.steps[0].notes.length], ["a b", "x y", MOST.notes]);
});
