// The model's sample texts: fetched once they are wanted, read slice by slice, asked for what a feature does on them.

/** @import { Engine, SampleFacts, Samples } from "../lab/engine-api.js" */
/** @import { Texts } from "./model.js" */

export class SampleShelf {
  /** @type {() => Promise<Texts | undefined>} */ #fetch = async () => undefined;
  /** @type {Samples | undefined} */ #samples;
  /** Names of the kinds of text. @type {string[]} */ contexts = [];
  /** Share of the tokens on which each feature is active, [layers, features]. @type {Float32Array | undefined} */ frequencies;

  /** @param {() => Promise<Texts | undefined>} fetch of nothing where the model has none */
  from(fetch) {
    this.#fetch = fetch;
  }

  /** What features follow on the answering token, by `layer_index`. @type {Map<string, string>} */ #followed = new Map();
  /** @type {() => Promise<Map<string, string>>} */ #fetchFollowed = async () => new Map();

  /** @param {() => Promise<Map<string, string>>} fetch what features follow on the answering token */
  followedFrom(fetch) {
    this.#fetchFollowed = fetch;
  }

  /** What a feature follows on the answering token, if that is known. @param {number} layer @param {number} index */
  followed(layer, index) {
    return this.#followed.get(`${layer}_${index}`);
  }

  /** Whether that is known of some. */
  get knowsFollowed() {
    return this.#followed.size > 0;
  }

  /** Other features are to be read. */
  clear() {
    this.#samples?.free();
    this.#samples = this.frequencies = undefined;
  }

  /** Whether there is no more to read; without texts there never was. */
  get finished() {
    return this.frequencies !== undefined;
  }

  get progress() {
    return { done: this.#samples?.done ?? 0, total: this.#samples?.total ?? 0 };
  }

  /** Reads a slice; true when no more is to come. @param {Engine} engine */
  async step(engine) {
    if (!this.#samples) {
      const texts = await this.#fetch();
      if (!texts) return true; // the panel says that there are none
      this.#followed = await this.#fetchFollowed();
      const { contexts } = texts;
      this.contexts = contexts.map(({ name }) => name);
      const prompts = contexts.flatMap((context, i) => context.prompts.map((ids) => ({ i, ids })));
      const flat = prompts.flatMap(({ ids }) => ids);
      this.#samples = engine.samples(
        Uint32Array.from(prompts, ({ i }) => i),
        Uint32Array.from(prompts, ({ ids }) => ids.length),
        Uint32Array.from(flat),
      );
    }
    if (!(await this.#samples.step())) return false;
    this.frequencies = this.#samples.frequencies();
    return true;
  }

  /** @param {number} layer @param {number} index @returns {SampleFacts | undefined} nothing until all is read */
  feature(layer, index) {
    return this.finished ? this.#samples?.feature(layer, index) : undefined;
  }
}
