// What the model goes on to say: its most probable token again and again, one a step.

/** @import { Answer } from "../app/engine-api.js" */

const MOST_TOKENS = 24;
const SPECIAL = /^<[^>\s]+>$/; // <eos> ends a text

export class Continuation {
  /** @type {Answer[]} */ tokens = [];

  /** @param {(more: Uint32Array) => Promise<Answer[]>} next the most probable tokens after so many more @param {number} room tokens that the context has left */
  constructor(next, room) {
    this.next = next;
    this.room = Math.min(MOST_TOKENS, room);
  }

  /** Says one more token; true when it was the last. */
  async step() {
    if (this.room <= 0) return true;
    const [next] = await this.next(Uint32Array.from(this.tokens, ({ id }) => id));
    this.tokens = [...this.tokens, next];
    return this.tokens.length >= this.room || SPECIAL.test(next.token);
  }
}
