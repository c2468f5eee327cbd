// One job at a time, the most urgent first, with room for messages between two jobs.

/** @typedef {() => unknown} Job */

/**
 * The engine can do one thing at a time, and a visitor may ask for many: each kind of work has one place
 * here, and a newer job takes the place of an older one of its kind that has not begun.
 */
export class Schedule {
  /** @type {Map<string, Job>} */
  #waiting = new Map();
  #running = false;

  /**
   * @param {readonly string[]} order kinds of work, most urgent first
   * @param {(error: unknown) => void} onError told of what a job throws; the next job runs all the same
   */
  constructor(order, onError) {
    this.order = order;
    this.onError = onError;
  }

  /**
   * @param {string} kind one of the kinds in `order`
   * @param {Job} job
   */
  put(kind, job) {
    this.#waiting.set(kind, job);
    if (!this.#running) void this.#run();
  }

  /** @param {string} kind */
  drop(kind) {
    this.#waiting.delete(kind);
  }

  async #run() {
    this.#running = true;
    for (let kind = this.#next(); kind; kind = this.#next()) {
      const job = this.#waiting.get(kind);
      this.#waiting.delete(kind);
      try {
        await job?.();
      } catch (error) {
        this.onError(error);
      }
      await messages();
    }
    this.#running = false;
  }

  #next() {
    return this.order.find((kind) => this.#waiting.has(kind));
  }
}

const channel = new MessageChannel();

/** Lets messages that have come in meanwhile be delivered. (`setTimeout` would wait 4 ms.) */
function messages() {
  return new Promise((resolve) => {
    channel.port1.onmessage = resolve;
    channel.port2.postMessage(0);
  });
}
