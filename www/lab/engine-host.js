// One engine a page: the worker that all labs of a page share, each with a session of its own.

/** @import { FromWorker, Heard, Sent, ToWorker } from "./messages.js" */

import { BUILD } from "./build.js";
import { Thread } from "./thread.js";

/** How long the worker stays when nobody uses it: who closes one graph may open the next. */
const GRACE_MS = 2000;

/**
 * What one hears of a session.
 * @typedef {object} Hears
 * @property {(message: FromWorker) => void} hear
 * @property {(seconds: number) => void} late the worker has not answered for so long; 0: it does again
 * @property {(sentence: string) => void} ended the worker ended unexpectedly, and the session with it
 * @property {(sentence: string) => void} refused no worker may run here
 */

export class EngineHost {
  /** By their numbers, which are never used again. @type {Map<number, Session>} */ #sessions = new Map();
  #last = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #grace;
  /** Whether a worker ended that may have used the GPU: none uses it in this visit. */
  avoidsGpu = false;
  #thread = new Thread({
    hear: (message) => this.#hear(message),
    late: (seconds) => {
      for (const { hears } of this.#sessions.values()) hears.late(seconds);
    },
    ended: (sentence) => this.#endAll((hears) => hears.ended(sentence)),
    refused: (sentence) => this.#endAll((hears) => hears.refused(sentence)),
  });

  /** Opens one; the first of a page starts the worker. Where none may start, that is told, and the session has ended. @param {Hears} hears */
  session(hears) {
    clearTimeout(this.#grace);
    const number = (this.#last += 1);
    const session = new Session(number, hears, {
      say: (message) => this.#thread.say(message),
      close: () => this.#close(number),
      isOpen: () => this.#sessions.has(number),
    });
    try {
      if (!this.#thread.runs) this.#thread.begin();
    } catch (error) {
      hears.refused(/** @type {Error} */ (error).message);
      return session;
    }
    this.#sessions.set(number, session);
    this.#thread.watchdog.expect();
    this.#thread.say({ session: number, type: "open session" });
    return session;
  }

  /** @param {Heard} message */
  #hear(message) {
    // A closed session's last words come after it.
    if (message.type !== "beat") this.#sessions.get(message.session)?.hears.hear(message);
  }

  /** @param {number} number */
  #close(number) {
    if (!this.#sessions.delete(number)) return;
    this.#thread.say({ session: number, type: "close session" });
    if (this.#sessions.size === 0) this.#grace = setTimeout(() => this.#thread.end(), GRACE_MS);
  }

  /** Each of them may open a new one when it hears of it. @param {(hears: Hears) => void} notify */
  #endAll(notify) {
    clearTimeout(this.#grace);
    const all = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const { hears } of all) notify(hears);
  }
}

/** One lab's part of the worker. */
export class Session {
  #way;

  /**
   * @param {number} number
   * @param {Hears} hears
   * @param {{ say: (message: Sent) => void, close: () => void, isOpen: () => boolean }} way
   */
  constructor(number, hears, way) {
    this.number = number;
    this.hears = hears;
    this.#way = way;
  }

  /** Whether somebody answers. */
  get isOpen() {
    return this.#way.isOpen();
  }

  /** What is said after its end is lost: whoever opens the next one says what matters. @param {ToWorker} message */
  say(message) {
    if (this.isOpen) this.#way.say({ session: this.number, ...message });
  }

  /** Nobody sees it: nothing goes on in it that nobody waits for. */
  suspend() {
    if (this.isOpen) this.#way.say({ session: this.number, type: "suspend" });
  }

  resume() {
    if (this.isOpen) this.#way.say({ session: this.number, type: "resume" });
  }

  close() {
    this.#way.close();
  }
}

const onPage = /** @type {Record<symbol, EngineHost | undefined>} */ (/** @type {unknown} */ (globalThis));

/**
 * The page's, whichever copy of this module asks first: elements and labs come in bundles of their own, and a worker and a GPU are what a
 * page has once. Copies of another build speak another language with their worker, and keep to themselves. It holds nothing while there is
 * no session.
 */
export const host = (onPage[Symbol.for(`attograph.host.${BUILD}`)] ??= new EngineHost());
