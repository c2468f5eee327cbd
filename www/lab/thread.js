// The worker's thread as the page has it: begun, watched, and ended; what it says is passed on as long as it lives.

/** @import { FromWorker, ToWorker } from "./messages.js" */

import { startWorker } from "./start-worker.js";
import { Watchdog } from "./watchdog.js";

export class Thread {
  /** @type {Worker | undefined} */ #worker;

  /**
   * @param {object} does
   * @param {(message: FromWorker) => void} does.hear
   * @param {(seconds: number) => void} does.late as the watchdog's
   * @param {(sentence: string) => void} does.ended it ended unexpectedly, or was ended
   * @param {(sentence: string) => void} does.refused none may be begun here
   */
  constructor(does) {
    this.does = does;
    this.watchdog = new Watchdog({
      ask: () => this.say({ type: "beat" }),
      late: does.late,
      dead: (seconds) => this.#lose(`The engine did not answer for ${seconds} s.`),
    });
  }

  get runs() {
    return this.#worker !== undefined;
  }

  /** In place of one that still runs. */
  begin() {
    this.end();
    let worker;
    try {
      worker = startWorker("engine");
    } catch (error) {
      return this.does.refused(/** @type {Error} */ (error).message);
    }
    this.#worker = worker;
    worker.onmessage = (/** @type {MessageEvent<FromWorker>} */ { data }) => {
      if (worker !== this.#worker) return;
      this.watchdog.heard(data.type === "graph");
      this.does.hear(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      console.info(`The worker ended: ${event.message}`); // for those who build this
      if (worker === this.#worker) this.#lose("The engine stopped unexpectedly.");
    };
    worker.onmessageerror = () => worker === this.#worker && this.#lose("The engine said something that could not be read.");
    this.watchdog.start();
  }

  /** What is said to nobody is lost: whoever begins the next one says what matters. @param {ToWorker} message */
  say(message) {
    this.#worker?.postMessage(message);
  }

  end() {
    this.watchdog.stop();
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  /** @param {string} sentence */
  #lose(sentence) {
    this.end();
    this.does.ended(sentence);
  }
}
