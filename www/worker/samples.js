// The model's sample texts: fetched once they are wanted, read slice by slice, asked for what a feature does on them.

/** @import { Engine, SampleFacts, Samples } from "../app/engine-api.js" */

/** @typedef {{ contexts: { name: string, prompts: number[][] }[] }} Texts samples.json: ids without the first token that all prompts share */

export class SampleShelf {
  /** @type {(() => Promise<Uint8Array> | undefined) | undefined} */ #fetch;
  /** @type {Samples | undefined} */ #samples;
  /** Names of the kinds of text. @type {string[]} */ contexts = [];
  /** Share of the tokens on which each feature is active, [layers, features]. @type {Float32Array | undefined} */ frequencies;

  /** @param {(() => Promise<Uint8Array> | undefined) | undefined} fetch nothing: the model has none */
  from(fetch) {
    this.#fetch = fetch;
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
      const bytes = await this.#fetch?.()?.catch(() => undefined);
      if (!bytes) return true; // the panel says that there are none
      const { contexts } = /** @type {Texts} */ (JSON.parse(new TextDecoder().decode(bytes)));
      this.contexts = contexts.map(({ name }) => name);
      const prompts = contexts.flatMap((context, i) => context.prompts.map((ids) => ({ i, ids })));
      const flat = prompts.flatMap(({ ids }) => ids);
      this.#samples = engine.samples(Uint32Array.from(prompts, ({ i }) => i), Uint32Array.from(prompts, ({ ids }) => ids.length), Uint32Array.from(flat));
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
