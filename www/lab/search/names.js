// Asks for the names of all features, a few at a time, while somebody looks for one: the engine reads them off the sample texts.

/** @import { Lab } from "../lab.js" */
/** @import { FeaturePlace } from "../messages.js" */

import { sizes } from "./entries.js";

const SLICE = 24; // each takes the engine some milliseconds, in which it answers nothing else

export class NameReader {
  /** How many of the model's features were asked for, in the order of layers. */ #asked = 0;
  /** Of which model and transcoder. */ #whose = "";

  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
  }

  /** How many features there are, and of how many it is known whether they have a name; nothing without an engine. */
  get progress() {
    const size = this.lab.isLive ? sizes(this.lab) : undefined;
    if (!size) return undefined;
    const total = size.layers * size.features_per_layer;
    return { read: this.#whose === this.#now ? Math.min(this.#asked, total) : 0, total };
  }

  get #now() {
    const { model, address } = this.lab;
    return `${model} ${address.transcoder}`;
  }

  /** Asks for the next ones whose names are not here. */
  next() {
    const { lab } = this;
    const size = lab.isLive && lab.features.ready ? sizes(lab) : undefined;
    if (!size) return;
    if (this.#whose !== this.#now) [this.#whose, this.#asked] = [this.#now, 0];
    /** @type {FeaturePlace[]} */ const wanted = [];
    const { features_per_layer: across } = size;
    for (; this.#asked < size.layers * across && wanted.length < SLICE; this.#asked++) {
      const [layer, index] = [Math.floor(this.#asked / across), this.#asked % across];
      if (lab.features.labelOf(`${layer}_${index}`) === undefined) wanted.push({ layer, index, position: 0 });
    }
    if (wanted.length > 0) lab.features.wantLabels(wanted);
  }
}
