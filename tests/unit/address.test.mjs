// The address: what is written is what is read, and what makes no sense is left out and named.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FIELDS } from "../../www/lab/address-fields.js";
import { inWords } from "../../www/lab/address-names.js";
import { queryOf, readAddress } from "../../www/lab/url.js";

// `queryOf` names the page's own path where nothing is set.
Object.assign(globalThis, { location: { pathname: "/" } });

/** What an address becomes when it is read and written again. @param {string} search */
const again = (search) => queryOf(readAddress(search));

test("an empty address is the page itself", () => {
  assert.equal(again(""), "/");
});

test("everything that can be set survives", () => {
  const query = new URLSearchParams({
    model: "diagnosis",
    transcoder: "per-layer",
    prompt: "calc: 36+59=",
    target: "95",
    minus: "96",
    engine: "cpu",
    node: "0.7",
    edge: "0.9",
    density: "0.25",
    selected: "3_188_7",
    pinnedIds: "2_57_7,2_41_7,0_1_2",
    supernodes: JSON.stringify([["sums", "2_57_7", "2_41_7"]]),
    open: "[0]",
    clerps: JSON.stringify([["2_57", "ends in 5"]]),
    sg_pos: JSON.stringify([["2_57_7", 0.25, 0.5]]),
    steer: "2/57@7=0,2/41@7=-1.5",
    mode: "direct",
    grade: "1",
    head: "1.0@7-4-6",
    compare: "calc: 36+58=",
    large: "1",
    zoom: "1.5",
    view: "nodes",
    theme: "dark",
  });
  const read = new URLSearchParams(again(`?${query}`));
  assert.deepEqual(Object.fromEntries(read), Object.fromEntries(query));
});

test("several targets, and tokens with signs that an address gives another meaning", () => {
  for (const token of ["+", "&", "=", "%41", " ", "#", "é", "\u200b", "👋"]) {
    const { target } = readAddress(queryOf({ ...readAddress(""), target: { kind: "tokens", tokens: [token, "95"] } }));
    assert.deepEqual(target, { kind: "tokens", tokens: [token, "95"] });
  }
});

/** @type {[string, string][]} */
const SPOILED = [
  ["engine=tpu", "engine"],
  ["target=", "target"],
  ["minus=95", "minus"],
  ["transcoder=none", "transcoder"],
  ["node=2", "node"],
  ["edge=-1", "edge"],
  ["zoom=NaN", "zoom"],
  ["density=Infinity", "density"],
  ["theme=pink", "theme"],
  ["view=opera", "view"],
  ["supernodes={}", "supernodes"],
  ["supernodes=[1", "supernodes"],
  ['clerps=[["x","y"]]', "clerps"],
  ['sg_pos=[["0_1_2",7,0]]', "sg_pos"],
  ["steer=nonsense", "steer"],
  ["head=1.0", "head"],
  ["head=1.0@7-x", "head"],
  [`target=${"x".repeat(300)}`, "target"],
  [`selected=${"x".repeat(300)}`, "selected"],
];
for (const [query, name] of SPOILED) {
  test(`${query.slice(0, 40)} is left out, and named`, () => {
    /** @type {Set<string>} */ const leftOut = new Set();
    const address = readAddress(`?${query}`, leftOut);
    assert.deepEqual([...leftOut], [name]);
    assert.equal(queryOf(address), "/");
  });
}

test("one token is taken away from one: else the targets stand alone", () => {
  for (const query of ["target=95&minus=", "target=95&target=96&minus=94", `target=95&minus=${"x".repeat(300)}`]) {
    /** @type {Set<string>} */ const leftOut = new Set();
    assert.equal(readAddress(`?${query}`, leftOut).target.kind, "tokens", query);
    assert.deepEqual([...leftOut], ["minus"], query);
  }
});

test("whatever an address may leave out has a name in words", () => {
  /** @type {Set<string>} */ const asked = new Set();
  class Query extends URLSearchParams {
    /** @override @param {string} name */
    get(name) {
      asked.add(name);
      return super.get(name);
    }
    /** @override @param {string} name */
    getAll(name) {
      asked.add(name);
      return super.getAll(name);
    }
  }
  for (const { read } of FIELDS) read(new Query(), new Set());
  assert.ok(asked.size > 20, [...asked].join(", "));
  for (const name of asked) assert.match(inWords([name]), /^[a-z ]{4,}$/, name);
});
