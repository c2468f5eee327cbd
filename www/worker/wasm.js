// Loads the wasm modules, also where the host sends them with the wrong MIME type.

import { importFile, urlOf } from "../lab/delivery.js";
import { get, RELOAD } from "./download.js";
import { Failure, sentenceOf } from "./failure.js";

/** @import { EngineModule, TokenizerModule } from "../lab/engine-api.js" */

/**
 * A type that another one is: with it the type check fails where the modules offer anything else than the page believes.
 * @template {Expected} Given
 * @template Expected
 * @typedef {Given} Agrees
 */
/** @typedef {Agrees<typeof import("../wasm/engine.js"), EngineModule>} EngineAgrees */
/** @typedef {Agrees<typeof import("../wasm/tokenizer.js"), TokenizerModule>} TokenizerAgrees */

/**
 * Loads a wasm module's JavaScript and compiles it.
 * @param {string} name "engine" or "tokenizer"
 * @returns {Promise<any>} the module's exports, ready for use
 */
export async function loadWasm(name) {
  const binary = `wasm/${name}_bg.wasm`;
  try {
    const [exports, compiled] = await Promise.all([importFile(`wasm/${name}.js`), compile(urlOf(binary), binary)]);
    await exports.default({ module_or_path: compiled });
    return exports;
  } catch (error) {
    if (error instanceof Failure) throw error;
    const why = sentenceOf(error).replace(/\.$/, "");
    throw new Failure(name === "tokenizer" ? "tokenizer" : "model", `wasm/${name}.js could not be started (${why}).`, RELOAD);
  }
}

/**
 * @param {URL} url
 * @param {string} name
 */
async function compile(url, name) {
  const response = await get(url, name, "default");
  if (response.headers.get("Content-Type")?.startsWith("application/wasm")) {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}
