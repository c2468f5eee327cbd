// What the model goes on to say: its most probable token again and again, one a step.

/** @import { Answer, Engine } from "../app/engine-api.js" */

const MOST_TOKENS = 24;
const SPECIAL = /^<[^>\s]+>$/; // <eos> ends a text

export class Continuation {
  /** @type {Answer[]} */ tokens = [];

  /** @param {Engine} engine @param {Uint32Array} ids of the prompt */
  constructor(engine, ids) {
    this.engine = engine;
    this.ids = ids;
    this.room = Math.min(MOST_TOKENS, engine.describe().context - 1 - ids.length);
  }

  /** Says one more token; true when it was the last. */
  async step() {
    if (this.room <= 0) return true;
    const [next] = await this.engine.next(Uint32Array.of(...this.ids, ...this.tokens.map(({ id }) => id)));
    this.tokens = [...this.tokens, next];
    return this.tokens.length >= this.room || SPECIAL.test(next.token);
  }
}
