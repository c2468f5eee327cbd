// The model at hand: what its site and its manifest say of it, and engines and tokenizers made of its files.

/** @import { Engine, EngineModule, Tokenizer, TokenizerModule } from "../lab/engine-api.js" */
/** @import { Manifest, Transcoder } from "../lab/messages.js" */
/** @import { Progress } from "./download.js" */

import { urlOf } from "../lab/delivery.js";
import { faultOfIndex, faultOfManifest, faultOfSamples } from "../lab/manifest.js";
import { folderOf, OWN, transcodersOf } from "../lab/model-files.js";
import { downloadModel, fetchJson } from "./download.js";
import { Failure, sentenceOf } from "./failure.js";
import { loadEngine } from "./load.js";
import { loadWasm } from "./wasm.js";

/**
 * The model's sample texts, as ids without the first token that all prompts share. @typedef {{ contexts: { name: string, prompts:
 * number[][] }[] }} Texts
 */

export class Model {
  /** Where the engine's tokens and features come from now. @type {Transcoder} */ kind = "cross-layer";

  /**
   * @param {URL} folder with a slash at its end
   * @param {string} name the folder's
   * @param {string[]} models all on this site
   * @param {Manifest} manifest
   * @param {Promise<EngineModule>} module
   */
  constructor(folder, name, models, manifest, module) {
    this.folder = folder;
    this.name = name;
    this.models = models;
    this.manifest = manifest;
    this.module = module;
  }

  /** What the engine reads of the model with one kind of transcoder. @param {Transcoder} kind */
  filesOf(kind) {
    return this.manifest.files.filter(({ path }) => OWN.test(path) || path.startsWith(folderOf(kind)));
  }

  /** @param {Transcoder} kind */
  has(kind) {
    return transcodersOf(this.manifest).includes(kind);
  }

  /** What a second worker needs to load the same. */
  get source() {
    return { folder: this.folder.href, files: this.filesOf(this.kind), kind: this.kind };
  }

  /** @param {Transcoder} kind @param {(progress: Progress) => void} [onProgress] */
  download(kind, onProgress = () => {}) {
    return downloadModel(this.folder, this.filesOf(kind), onProgress);
  }

  /** An engine on the CPU. @param {Transcoder} kind @param {Map<string, Promise<Uint8Array>>} [downloads] @returns {Promise<Engine>} */
  engine(kind, downloads = this.download(kind)) {
    return loadEngine(this.module, downloads, kind);
  }

  /** @returns {Promise<Texts | undefined>} nothing where the model has none, or where they do not arrive */
  async texts() {
    const file = this.manifest.files.find(({ path }) => path === "samples.json");
    const bytes = await (file && downloadModel(this.folder, [file], () => {}).get(file.path))?.catch(() => undefined);
    if (!bytes) return undefined;
    let value;
    try {
      value = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      throw new Failure(
        "engine",
        "samples.json is not valid JSON.",
        "Graphs are not affected; what features do on sample texts is not known.",
      );
    }
    const fault = faultOfSamples(value);
    if (fault)
      throw new Failure("engine", `samples.json ${fault}.`, "Graphs are not affected; what features do on sample texts is not known.");
    return value;
  }
}

/** Reads what the site says of a model; the engine's code is fetched meanwhile. @param {string} wanted empty: the site's first */
export async function openModel(wanted) {
  const module = /** @type {Promise<EngineModule>} */ (loadWasm("engine"));
  module.catch(() => {}); // whoever awaits it hears of it
  const folder = urlOf("models/");
  const { models } = /** @type {{ models: string[] }} */ (
    await fetchJson(new URL("index.json", folder), "models/index.json", faultOfIndex)
  );
  const name = wanted || models[0];
  if (!models.includes(name))
    throw new Failure("model", `There is no model called “${name}” here.`, `Models on this site: ${models.join(", ")}.`);
  const own = new URL(`${name}/`, folder);
  const manifest = await fetchJson(new URL("manifest.json", own), "manifest.json", faultOfManifest);
  return new Model(own, name, models, manifest, module);
}

/** @param {Promise<Uint8Array> | undefined} json @returns {Promise<Tokenizer>} */
export async function loadTokenizer(json) {
  const advice = "The examples still work; other prompts need the tokenizer.";
  if (!json) throw new Failure("tokenizer", "The manifest names no tokenizer.json.", advice);
  let module, bytes;
  try {
    module = /** @type {TokenizerModule} */ (await loadWasm("tokenizer"));
    bytes = await json;
  } catch (error) {
    throw new Failure("tokenizer", sentenceOf(error), advice);
  }
  try {
    return new module.Tokenizer(bytes);
  } catch (error) {
    const why = sentenceOf(error);
    throw new Failure("tokenizer", why.includes("tokenizer.json") ? why : `tokenizer.json could not be read: ${why}`, advice);
  }
}
