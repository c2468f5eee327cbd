// Models for the tests, made of copies of the addition model: their texts and figures do not change when a model is trained anew.

import { createHash } from "node:crypto";
import { site } from "./harness.mjs";

/** @import { Page } from "playwright-core" */
/** @import { Manifest } from "../../www/lab/messages.js" */

/** A manifest, and the files that are not the addition model's. @typedef {{ manifest: Manifest, files: Map<string, Buffer> }} Model */
/** @typedef {{ dtype: string, shape: number[], data: Buffer }} Tensor */

const MODEL = `${site}models/addition/`;

/** @param {string} path in the addition model's folder */
export async function read(path) {
  return Buffer.from(await (await fetch(MODEL + path)).arrayBuffer());
}

/**
 * The addition model with its cross-layer transcoder alone, under another name and with other words.
 * @param {Partial<Manifest>} words
 * @returns {Promise<Model>}
 */
export async function copyOfAddition(words) {
  const manifest = JSON.parse((await read("manifest.json")).toString());
  manifest.files = manifest.files.filter((/** @type {{ path: string }} */ { path }) => !path.startsWith("per-layer/"));
  return { manifest: { ...manifest, ...words }, files: new Map() };
}

/** @param {Model} model @param {string} path @param {Buffer} bytes */
export function put({ manifest, files }, path, bytes) {
  const entry = { path, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
  manifest.files = [...manifest.files.filter((file) => file.path !== path), entry];
  files.set(path, bytes);
}

/** Serves these models, in this order, in place of those of the site. @param {Page} page @param {Record<string, Model>} models */
export async function serve(page, models) {
  // What the build recorded is of the site's own models.
  await page.route(
    (url) => url.href.split(/[?#]/)[0] === site,
    async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: (await response.text()).replace(/<meta name="recorded"[^>]*>/, "") });
    },
  );
  await page.route(`${site}models/**`, async (route) => {
    const path = new URL(route.request().url()).href.slice(`${site}models/`.length).split("?")[0];
    if (path === "index.json") return route.fulfill({ json: { models: Object.keys(models) } });
    const [name, ...below] = path.split("/");
    const model = models[name];
    const file = below.join("/");
    if (!model) return route.fulfill({ status: 404 });
    if (file === "manifest.json") return route.fulfill({ json: model.manifest });
    return route.fulfill({ body: model.files.get(file) ?? (await read(file)) });
  });
}

/** @param {Buffer} bytes of a safetensors file */
function tensorsOf(bytes) {
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, start));
  /** @type {Record<string, Tensor>} */
  const tensors = {};
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (name !== "__metadata__") tensors[name] = { dtype, shape, data: bytes.subarray(start + data_offsets[0], start + data_offsets[1]) };
  }
  return tensors;
}

/** @param {Record<string, Tensor>} tensors */
function bytesOf(tensors) {
  /** @type {Record<string, object>} */
  const header = {};
  let at = 0;
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [at, at + data.length] };
    at += data.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([text, Buffer.alloc(-text.length & 7, " ")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, ...Object.values(tensors).map(({ data }) => data)]);
}

/** Adds per-layer transcoders: the features of the cross-layer one, with what they write to their own layers. @param {Model} model */
export async function addPerLayer(model) {
  const config = (await read("transcoder/config.yaml")).toString();
  put(model, "per-layer/config.yaml", Buffer.from(config.replace("cross_layer_transcoder", "transcoder_set")));
  for (let layer = 0; model.manifest.files.some(({ path }) => path === `transcoder/W_enc_${layer}.safetensors`); layer++) {
    const encoder = tensorsOf(await read(`transcoder/W_enc_${layer}.safetensors`));
    const decoder = tensorsOf(await read(`transcoder/W_dec_${layer}.safetensors`))[`W_dec_${layer}`];
    const [features, targets, width] = decoder.shape;
    const row = decoder.data.length / (features * targets);
    const own = Array.from({ length: features }, (_, feature) =>
      decoder.data.subarray(feature * targets * row, (feature * targets + 1) * row),
    );
    const named = Object.fromEntries(
      Object.entries(encoder).map(([name, tensor]) => [
        name.replace(`_${layer}`, "").replace("threshold", "activation_function.threshold"),
        tensor,
      ]),
    );
    put(
      model,
      `per-layer/layer_${layer}.safetensors`,
      bytesOf({ ...named, W_dec: { dtype: decoder.dtype, shape: [features, width], data: Buffer.concat(own) } }),
    );
  }
}

/** Words that stand in for numbers of three digits, so that a prompt of words is one token each. */
const WORDS = (
  "A 32-year-old female at 30 weeks gestation presents with severe right upper quadrant pain , mild " +
  "headache and nausea . BP is 162 / 98 mmHg and labs show mildly elevated liver enzymes"
).split(" ");
const FIRST_WORD = 500; // a token id of three digits

/**
 * A model that reads `length` tokens, and knows words: for a prompt as long as a vignette. What it says of that is nonsense.
 * @param {Partial<Manifest>} words
 * @param {number} length
 */
export async function reader(words, length) {
  const model = await copyOfAddition(words);
  const config = JSON.parse((await read("config.json")).toString());
  put(model, "config.json", Buffer.from(JSON.stringify({ ...config, n_positions: length })));
  const tensors = tensorsOf(await read("model.safetensors"));
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    if (!name.endsWith("wpe.weight")) continue;
    const repeated = Buffer.concat(Array.from({ length: Math.ceil(length / shape[0]) }, () => data));
    tensors[name] = { dtype, shape: [length, shape[1]], data: repeated.subarray(0, (data.length / shape[0]) * length) };
  }
  put(model, "model.safetensors", bytesOf(tensors));
  const tokenizer = JSON.parse((await read("tokenizer.json")).toString());
  const vocabulary = tokenizer.model.vocab;
  for (const [token, id] of Object.entries(vocabulary)) {
    const word = WORDS[id - FIRST_WORD];
    if (word === undefined) continue;
    delete vocabulary[token];
    vocabulary[`Ġ${word}`] = id;
  }
  tokenizer.model.merges = [];
  put(model, "tokenizer.json", Buffer.from(JSON.stringify(tokenizer)));
  const at = Array.from({ length: length - 1 }, (_, i) => i % WORDS.length);
  model.manifest.examples = [
    { topic: "Long", title: "A long case", prompt: at.map((i) => WORDS[i]).join(" "), ids: at.map((i) => FIRST_WORD + i) },
  ];
  return model;
}
