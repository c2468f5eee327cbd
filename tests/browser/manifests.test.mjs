// The small JSON files beside a model are checked like every other file, before anything is traced with them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, site } from "./harness.mjs";
import { answers, notice } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";
const MODEL = `${site}models/addition/`;

/** Serves a changed manifest. @param {Page} page @param {(manifest: any) => unknown} change may return another value */
async function changed(page, change) {
  const manifest = await (await fetch(`${MODEL}manifest.json`)).json();
  const other = change(manifest);
  await page.route(`${MODEL}manifest.json`, (route) => route.fulfill({ json: other === undefined ? manifest : other }));
}

/** @type {[string, (manifest: any) => unknown, RegExp][]} */
const WRONG = [
  ["that is a list", () => [], /manifest\.json has its content wrong: it must be an object/],
  ["that is null", () => null, /manifest\.json has its content wrong/],
  ["without quality", (manifest) => void delete manifest.quality, /manifest\.json has no quality: it must be a list/],
  ["with a title that is a number", (manifest) => void (manifest.title = 7), /manifest\.json has title wrong: it must be a text/],
  [
    "with ids that are a text",
    (manifest) => void (manifest.examples[0].ids = "x"),
    /manifest\.json has examples\[0\]\.ids wrong: it must be a list of token ids/,
  ],
  ["with ids that are no numbers", (manifest) => void (manifest.examples[2].ids = [1, "2"]), /examples\[2\]\.ids wrong/],
  ["with a negative id", (manifest) => void (manifest.examples[0].ids[0] = -1), /examples\[0\]\.ids wrong/],
  ["with an example that is null", (manifest) => void (manifest.examples[1] = null), /examples\[1\] wrong: it must be an object/],
  [
    "with a path that leads out",
    (manifest) => void (manifest.files[0].path = "../../secret"),
    /files\[0\]\.path wrong: it must be a path inside/,
  ],
  ["with a path to another site", (manifest) => void (manifest.files[0].path = "//example.org/x"), /files\[0\]\.path wrong/],
  ["with a file of absurd size", (manifest) => void (manifest.files[0].bytes = 1e15), /files\[0\]\.bytes wrong: it must be a whole number/],
  [
    "with a checksum that is none",
    (manifest) => void (manifest.files[0].sha256 = "x"),
    /files\[0\]\.sha256 wrong: it must be 64 hexadecimal digits/,
  ],
  ["with a file named twice", (manifest) => void manifest.files.push(manifest.files[0]), /names LICENSE twice/],
  [
    "with a figure that is no number",
    (manifest) => void (manifest.quality[0].value = "98"),
    /quality\[0\]\.value wrong: it must be a number/,
  ],
  [
    "with a template that is no text",
    (manifest) => void (manifest.templates = ["{a}+{b}", 3]),
    /manifest\.json has templates wrong: it must be a list of texts/,
  ],
  ["with a target of another kind", (manifest) => void (manifest.quality[0].target = { at_last: 3 }), /quality\[0\]\.target wrong/],
];

for (const [what, change, says] of WRONG) {
  test(`a manifest ${what} is told in words, and nothing is traced`, async (t) => {
    const page = await openPage(t, { query: CPU, before: (page) => changed(page, change) });
    assert.match(await notice(page), says);
    assert.equal(await page.locator(".node").count(), 0);
    assert.equal(await page.locator("[data-part=waiting]").isVisible(), false);
  });
}

for (const [what, body, says] of /** @type {[string, unknown, RegExp][]} */ ([
  ["without models", {}, /models\/index\.json has no models: it must be a list/],
  ["with no model", { models: [] }, /models\/index\.json names no model/],
  ["with a name that leads out", { models: ["../x"] }, /models\/index\.json has models\[0\] wrong/],
  ["with a number", { models: [3] }, /models\[0\] wrong/],
])) {
  test(`an index ${what} is told in words`, async (t) => {
    const page = await openPage(t, {
      query: CPU,
      before: (page) => page.route(`${site}models/index.json`, (route) => route.fulfill({ json: body })),
    });
    assert.match(await notice(page), says);
  });
}

for (const [status, says] of /** @type {[number, RegExp][]} */ ([
  [500, /failed to send manifest\.json \(HTTP status 500\)[^]*in a while/],
  [403, /refuses to send manifest\.json \(HTTP status 403\)/],
  [404, /manifest\.json is missing on this site \(HTTP status 404\)/],
])) {
  test(`a manifest answered with ${status} is told for what it is`, async (t) => {
    const page = await openPage(t, {
      query: CPU,
      allow: [/request failed/, /Failed to load resource/],
      before: (page) => page.route(`${MODEL}manifest.json`, (route) => route.fulfill({ status })),
    });
    assert.match(await notice(page), says);
  });
}

test("another model's manifest that is spoiled costs its link, and nothing else", async (t) => {
  const page = await openPage(t, {
    query: CPU,
    before: (page) => page.route(`${site}models/diagnosis/manifest.json`, (route) => route.fulfill({ json: { title: 7 } })),
  });
  await answers(page, "95");
  await page.waitForFunction(() => document.querySelectorAll("[data-part=models] a").length === 1);
});

test("sample texts that are spoiled are told in words, and the graph stands", async (t) => {
  const body = JSON.stringify({ contexts: [{ name: "x", prompts: [["1"]] }] });
  const page = await openPage(t, {
    query: CPU,
    before: async (page) => {
      const { createHash } = await import("node:crypto");
      await changed(page, (manifest) => {
        const file = manifest.files.find((/** @type {{ path: string }} */ { path }) => path === "samples.json");
        Object.assign(file, { bytes: body.length, sha256: createHash("sha256").update(body).digest("hex") });
      });
      await page.route(`${MODEL}samples.json`, (route) => route.fulfill({ body }));
    },
  });
  await answers(page, "95");
  assert.match(
    await notice(page),
    /samples\.json has contexts\[0\]\.prompts\[0\] wrong: it must be a list of token ids[^]*Graphs are not affected/,
  );
  assert.ok((await page.locator(".node").count()) > 0);
});

test("a file that is longer than its manifest says is refused before all of it is read", async (t) => {
  const page = await openPage(t, {
    query: CPU,
    allow: [/request failed.*ERR_ABORTED/],
    before: (page) => page.route(`${MODEL}transcoder/W_enc_1.safetensors`, (route) => route.fulfill({ body: Buffer.alloc(20_000_000) })),
  });
  assert.match(await notice(page), /W_enc_1\.safetensors has [\d,]+ bytes, and its manifest says/);
});
