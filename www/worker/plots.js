// Operand plots: computed slice by slice in the background, and kept for the templates on show and those seen last.

/** @import { Engine, OperandPlots } from "../lab/engine-api.js" */
/** @import { FeaturePlace, Operands } from "../lab/messages.js" */

import { release } from "./release.js";

const TEMPLATES_KEPT = 4;

export class PlotShelf {
  /** By template; the one used last is last. @type {Map<string, { plots: OperandPlots, engine: Engine }>} */
  #shelf = new Map();
  /** The templates that each user shows, by place. @type {Map<object, Map<string, string>>} */ #shown = new Map();

  /**
   * The prompt's place in the plots of its template, or undefined where it has no two operands.
   * @param {Engine} engine
   * @param {Uint32Array} ids
   * @param {string[]} texts templates that the model knows
   * @param {object} user who shows them now
   * @param {string} at which of the user's graphs
   * @returns {Operands | undefined}
   */
  place(engine, ids, texts, user, at) {
    this.#shown.get(user)?.delete(at);
    const plots = engine.operands(ids, texts);
    if (!plots) return undefined;
    const place = { key: plots.key, a: plots.a, b: plots.b, aPosition: plots.a_position, bPosition: plots.b_position };
    const kept = this.#shelf.get(plots.key);
    if (kept) plots.free();
    this.#shelf.delete(place.key);
    this.#shelf.set(place.key, kept ?? { plots, engine });
    this.#shown.set(user, (this.#shown.get(user) ?? new Map()).set(at, place.key));
    this.#makeRoom();
    return { ...place, ...this.progress(place.key) };
  }

  /** Lets go of those seen longest ago, unless somebody shows them. */
  #makeRoom() {
    const shown = new Set([...this.#shown.values()].flatMap((of) => [...of.values()]));
    for (const key of this.#shelf.keys()) {
      if (this.#shelf.size <= TEMPLATES_KEPT) return;
      if (!shown.has(key)) this.forget(key);
    }
  }

  /** Shows none any more. @param {object} user */
  leave(user) {
    this.#shown.delete(user);
    this.#makeRoom();
  }

  clear() {
    for (const key of this.#shelf.keys()) this.forget(key);
  }

  /** Plots that an engine began which is of no use any more. @param {Engine} engine */
  forgetAllOf(engine) {
    for (const [key, kept] of this.#shelf) if (kept.engine === engine) this.forget(key);
  }

  /** Plots that cannot be computed. @param {string} key */
  forget(key) {
    release(this.#shelf.get(key)?.plots);
    this.#shelf.delete(key);
  }

  /** Whether they are kept still. @param {string} key */
  has(key) {
    return this.#shelf.has(key);
  }

  /** @param {string} key */
  progress(key) {
    const plots = this.#shelf.get(key)?.plots;
    return { done: plots?.done ?? 0, total: plots?.total ?? 0 };
  }

  /**
   * One slice; true when the template is finished (or no longer kept).
   * @param {string} key
   */
  async step(key) {
    const plots = this.#shelf.get(key)?.plots;
    if (!plots || plots.done >= plots.total) return true;
    return plots.step();
  }

  /**
   * What a feature's plot is called, and what it has to do with the two numbers; nothing where no rule describes it.
   * @param {string} key @param {FeaturePlace} place
   */
  named(key, { layer, position, index }) {
    const plots = this.#shelf.get(key)?.plots;
    const words = plots?.label(layer, position, index);
    return plots && words !== undefined ? { words, part: plots.part(layer, position, index) ?? "" } : undefined;
  }

  /**
   * @param {string} key
   * @param {FeaturePlace[]} wanted
   */
  draw(key, wanted) {
    const plots = this.#shelf.get(key)?.plots;
    if (!plots || plots.done < plots.total) return undefined;
    return wanted.map(({ layer, position, index }) => {
      const { pixels, max } = plots.plot(layer, position, index);
      return { layer, position, index, pixels, max, label: plots.label(layer, position, index) };
    });
  }
}
