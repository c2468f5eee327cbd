// A model: what its site and its manifest say of it, and what is made of its files, once for all sessions.

/** @import { EngineModule, Tokenizer, TokenizerModule } from "../lab/engine-api.js" */
/** @import { Manifest, Transcoder } from "../lab/messages.js" */
/** @import { Progress } from "./download.js" */
/** @import { House } from "./loaded.js" */

import { faultOfFeatures, faultOfSamples } from "../lab/manifest.js";
import { folderOf, OWN, transcodersOf } from "../lab/model-files.js";
import { downloadModel } from "./download.js";
import { Failure, sentenceOf } from "./failure.js";
import { Loaded } from "./loaded.js";
import { loadWasm } from "./wasm.js";

/**
 * The model's sample texts, as ids without the first token that all prompts share. @typedef {{ contexts: { name: string, prompts:
 * number[][] }[] }} Texts
 */

export class Model {
  /** What is loaded of it, or on its way. @type {Map<Transcoder, Loaded>} */ #loaded = new Map();
  #wanted = Promise.withResolvers();
  /** Begun with the first engine. @type {Promise<Tokenizer> | undefined} */ #tokenizer;
  /** The same once it is here. @type {Tokenizer | undefined} */ readyTokenizer;

  /**
   * @param {URL} folder with a slash at its end
   * @param {string} name the folder's
   * @param {string[]} models all on this site
   * @param {Manifest} manifest
   * @param {Promise<EngineModule>} module
   * @param {House} house
   */
  constructor(folder, name, models, manifest, module, house) {
    this.folder = folder;
    this.name = name;
    this.models = models;
    this.manifest = manifest;
    this.module = module;
    this.house = house;
  }

  /** What the engine reads of the model with one kind of transcoder. @param {Transcoder} kind */
  filesOf(kind) {
    return this.manifest.files.filter(({ path }) => OWN.test(path) || path.startsWith(folderOf(kind)));
  }

  /** @param {Transcoder} kind */
  has(kind) {
    return transcodersOf(this.manifest).includes(kind);
  }

  /** What a second worker needs to load the same. @param {Transcoder} kind */
  source(kind) {
    return { folder: this.folder.href, files: this.filesOf(kind), kind };
  }

  /** @param {Transcoder} kind @param {(progress: Progress) => void} onProgress */
  download(kind, onProgress) {
    return downloadModel(this.folder, this.filesOf(kind), onProgress);
  }

  /**
   * Uses it with one kind of transcoder, until that is released again. Those who ask while it is on its way share one download.
   * @param {Transcoder} kind @param {(progress: Progress) => void} [onProgress]
   */
  take(kind, onProgress = () => {}) {
    let loaded = this.#loaded.get(kind);
    if (!loaded) {
      const made = new Loaded(this, kind, this.house, () => this.#forget(made));
      this.#loaded.set(kind, (loaded = made));
      made.ready.catch(() => this.#forget(made)); // whoever asks again has it tried again
    }
    return loaded.hold(onProgress);
  }

  /** @param {Loaded} loaded */
  #forget(loaded) {
    if (this.#loaded.get(loaded.kind) === loaded) this.#loaded.delete(loaded.kind);
    if (this.#loaded.size > 0) return;
    this.readyTokenizer?.free(); // nothing is left that it was read with
    this.#tokenizer = this.readyTokenizer = undefined;
  }

  /** The tokenizer's module is large, and the first graph of an example needs none: it leaves the line to the weights until now. */
  wantTokenizer() {
    this.#wanted.resolve(undefined);
  }

  /** The prompt's ids, where it is one of the examples. @param {string | undefined} prompt nothing: the first of them */
  exampleOf(prompt) {
    const { examples } = this.manifest;
    return prompt === undefined ? examples[0] : examples.find((each) => each.prompt === prompt);
  }

  /** Begins to make the tokenizer, unless there is one. @param {Promise<Uint8Array> | undefined} json its file */
  readTokenizer(json) {
    if (this.#tokenizer) return;
    const coming = loadTokenizer(json, this.#wanted.promise);
    this.#tokenizer = coming;
    coming.then(
      (made) => (this.#tokenizer === coming ? (this.readyTokenizer = made) : made.free()),
      () => {},
    );
  }

  /** Rejected where it does not arrive. */
  get tokenizer() {
    return this.#tokenizer ?? Promise.reject(new Failure("tokenizer", "The model was let go.", "Reload the page to try again."));
  }

  /** @returns {Promise<Texts | undefined>} nothing where the model has none, or where they do not arrive */
  texts() {
    return this.#small("samples.json", faultOfSamples, "what features do on sample texts is not known");
  }

  /** What features of the cross-layer transcoder follow on the answering token, by `layer_index`; empty where that is not known. */
  async followed() {
    const found = await this.#small("features.json", faultOfFeatures, "some features have poorer names");
    const pairs = (found ?? []).map((/** @type {any} */ { layer, index, name }) => [`${layer}_${index}`, name]);
    return new Map(/** @type {[string, string][]} */ (pairs));
  }

  /**
   * A small JSON file beside the model; nothing where it has none, or where that does not arrive.
   * @param {string} path @param {(value: any) => string | undefined} faultOf @param {string} without what is so without it
   */
  async #small(path, faultOf, without) {
    const file = this.manifest.files.find((each) => each.path === path);
    const bytes = await (file && downloadModel(this.folder, [file], () => {}).get(file.path))?.catch(() => undefined);
    if (!bytes) return undefined;
    const fail = (/** @type {string} */ fault) => new Failure("engine", `${path} ${fault}.`, `Graphs are not affected; ${without}.`);
    let value;
    try {
      value = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      throw fail("is not valid JSON");
    }
    const fault = faultOf(value);
    if (fault) throw fail(fault);
    return value;
  }
}

/** @param {Promise<Uint8Array> | undefined} json @param {Promise<unknown>} wanted @returns {Promise<Tokenizer>} */
async function loadTokenizer(json, wanted) {
  const advice = "The examples still work; other prompts need the tokenizer.";
  if (!json) throw new Failure("tokenizer", "The manifest names no tokenizer.json.", advice);
  let module, bytes;
  json.catch(() => {}); // it is told where it is awaited
  await wanted;
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
