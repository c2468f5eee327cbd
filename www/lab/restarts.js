// Whether an engine that stopped for good is started again: not again and again, since one prompt may end every one of them.

/** @import { Notice } from "./address-bar.js" */

/** So many times by itself, in so many milliseconds. */
const RESTARTS = { most: 2, within: 120_000 };

export class Restarts {
  /** When engines ended unexpectedly. @type {number[]} */ #ends = [];

  /**
   * An engine has ended.
   * @param {string} sentence how
   * @param {boolean} known whether it had told of its model: without that, it is nothing of the prompt
   * @param {boolean} withGpu whether the next one does without the GPU that this one had: that may be what stopped it
   * @returns {Notice & { again: boolean }} whether another is to be started, and what is told
   */
  ended(sentence, known, withGpu) {
    const now = performance.now();
    this.#ends = [...this.#ends.filter((then) => now - then < RESTARTS.within), now];
    if (known && this.#ends.length <= RESTARTS.most) {
      const advice = `It was started again${withGpu ? ", and traces on the CPU" : ""}. Nothing that you set is lost.`;
      return { again: true, about: "engine", sentence, advice };
    }
    return {
      again: false,
      about: "model",
      sentence: `${sentence} ${known ? "It is not started with this prompt again." : ""}`.trim(),
      advice: known
        ? "Change the prompt, and it begins again; or reload the page."
        : "Reload the page to try again; its address holds what you set.",
    };
  }
}
