// Operand plots: computed slice by slice in the background, and kept for the templates seen last.

/** @import { Engine, OperandPlots } from "../lab/engine-api.js" */
/** @import { FeaturePlace, Operands } from "../lab/messages.js" */

const TEMPLATES_KEPT = 4;

export class PlotShelf {
  /** @type {Map<string, OperandPlots>} by template; the one used last is last */
  #shelf = new Map();

  /**
   * The prompt's place in the plots of its template, or undefined where it has no two operands.
   * @param {Engine} engine
   * @param {Uint32Array} ids
   * @param {string[]} texts templates that the model knows
   * @returns {Operands | undefined}
   */
  place(engine, ids, texts) {
    const plots = engine.operands(ids, texts);
    if (!plots) return undefined;
    const place = { key: plots.key, a: plots.a, b: plots.b, aPosition: plots.a_position, bPosition: plots.b_position };
    const kept = this.#shelf.get(plots.key);
    if (kept) plots.free();
    this.#shelf.delete(place.key);
    this.#shelf.set(place.key, kept ?? plots);
    const [oldest] = this.#shelf.keys();
    if (this.#shelf.size > TEMPLATES_KEPT) {
      this.#shelf.get(oldest)?.free();
      this.#shelf.delete(oldest);
    }
    return { ...place, ...this.progress(place.key) };
  }

  clear() {
    for (const plots of this.#shelf.values()) plots.free();
    this.#shelf.clear();
  }

  /** Plots that cannot be computed. @param {string} key */
  forget(key) {
    this.#shelf.get(key)?.free();
    this.#shelf.delete(key);
  }

  /** @param {string} key */
  progress(key) {
    const plots = this.#shelf.get(key);
    return { done: plots?.done ?? 0, total: plots?.total ?? 0 };
  }

  /**
   * One slice; true when the template is finished (or no longer kept).
   * @param {string} key
   */
  async step(key) {
    const plots = this.#shelf.get(key);
    if (!plots || plots.done >= plots.total) return true;
    return plots.step();
  }

  /**
   * @param {string} key
   * @param {FeaturePlace[]} wanted
   */
  draw(key, wanted) {
    const plots = this.#shelf.get(key);
    if (!plots || plots.done < plots.total) return undefined;
    return wanted.map(({ layer, position, index }) => {
      const { pixels, max } = plots.plot(layer, position, index);
      return { layer, position, index, pixels, max, label: plots.label(layer, position, index) };
    });
  }
}
