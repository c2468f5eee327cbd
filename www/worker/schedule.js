// One job at a time for all sessions: what was asked for before what goes on by itself, what is on screen before what is not.

/** @typedef {() => unknown} Job */
/** @typedef {(error: unknown) => void} OnError */

/** What frees what a seat had; nothing is more urgent, since memory waits for it. */
const END = "end";

/**
 * The engine can do one thing at a time, and visitors may ask for many. Whoever has work takes a seat. Of the seats that have a job
 * equally urgent, the one that waited longest is next.
 */
export class Schedule {
  /** @type {Set<Seat>} */ #seats = new Set();
  #running = false;
  #turns = 0;

  /**
   * @param {readonly string[]} asked kinds of work that somebody waits for, most urgent first
   * @param {readonly string[]} background kinds of work that goes on by itself, after all that is asked, and not for what is suspended
   */
  constructor(asked, background) {
    this.asked = [END, ...asked];
    this.background = background;
  }

  /** @param {OnError} onError told of what a job of this seat throws; the next job runs all the same */
  seat(onError) {
    const seat = new Seat(() => this.#wake(), onError);
    this.#seats.add(seat);
    return seat;
  }

  #wake() {
    if (!this.#running) void this.#run();
  }

  async #run() {
    this.#running = true;
    for (let next = this.#next(); next; next = this.#next()) {
      const { seat, kind } = next;
      seat.served = this.#turns += 1;
      if (kind === END) this.#seats.delete(seat);
      try {
        await seat.take(kind)?.();
      } catch (error) {
        seat.onError(error);
      }
      await messages();
    }
    this.#running = false;
  }

  #next() {
    const seats = [...this.#seats].sort((a, b) => a.served - b.served);
    const shown = seats.filter(({ suspended }) => !suspended);
    const hidden = seats.filter(({ suspended }) => suspended);
    return first(this.asked, shown) ?? first(this.asked, hidden) ?? first(this.background, shown);
  }
}

/** @param {readonly string[]} kinds @param {Seat[]} seats */
function first(kinds, seats) {
  for (const kind of kinds) {
    const seat = seats.find((each) => each.has(kind));
    if (seat) return { seat, kind };
  }
  return undefined;
}

/** One of those that have work. Each kind of work has one place: a newer job takes the place of an older one that has not begun. */
export class Seat {
  /** @type {Map<string, Job>} */ #waiting = new Map();
  #ended = false;
  #suspended = false;
  /** The turn that it had last. */ served = 0;
  #wake;

  /** @param {() => void} wake @param {OnError} onError */
  constructor(wake, onError) {
    this.#wake = wake;
    this.onError = onError;
  }

  /** Whether nobody sees what comes of its work. */
  get suspended() {
    return this.#suspended;
  }

  set suspended(suspended) {
    this.#suspended = suspended;
    this.#wake();
  }

  /** @param {string} kind one of the schedule's kinds @param {Job} job */
  put(kind, job) {
    if (this.#ended) return;
    this.#waiting.set(kind, job);
    this.#wake();
  }

  /** @param {string} kind */
  drop(kind) {
    this.#waiting.delete(kind);
  }

  /** @param {string} kind */
  has(kind) {
    return this.#waiting.has(kind);
  }

  /** The job that waits, which waits no longer. @param {string} kind */
  take(kind) {
    const job = this.#waiting.get(kind);
    this.#waiting.delete(kind);
    return job;
  }

  /** No work of its own any more, but for a last job, between two others. @param {Job} last */
  end(last) {
    if (this.#ended) return;
    this.#ended = true;
    this.#waiting = new Map([[END, last]]);
    this.#wake();
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
