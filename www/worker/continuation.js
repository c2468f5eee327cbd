// What the model goes on to say: its most probable token again and again, one a step.

/** @import { Answer, Engine } from "../app/engine-api.js" */
/** @import { Schedule } from "./schedule.js" */

const MOST_TOKENS = 24;
const SPECIAL = /^<[^>\s]+>$/; // <eos> ends a text

export class Continuation {
  /** @type {Answer[]} */ tokens = [];

  /** @param {(more: Uint32Array) => Promise<Answer[]>} next the most probable tokens after so many more @param {Engine} engine @param {Uint32Array} ids of the prompt */
  constructor(next, engine, ids) {
    this.next = next;
    this.room = Math.min(MOST_TOKENS, engine.describe().context - 1 - ids.length);
  }

  /** Says one more token; true when it was the last. */
  async step() {
    if (this.room <= 0) return true;
    const [next] = await this.next(Uint32Array.from(this.tokens, ({ id }) => id));
    this.tokens = [...this.tokens, next];
    return this.tokens.length >= this.room || SPECIAL.test(next.token);
  }
}

/**
 * Says token after token, as long as there is a use for it.
 * @param {Schedule} schedule
 * @param {string} kind of work
 * @param {Continuation} continuation
 * @param {() => boolean} stands whether there is
 * @param {(tokens: Answer[], done: boolean) => void} tell
 */
export function goOn(schedule, kind, continuation, stands, tell) {
  const step = async () => {
    if (!stands()) return;
    const done = await continuation.step();
    if (!stands()) return;
    tell(continuation.tokens, done);
    if (!done) schedule.put(kind, step);
  };
  schedule.put(kind, step);
}
