// The page's GPU: all engines on it share one device. It is asked for one engine after the other, and left for good where it fails.

/** @import { Engine } from "../lab/engine-api.js" */
/** @import { Engines } from "./engines.js" */

import { within } from "../lab/patience.js";
import { sentenceOf } from "./failure.js";

/** A browser that starts its GPU process answers within two or three. */
const PATIENCE_S = 8;

/** What the engine says where the fault is the GPU's, and not the prompt's. */
const FAULT = /^The GPU |this GPU allows/;
const NONE = /^There is no usable GPU|^This browser has no WebGPU/;

/** Whether an error is the GPU's. @param {unknown} error */
export function isGpuFault(error) {
  return FAULT.test(sentenceOf(error));
}

export class Gpu {
  /** Whether it failed: it is not tried again in this visit. */
  failed = false;
  /** Why it is not used; nothing as long as it may be. */
  #why = "";
  /** The same where readers are to see it beside the engine that runs. */
  note = "";
  /** The last attempt to use it: the next one waits for what comes of it. @type {Promise<void>} */ #attempt = Promise.resolve();
  /** All that may have an engine on it. @type {Set<Engines>} */ users = new Set();

  /** One attempt after the other, so that a GPU that does not answer is asked once. @param {() => Promise<void>} attempt */
  next(attempt) {
    const next = this.#attempt.then(attempt);
    this.#attempt = next.catch(() => {});
    return next;
  }

  /** The same model as a CPU's engine has. @param {Engine} cpu @returns {Promise<Engine | string>} or why there is none */
  async engine(cpu) {
    if (this.failed) return this.#why;
    if (!navigator.gpu) return "This browser has no WebGPU.";
    const loading = cpu.on_gpu();
    try {
      return await within(loading, PATIENCE_S);
    } catch (error) {
      loading.then(
        (late) => late.free(),
        () => {},
      );
      const sentence = sentenceOf(error);
      this.failed = true;
      this.#why = isGpuFault(error) || NONE.test(sentence) ? sentence : "The GPU does not answer.";
      return this.#why;
    }
  }

  /** Tells why it is not used, to those who did not ask for one; not that there is none. @param {string} why */
  noteUnused(why) {
    if (this.failed && !NONE.test(why)) this.note = why;
  }

  /**
   * Lets go of it, wherever it is used.
   * @param {unknown} error what it said
   * @param {object} [by] the user of engines that found out, and sees to itself
   */
  leave(error, by) {
    this.failed = true;
    this.note = this.#why = sentenceOf(error);
    for (const engines of this.users) engines.left(this.note, by);
  }
}
