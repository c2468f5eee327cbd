// The models of the site that sessions use: each is opened once.

/** @import { EngineModule } from "../lab/engine-api.js" */
/** @import { House } from "./loaded.js" */

import { urlOf } from "../lab/delivery.js";
import { faultOfIndex, faultOfManifest } from "../lab/manifest.js";
import { fetchJson } from "./download.js";
import { Failure } from "./failure.js";
import { Model } from "./model.js";
import { loadWasm } from "./wasm.js";

export class Models {
  /** By the name that was asked for. @type {Map<string, Promise<Model>>} */ #open = new Map();
  /** The engine's code. @type {Promise<EngineModule> | undefined} */ #module;

  /** @param {House} house */
  constructor(house) {
    this.house = house;
  }

  /** Fetched with the first model; whoever asks again after a failure has it tried again. */
  get module() {
    if (this.#module) return this.#module;
    const coming = /** @type {Promise<EngineModule>} */ (loadWasm("engine"));
    coming.catch(() => (this.#module = undefined)); // whoever awaits it hears of it
    return (this.#module = coming);
  }

  /** Reads what the site says of a model; the engine's code is fetched meanwhile. @param {string} wanted empty: the site's first */
  open(wanted) {
    const known = this.#open.get(wanted);
    if (known) return known;
    const coming = this.#read(wanted);
    coming.catch(() => this.#open.delete(wanted));
    this.#open.set(wanted, coming);
    return coming;
  }

  /** @param {string} wanted */
  async #read(wanted) {
    const { module } = this;
    const folder = urlOf("models/");
    const { models } = /** @type {{ models: string[] }} */ (
      await fetchJson(new URL("index.json", folder), "models/index.json", faultOfIndex)
    );
    const name = wanted || models[0];
    if (!models.includes(name))
      throw new Failure("model", `There is no model called “${name}” here.`, `Models on this site: ${models.join(", ")}.`);
    if (!wanted) {
      // The site's first may have been asked for by its name.
      const known = this.#open.get(name);
      if (known) return known;
      const own = this.#open.get(wanted);
      if (own) this.#open.set(name, own);
    }
    const own = new URL(`${name}/`, folder);
    const manifest = await fetchJson(new URL("manifest.json", own), "manifest.json", faultOfManifest);
    return new Model(own, name, models, manifest, module, this.house);
  }
}
