// Which engine is faster on this machine: a short measurement, one trace at a time.

/** @import { Engine, TraceOptions } from "../lab/engine-api.js" */

const WARM_UP = 2;
const COUNTED = 5;

/** A measurement of two or more engines on one prompt; `step` until it says true. */
export class Race {
  /** @type {number[][]} milliseconds, one list an engine */
  #times;
  #turn = 0;

  /**
   * @param {Engine[]} engines
   * @param {Uint32Array} ids
   * @param {TraceOptions} options
   */
  constructor(engines, ids, options) {
    this.engines = engines;
    this.ids = ids;
    this.options = options;
    this.#times = engines.map(() => []);
  }

  /** One trace on one engine, the engines taking turns; true when all are measured. */
  async step() {
    const which = this.#turn % this.engines.length;
    const start = performance.now();
    const trace = await this.engines[which].trace(this.ids, this.options);
    const time = performance.now() - start;
    trace.free();
    if (this.#turn >= WARM_UP * this.engines.length) this.#times[which].push(time);
    this.#turn += 1;
    return this.#turn === (WARM_UP + COUNTED) * this.engines.length;
  }

  /** Median milliseconds of each engine. */
  get medians() {
    return this.#times.map((times) => times.toSorted((a, b) => a - b)[times.length >> 1]);
  }
}
