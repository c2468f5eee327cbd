// Operand plots that the worker drew, and automatic labels: kept until too many are there.

/** @import { FeaturePlace, NamedPlot } from "./messages.js" */

import { Changes } from "./store.js";

const PLOTS_KEPT = 3000;

export class KeptPlots {
  /** By template and place; oldest first. @type {Map<string, NamedPlot>} */
  #plots = new Map();
  /** Asked for and not yet answered, by key. @type {Map<string, FeaturePlace>} */
  #wanted = new Map();
  /** Templates whose plots are finished. @type {Set<string>} */
  #finished = new Set();
  #arrivals = new Changes();
  #ends = new Changes();

  /** To be read by what draws many of them: how often there were others. */
  get arrivals() {
    return this.#arrivals.seen;
  }

  clear() {
    this.#plots.clear();
    this.#wanted.clear();
    this.#finished.clear();
    this.#arrivals.notify();
    this.#ends.notify();
  }

  /** All of a template are computed. @param {string} key */
  finish(key) {
    if (this.#finished.has(key)) return;
    this.#finished.add(key);
    this.#ends.notify();
  }

  /** Whether all of a template are computed. @param {string} key */
  isFinished(key) {
    return this.#ends.seen >= 0 && this.#finished.has(key);
  }

  /** What was asked for of a template is not wanted any more. */
  forgetWishes() {
    this.#wanted.clear();
  }

  /** @param {string} key @param {FeaturePlace} place */
  at(key, place) {
    return this.arrivals >= 0 ? this.#plots.get(name(key, place)) : undefined;
  }

  /** All that are wanted and not here yet, these places among them. @param {string} key @param {FeaturePlace[]} places */
  want(key, places) {
    for (const place of places) if (!this.at(key, place)) this.#wanted.set(name(key, place), place);
    return [...this.#wanted.values()];
  }

  /** @param {string} key @param {(FeaturePlace & NamedPlot)[]} plots */
  keep(key, plots) {
    for (const plot of plots) {
      this.#plots.set(name(key, plot), { pixels: plot.pixels, max: plot.max, label: plot.label });
      this.#wanted.delete(name(key, plot));
    }
    for (const oldest of this.#plots.keys()) {
      if (this.#plots.size <= PLOTS_KEPT) break;
      this.#plots.delete(oldest);
    }
    this.#arrivals.notify();
  }
}

/** @param {string} key @param {FeaturePlace} place */
function name(key, { layer, position, index }) {
  return `${layer}/${position}/${index}/${key}`;
}
