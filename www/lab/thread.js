// The worker's thread as the page has it: begun, watched, and ended; what it says is passed on as long as it lives.

/** @import { Heard, Sent } from "./messages.js" */

import { startWorker, whyNotStarted } from "./start-worker.js";
import { Watchdog } from "./watchdog.js";

export class Thread {
  /** @type {Worker | undefined} */ #worker;
  /** Whether it has said anything. */
  #heard = false;

  /**
   * @param {object} does
   * @param {(message: Heard) => void} does.hear
   * @param {(seconds: number) => void} does.late as the watchdog's
   * @param {(sentence: string) => void} does.ended it ended unexpectedly, or was ended
   * @param {(sentence: string) => void} does.refused it was begun, and may not run here
   */
  constructor(does) {
    this.does = does;
    this.watchdog = new Watchdog({
      ask: () => this.say({ type: "beat", session: 0 }),
      late: does.late,
      dead: (seconds) => this.#lose(`The engine did not answer for ${seconds} s.`),
    });
  }

  get runs() {
    return this.#worker !== undefined;
  }

  /** @throws {Error} with a sentence, where none may be begun */
  begin() {
    const worker = startWorker("engine");
    this.#worker = worker;
    this.#heard = false;
    worker.onmessage = (/** @type {MessageEvent<Heard>} */ { data }) => {
      if (worker !== this.#worker) return;
      this.#heard = true;
      this.watchdog.heard(data.type === "graph");
      this.does.hear(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      console.info(`The worker ended: ${event.message}`); // for those who build this
      if (worker === this.#worker) void this.#failed(worker);
    };
    worker.onmessageerror = () => worker === this.#worker && this.#lose("The engine said something that could not be read.");
    this.watchdog.start();
  }

  /** It may be that it never began. @param {Worker} worker */
  async #failed(worker) {
    const why = this.#heard ? undefined : await whyNotStarted("engine");
    if (worker !== this.#worker) return;
    if (why === undefined) return this.#lose("The engine stopped unexpectedly.");
    this.end();
    this.does.refused(why);
  }

  /** What is said to nobody is lost: whoever begins the next one says what matters. @param {Sent} message */
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
