// A file of the model that is missing or wrong: one clear sentence that names it, and no graph made of it.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { openPage, site } from "./harness.mjs";
import { answers, choose, notice, traced, type } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const MODEL = `${site}models/addition/`;
const ENCODER = "transcoder/W_enc_1.safetensors";
// What a request that is spoilt on purpose leaves on the console.
const ALLOWED = [/request failed/, /Failed to load resource/];

/** @param {string} path @param {(bytes: Buffer<ArrayBuffer>) => Buffer<ArrayBuffer>} change */
async function spoilt(path, change) {
  return change(Buffer.from(await (await fetch(MODEL + path)).arrayBuffer()));
}

/**
 * Serves a changed file, with a manifest that describes the change: so the engine has to notice.
 * @param {Page} page
 * @param {string} path
 * @param {(bytes: Buffer<ArrayBuffer>) => Buffer<ArrayBuffer>} change
 */
async function spoil(page, path, change) {
  const body = await spoilt(path, change);
  const manifest = await (await fetch(`${MODEL}manifest.json`)).json();
  const file = manifest.files.find((/** @type {{ path: string }} */ each) => each.path === path);
  file.bytes = body.length;
  file.sha256 = createHash("sha256").update(body).digest("hex");
  await page.route(`${MODEL}manifest.json`, (route) => route.fulfill({ json: manifest }));
  await page.route(MODEL + path, (route) => route.fulfill({ body }));
}

/**
 * The JSON header of a safetensors file, changed in place to another of the same length.
 * @param {Buffer<ArrayBuffer>} bytes
 * @param {(header: string) => string} change
 */
function header(bytes, change) {
  const length = Number(bytes.readBigUInt64LE(0));
  const before = bytes.toString("utf8", 8, 8 + length);
  const after = change(before);
  assert.notEqual(after, before);
  assert.equal(after.length, length);
  bytes.write(after, 8, "utf8");
  return bytes;
}

/** @type {{ what: string, path: string, change: (bytes: Buffer<ArrayBuffer>) => Buffer<ArrayBuffer>, says: RegExp }[]} */
const WRONG = [
  {
    what: "a safetensors file cut short",
    path: ENCODER,
    change: (bytes) => bytes.subarray(0, bytes.length - 100),
    says: /W_enc_1\.safetensors/,
  },
  {
    what: "a tensor of the wrong shape",
    path: ENCODER,
    change: (bytes) => header(bytes, (text) => text.replace(/("W_enc_1":\{[^}]*"shape":\[)(\d+),(\d+)\]/, "$1$3,$2]")),
    says: /W_enc_1[^]*\d+/,
  },
  {
    what: "a transcoder of another width",
    path: ENCODER,
    // As many values in rows of half the width; a space where the new sizes have a digit less.
    change: (bytes) =>
      header(bytes, (text) =>
        text.replace(
          /("W_enc_1":\{[^}]*"shape":\[)(\d+),(\d+)\]/,
          (_, before, rows, width) => `${before}${`${2 * rows},${width / 2}`.padEnd(`${rows},${width}`.length)}]`,
        ),
      ),
    says: /W_enc_1[^]*64[^]*128|W_enc_1[^]*128[^]*64/,
  },
  {
    what: "a NaN among the weights",
    path: ENCODER,
    // The last two bytes of a half-precision tensor: all ones is a NaN.
    change: (bytes) => (bytes.fill(0xff, bytes.length - 2), bytes),
    says: /1[^]*(NaN|not a number|finite)/i,
  },
  { what: "a config that is not JSON", path: "config.json", change: () => Buffer.from("{ vocab"), says: /config\.json/ },
  {
    what: "a field of config.json that is not known",
    path: "config.json",
    change: (bytes) => Buffer.from(JSON.stringify({ ...JSON.parse(bytes.toString()), rope_theta: 10000 })),
    says: /config\.json[^]*rope_theta[^]*not known/,
  },
  {
    what: "a transcoder that lies elsewhere",
    path: "transcoder/config.yaml",
    change: (bytes) => Buffer.from(`${bytes}\ntranscoders:\n${"- hf://someone/somewhere.safetensors\n".repeat(4)}`),
    says: /transcoder\/config\.yaml[^]*hf:\/\/someone/,
  },
  {
    what: "a file that is no safetensors at all",
    path: "model.safetensors",
    change: () => Buffer.from("<!doctype html><title>404</title>"),
    says: /model\.safetensors/,
  },
];

