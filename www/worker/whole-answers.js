// Answers of several tokens: which answer each token begins, a token of one a step, while nothing more urgent waits.

/** @import { Answer, Engine } from "../lab/engine-api.js" */
/** @import { BegunAnswer, Graph } from "../lab/messages.js" */
/** @import { Seat } from "./schedule.js" */

/** A token that may begin an answer. @typedef {{ id: number, token: string, probability: number }} First */
/** What the model says next after a prompt and more tokens. @typedef {(more: Uint32Array) => Promise<Answer[]>} Next */
/** @typedef {{ first: First, next: Next, into: BegunAnswer[] }} Wanted */

/**
 * @param {Seat} seat
 * @param {string} kind of work
 * @param {Engine} engine
 * @param {{ known: string[], room: number }} model the answers that it was trained to give, and how many tokens more than the prompt's it
 *   can read
 * @param {Wanted[]} wanted
 * @param {() => boolean} stands whether there is still a use for them
 * @param {() => void} finish called once all are found
 */
export function findAnswers(seat, kind, engine, { known, room }, wanted, stands, finish) {
  const left = [...wanted];
  /** The tokens of the answer at hand. @type {Pick<Answer, "id" | "probability">[]} */ let tokens = [];
  const begun = (/** @type {Answer[] | undefined} */ next) =>
    engine.begun(
      known,
      Uint32Array.from(tokens, ({ id }) => id),
      Float32Array.from(tokens, ({ probability }) => probability),
      next && Uint32Array.from(next, ({ id }) => id),
    );
  const step = async () => {
    if (!stands()) return;
    const [at] = left;
    if (!at) return finish();
    if (tokens.length === 0) tokens = [at.first];
    let found = begun(undefined);
    if (found === -1) {
      const next = tokens.length > room ? [] : await at.next(Uint32Array.from(tokens, ({ id }) => id));
      found = begun(next);
      if (typeof found === "number") tokens = [...tokens, next[found]];
    }
    if (typeof found !== "number") {
      const { id, token } = at.first;
      if (found) at.into.push({ ...found, id, token });
      left.shift();
      tokens = [];
    }
    seat.put(kind, step);
  };
  if (known.length > 0) seat.put(kind, step);
}

/** The tokens that a graph names as answers: the most probable, and its targets. @param {Graph} graph @returns {First[]} each once */
export function firstOf({ answers, targets, kind, index, activation }) {
  const logits = kind.length - targets.length;
  // A difference is numbered like a token beyond the vocabulary, which begins nothing.
  const all = [...targets.map((token, i) => ({ id: index[logits + i], token, probability: activation[logits + i] })), ...answers];
  return [...new Map(all.map((first) => [first.id, first])).values()];
}
