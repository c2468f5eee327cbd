// What elements are told: states, names of features, recorded files; and that the package's manifest says what the classes do.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { nodesOf, readPlaces } from "../../www/elements/feature-names.js";
import { faultOf } from "../../www/elements/recorded-file.js";
import { readState } from "../../www/elements/state.js";

// By names that no compiler follows: behind the elements stands the whole page, whose types are a browser's.
const folder = "../../www/elements";
const { AttoElement } = await import(`${folder}/atto-element.js`);
/** @type {{ ELEMENTS: Record<string, { name: string, observedAttributes: string[] }> }} */
const { ELEMENTS } = await import(`${folder}/atto.js`);
/** @type {{ STORY_ELEMENTS: typeof ELEMENTS }} */
const { STORY_ELEMENTS } = await import(`${folder}/stories.js`);
/** Of each module of the manifest. */
const DEFINED = [ELEMENTS, STORY_ELEMENTS];

const read = (/** @type {string} */ name) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

test("the manifest has every element with its attributes, events and methods", () => {
  const manifest = JSON.parse(read("npm/custom-elements.json"));
  const told = [...read("www/elements/shared-lab.js").matchAll(/#say\("([a-z-]+)"/g)].map(([, name]) => name);
  assert.equal(manifest.modules.length, DEFINED.length);
  manifest.modules.forEach((/** @type {any} */ { declarations, exports }, /** @type {number} */ at) => {
    assert.deepEqual(declarations.map((/** @type {any} */ each) => each.tagName).sort(), Object.keys(DEFINED[at]).sort());
    assert.deepEqual(
      exports.map((/** @type {any} */ each) => [each.name, each.declaration.name]),
      declarations.map((/** @type {any} */ each) => [each.tagName, each.name]),
    );
    for (const { tagName, name, attributes, events, members } of declarations) {
      const element = DEFINED[at][tagName];
      assert.equal(element.name, name);
      assert.deepEqual(attributes.map((/** @type {any} */ each) => each.name).sort(), [...element.observedAttributes].sort(), tagName);
      const own = tagName === "atto-break" ? ["break"] : [];
      assert.deepEqual(events.map((/** @type {any} */ each) => each.name).sort(), [...new Set([...told, ...own])].sort(), tagName);
      for (const member of members) assert.equal(typeof AttoElement.prototype[member.name], "function");
    }
  });
});

test("the package has the crate's version, and its types name every element and event", () => {
  const version = /^version = "(.*)"$/m.exec(read("Cargo.toml"))?.[1];
  assert.equal(JSON.parse(read("npm/package.json")).version, version);
  const types = read("npm/attograph.d.ts");
  for (const name of DEFINED.flatMap(Object.keys)) assert.match(types, new RegExp(`"${name}":`));
  for (const name of ["load", "progress", "trace", '"node-select"', "error", "break"])
    assert.match(types, new RegExp(`  ${name}: CustomEvent<`));
});

test("a state of another version, and what is none, is refused in words", () => {
  assert.equal(readState("1?prompt=a&zoom=2").address.zoom, 2);
  for (const state of [undefined, null, 1, {}, "", "?", "2?", "11?", `1?${"a".repeat(100_001)}`])
    assert.throws(() => readState(state), { name: "RangeError", message: /state/i });
});

test("parts of a state that make no sense are told by name", () => {
  assert.equal(readState("1?prompt=a&zoom=2").told, undefined);
  const { address, told } = readState("1?prompt=a&zoom=huge&view=sideways&selected=a");
  assert.equal(address.selected, "a");
  assert.match(told?.sentence ?? "", /^No sense in this state: (zoom, view|view, zoom)\.$/);
});

test("features are named by layer, number and maybe position; what makes no sense is left out", () => {
  assert.deepEqual(readPlaces("0/288@4 looks at tens; 2/17;; x/1; 1/-3; 1/2@"), [
    { layer: 0, index: 288, position: 4, name: "looks at tens" },
    { layer: 2, index: 17, position: undefined, name: "" },
  ]);
  const graph = /** @type {any} */ ({ kind: [0, 1, 0, 0], layer: [1, 1, 1, 2], index: [7, 7, 7, 7], position: [5, 2, 3, 1] });
  assert.deepEqual(nodesOf(graph, { layer: 1, index: 7, position: undefined, name: "" }), [2, 0]);
  assert.deepEqual(nodesOf(graph, { layer: 1, index: 7, position: 5, name: "" }), [0]);
});

test("a recorded file is checked before anything is drawn of it", () => {
  const node = { id: "a", kind: 0, layer: 0, position: 0, index: 1, activation: 1, influence: 1, shown: true };
  const good = {
    model: "m",
    prompt: "p",
    tokens: ["x"],
    answers: [{ token: "95", probability: 0.9 }],
    targets: ["95"],
    layers: 4,
    nodes: [node, { ...node, id: "b" }],
    edges: [[0, 1, 0.5]],
    labels: {},
    operands: null,
    whole: null,
  };
  assert.equal(faultOf(good), undefined);
  for (const [change, fault] of /** @type {[object, RegExp][]} */ ([
    [{ prompt: 5 }, /prompt/],
    [{ tokens: [] }, /tokens/],
    [{ answers: [{ token: "a", probability: "1" }] }, /answers/],
    [{ nodes: {} }, /no nodes/],
    [{ nodes: [node, { ...node, position: 1 }] }, /node 1/],
    [{ nodes: [{ ...node, kind: 9 }] }, /node 0/],
    [{ edges: [[0, 2, 1]] }, /edge 0/],
    [{ edges: [[0, 1, Number.NaN]] }, /edge 0/],
    [{ labels: { a: 1 } }, /labels/],
    [{ operands: { plots: 1 } }, /plots/],
  ]))
    assert.match(faultOf({ ...good, ...change }) ?? "", fault);
  for (const none of [null, 1, "x", []]) assert.ok(faultOf(none));
});
