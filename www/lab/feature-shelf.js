// What is known of features whatever the prompt: facts and automatic labels, asked for once and kept.

/** @import { FeatureLabel, FeaturePlace, FromWorker, ToWorker } from "./messages.js" */

import { Changes, observable } from "./store.js";

/** @typedef {Extract<FromWorker, { type: "feature" }>} KnownFeature */

export class FeatureShelf {
  /** By `layer_index`. @type {Map<string, KnownFeature>} */
  #known = new Map();
  /** @type {Map<string, FeatureLabel>} */
  #labels = new Map();
  /** Asked for and not yet answered. @type {Map<string, { layer: number, index: number }>} */
  #wanted = new Map();
  /** Whether the sample texts are read. */
  ready = false;
  #facts = new Changes();
  #names = new Changes();

  /** @param {(message: ToWorker) => void} say */
  constructor(say) {
    this.say = say;
    observable(this, ["ready"]);
  }

  /** To be read by what shows facts: how often there were others. */
  get facts() {
    return this.#facts.seen;
  }

  /** The same of labels. */
  get names() {
    return this.#names.seen;
  }

  clear() {
    this.#known.clear();
    this.#labels.clear();
    this.#wanted.clear();
    this.ready = false;
    this.#facts.notify();
    this.#names.notify();
  }

  /** What is known of a feature; asked for where something is missing. @param {number} layer @param {number} index */
  known(layer, index) {
    const known = this.facts >= 0 ? this.#known.get(`${layer}_${index}`) : undefined;
    if (!known || (!known.samples && this.ready)) this.say({ type: "feature", layer, index });
    return known;
  }

  /** @param {KnownFeature} known */
  keep(known) {
    this.#known.set(`${known.layer}_${known.index}`, known);
    this.#facts.notify();
  }

  /** @param {FeaturePlace[]} places */
  wantLabels(places) {
    for (const { layer, index } of places)
      if (!this.#labels.has(`${layer}_${index}`)) this.#wanted.set(`${layer}_${index}`, { layer, index });
    if (this.ready && this.#wanted.size > 0) this.say({ type: "labels", wanted: [...this.#wanted.values()] });
  }

  /** @param {FeatureLabel[]} labels */
  keepLabels(labels) {
    for (const each of labels) {
      this.#labels.set(each.key, each);
      this.#wanted.delete(each.key);
    }
    this.#names.notify();
  }

  /** @param {string} key `layer_index` @param {boolean} [atAnswer] whether it stands over the answering token @returns {string | undefined} */
  labelOf(key, atAnswer = false) {
    const known = this.names >= 0 ? this.#labels.get(key) : undefined;
    return (atAnswer && known?.atAnswer) || known?.label || undefined;
  }
}
