// A failure that a visitor can be told about: what went wrong, and what to do.

/** @import { Subject } from "../lab/messages.js" */

export class Failure extends Error {
  /**
   * @param {Subject} about
   * @param {string} sentence
   * @param {string} advice
   */
  constructor(about, sentence, advice) {
    super(sentence);
    this.about = about;
    this.advice = advice;
  }

  /**
   * @param {unknown} error whatever was thrown
   * @param {Subject} about what was being done
   * @param {string} advice
   */
  static from(error, about, advice) {
    if (error instanceof Failure) return error;
    return new Failure(about, sentenceOf(error), advice);
  }
}

/** @param {unknown} error */
export function sentenceOf(error) {
  const text = (error instanceof Error ? error.message : String(error)).trim();
  if (error instanceof WebAssembly.RuntimeError) {
    return `The engine stopped unexpectedly (${text}).`;
  }
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
