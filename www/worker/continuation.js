// What the model goes on to say: its most probable token again and again, one a step.

/** @import { Answer, Engine, Tokenizer } from "../lab/engine-api.js" */
/** @import { Said } from "../lab/messages.js" */
/** @import { Seat } from "./schedule.js" */

const MOST_TOKENS = 24;

/**
 * How many more tokens the model can read, with one that may be put in front.
 * @param {Engine} engine
 * @param {Uint32Array} ids of the prompt
 */
export function roomAfter(engine, ids) {
  return engine.describe().context - 1 - ids.length;
}

export class Continuation {
  /** @type {Answer[]} */ tokens = [];

  /**
   * @param {(more: Uint32Array) => Promise<Answer[]>} next the most probable tokens after so many more
   * @param {Engine} engine
   * @param {Uint32Array} ids of the prompt
   */
  constructor(next, engine, ids) {
    this.next = next;
    this.engine = engine;
    this.room = Math.min(MOST_TOKENS, roomAfter(engine, ids));
  }

  /** Says one more token; true when it was the last. */
  async step() {
    if (this.room <= 0) return true;
    const [next] = await this.next(Uint32Array.from(this.tokens, ({ id }) => id));
    this.tokens = [...this.tokens, next];
    return this.tokens.length >= this.room || this.engine.is_special(next.id);
  }
}

/**
 * What is said as texts that can be shown and typed. Without a tokenizer none of them can be typed yet.
 * @param {Engine} engine
 * @param {Tokenizer | undefined} tokenizer
 * @param {string} prompt
 * @param {Uint32Array} ids of the prompt
 * @param {Answer[]} tokens
 * @returns {Said[]}
 */
export function asText(engine, tokenizer, prompt, ids, tokens) {
  const { context } = engine.describe();
  const more = Uint32Array.from(tokens, ({ id }) => id);
  let end = 0;
  return engine.pieces(more).map(({ text, tokens: count, whole }) => {
    const probabilities = tokens.slice(end, end + count).map(({ probability }) => probability);
    end += count;
    const added = whole ? tokenizer?.going_on(prompt, ids, more.slice(0, end), context) : undefined;
    return { text, probabilities, prompt: added === undefined ? undefined : prompt + added, whole };
  });
}

/**
 * Says token after token, as long as there is a use for it.
 * @param {Seat} seat
 * @param {string} kind of work
 * @param {Continuation} continuation
 * @param {() => boolean} stands whether there is
 * @param {(tokens: Answer[], done: boolean) => void} hear
 */
export function goOn(seat, kind, continuation, stands, hear) {
  const step = async () => {
    if (!stands()) return;
    const done = await continuation.step();
    if (!stands()) return;
    hear(continuation.tokens, done);
    if (!done) seat.put(kind, step);
  };
  seat.put(kind, step);
}
