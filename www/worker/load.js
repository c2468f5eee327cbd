// Makes an engine on the CPU of a model's files.

/** @import { Engine, EngineModule } from "../lab/engine-api.js" */
/** @import { Transcoder } from "../lab/messages.js" */

import { folderOf } from "../lab/model-files.js";
import { sentenceOf } from "./failure.js";

/** Where the engine looks for the transcoder, whichever it is. */
const TRANSCODER = folderOf("cross-layer");

/**
 * @param {EngineModule | Promise<EngineModule>} module
 * @param {Map<string, Promise<Uint8Array>>} downloads
 * @param {Transcoder} kind
 * @returns {Promise<Engine>}
 */
export async function loadEngine(module, downloads, kind) {
  const files = await collect(downloads, kind);
  const { Engine } = await module;
  try {
    return Engine.load(files);
  } catch (error) {
    throw new Error(sentenceOf(error).replaceAll(TRANSCODER, folderOf(kind))); // files by the names they have here
  }
}

/**
 * What the engine reads. Of the tokenizer it takes only the names of tokens, and does without where that
 * file is missing; the tokenizer itself, a large module, is not waited for.
 * @param {Map<string, Promise<Uint8Array>>} downloads
 * @param {Transcoder} kind
 */
async function collect(downloads, kind) {
  /** @type {Record<string, Uint8Array>} */
  const files = {};
  const take = async (/** @type {string} */ path, /** @type {Promise<Uint8Array>} */ bytes) => {
    try {
      files[path.replace(folderOf(kind), TRANSCODER)] = await bytes;
    } catch (error) {
      if (path !== "tokenizer.json") throw error;
    }
  };
  await Promise.all([...downloads].map(([path, bytes]) => take(path, bytes)));
  return files;
}