for (const { what, path, change, says } of WRONG) {
  test(`${what} is told in words`, async (t) => {
    const page = await openPage(t, { query: "?engine=cpu", before: (page) => spoil(page, path, change) });
    assert.match(await notice(page), says);
    assert.equal(await page.locator(".node").count(), 0);
    await page.locator("[data-part=prompt]").fill("the page stays usable");
  });
}

test("a missing file is named", async (t) => {
  const page = await openPage(t, {
    allow: ALLOWED,
    before: (page) => page.route(MODEL + ENCODER, (route) => route.fulfill({ status: 404 })),
  });
  assert.match(await notice(page), /W_enc_1\.safetensors[^]*missing/);
});

test("a missing manifest is named", async (t) => {
  const page = await openPage(t, {
    allow: ALLOWED,
    before: (page) => page.route(`${MODEL}manifest.json`, (route) => route.fulfill({ status: 404 })),
  });
  assert.match(await notice(page), /manifest\.json[^]*missing/);
});

test("a file of another size than its manifest says is named, with both sizes", async (t) => {
  const body = await spoilt(ENCODER, (bytes) => bytes.subarray(0, 1000));
  const page = await openPage(t, { before: (page) => page.route(MODEL + ENCODER, (route) => route.fulfill({ body })) });
  assert.match(await notice(page), /W_enc_1\.safetensors has 1,000 bytes[^]*manifest/);
});

test("a file of the right size with another content is named", async (t) => {
  const body = await spoilt(ENCODER, (bytes) => (bytes.fill(1, bytes.length - 2), bytes));
  const page = await openPage(t, { before: (page) => page.route(MODEL + ENCODER, (route) => route.fulfill({ body })) });
  assert.match(await notice(page), /W_enc_1\.safetensors[^]*SHA-256/);
});

test("a tokenizer that is not JSON is named, and the examples go on working", async (t) => {
  const page = await openPage(t, {
    query: "?engine=cpu",
    before: (page) => spoil(page, "tokenizer.json", () => Buffer.from("{ not json")),
  });
  assert.match(await notice(page), /tokenizer\.json/);
  // Without names, tokens go by their numbers.
  await page
    .locator("[data-part=answers] li:first-child .token")
    .getByText(/^#\d+$/)
    .waitFor();
  await page.locator(".node.feature").first().waitFor();
  await type(page, "calc: 3+4=");
  await page.locator(".stale").waitFor();
  await choose(page, 0);
  await page.locator(".stale").waitFor({ state: "detached" });
});

test("a tokenizer with a token more than the model works, and a prompt with that token is told", async (t) => {
  let beyond = 0;
  const more = (/** @type {Buffer<ArrayBuffer>} */ bytes) => {
    const tokenizer = JSON.parse(bytes.toString());
    const last = tokenizer.added_tokens[0];
    beyond = last.id + 1;
    tokenizer.added_tokens.push({ ...last, id: beyond, content: "[PAD]" });
    return Buffer.from(`\uFEFF${JSON.stringify(tokenizer)}`);
  };
  const page = await openPage(t, { query: "?engine=cpu", before: (page) => spoil(page, "tokenizer.json", more) });
  await answers(page, "95");
  await type(page, "calc: [PAD]=");
  // Until the tokenizer is here that is told.
  await page.locator("[data-part=notice]", { hasText: `Token ${beyond}, [PAD], does not exist` }).waitFor();
  await type(page, "calc: 3+4=");
  await traced(page, "calc: 3+4=");
  await answers(page, "7");
});

test("wasm served with the wrong MIME type still runs", async (t) => {
  const page = await openPage(t, {
    query: "?engine=cpu",
    before: (page) =>
      page.route(/_bg\.wasm$/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, headers: { ...response.headers(), "content-type": "application/octet-stream" } });
      }),
  });
  await answers(page, "95");
});
