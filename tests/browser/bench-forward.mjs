// The forward pass of the shipped models by the page's engine without a GPU, beside onnxruntime-web's on one thread, in the same Chromium:
// `tests/oracle/run forward` writes the models as ONNX files, then `cargo xtask bench --forward`.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { site } from "./chromium.mjs";

/** @import { open as Open } from "./chromium.mjs" */

const RUNTIME = "onnxruntime-web@1.30.0";
const FOLDER = fileURLToPath(new URL("../../target/forward/", import.meta.url));
/** How many pairs are timed, and of how many passes each is: clocks of browsers are coarse. */
const PAIRS = { addition: { repeats: 60, passes: 20 }, diagnosis: { repeats: 80, passes: 2 } };

/** @param {typeof Open} open */
export async function measureForward(open) {
  if (!existsSync(join(FOLDER, "prompts.json"))) throw new Error("there are no ONNX files: run `tests/oracle/run forward`");
  const runtime = join(FOLDER, "node_modules/onnxruntime-web/dist");
  if (!existsSync(runtime)) execFileSync("npm", ["install", "--no-save", "--prefix", FOLDER, RUNTIME], { stdio: "ignore" });
  const prompts = JSON.parse(await readFile(join(FOLDER, "prompts.json"), "utf8"));
  for (const [model, { repeats, passes }] of Object.entries(PAIRS)) {
    const { page, close } = await open({ path: "embed.html", webgpu: false });
    await page.route("**/forward/**", (route) => {
      const name = new URL(route.request().url()).pathname.split("/forward/")[1];
      if (name === "") return route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Forward</title>" });
      return route.fulfill({ path: join(name.endsWith(".onnx") ? FOLDER : runtime, name) });
    });
    await page.goto(`${site}forward/`);
    const manifest = JSON.parse(await readFile(new URL(`../../www/models/${model}/manifest.json`, import.meta.url), "utf8"));
    const files = manifest.files.map((/** @type {{ path: string }} */ file) => file.path);
    const found = await page.evaluate(race, { at: site, model, files, ids: prompts[model], repeats, passes });
    assert.equal(found.ours.token, found.theirs.token, "both engines give the same answer");
    console.log(
      JSON.stringify({
        model,
        tokens: prompts[model].length,
        "forward pass, fastest, ms": Math.round(100 * found.ours.fastest) / 100,
        "onnxruntime-web's": Math.round(100 * found.theirs.fastest) / 100,
        "ratio, median of pairs": Math.round(100 * found.ratio) / 100,
      }),
    );
    await close();
  }
}

/**
 * Runs in the page: both engines in turn, the same prompt again and again.
 * @param {{ at: string, model: string, files: string[], ids: number[], repeats: number, passes: number }} given `ids` with the first
 *   token
 */
async function race({ at, model, files, ids, repeats, passes }) {
  const [{ default: load, Engine }, runtime] = await Promise.all([import(`${at}wasm/engine.js`), import(`${at}forward/ort.wasm.min.mjs`)]);
  await load({ module_or_path: fetch(`${at}wasm/engine_bg.wasm`) });
  /** @type {Record<string, Uint8Array>} */ const bytes = {};
  for (const path of files) {
    const answer = await fetch(`${at}models/${model}/${path}`);
    if (answer.ok) bytes[path] = new Uint8Array(await answer.arrayBuffer());
  }
  const engine = Engine.load(bytes);
  runtime.env.wasm.numThreads = 1;
  const session = await runtime.InferenceSession.create(`${at}forward/${model}.onnx`, { executionProviders: ["wasm"] });
  const feed = { ids: new runtime.Tensor("int64", BigInt64Array.from(ids.map(BigInt)), [1, ids.length]) };
  /** @type {[number, number][]} */ const pairs = [];
  const tokens = { ours: -1, theirs: -1 };
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    for (let pass = 0; pass < passes; pass++) tokens.ours = (await engine.next(new Uint32Array(ids)))[0].id;
    const between = performance.now();
    for (let pass = 0; pass < passes; pass++) {
      const { data } = (await session.run(feed)).logits;
      if (i === 0) tokens.theirs = data.indexOf(Math.max(...data));
    }
    pairs.push([(between - start) / passes, (performance.now() - between) / passes]);
  }
  const fastest = (/** @type {0 | 1} */ which) => Math.min(...pairs.map((pair) => pair[which]));
  const ratios = pairs.map(([ours, theirs]) => ours / theirs).sort((a, b) => a - b);
  return {
    ours: { token: tokens.ours, fastest: fastest(0) },
    theirs: { token: tokens.theirs, fastest: fastest(1) },
    ratio: ratios[ratios.length >> 1],
  };
}
