// Whether the worker still answers. It is asked every second, and whatever it says is a sign of life.

const TICK_MS = 1000;

/**
 * Seconds without a word after which it is told, and after which the worker is taken for dead. They are counted in ticks
 * of a timer, as in patience.js. Until its scripts have arrived over a slow line, and until a first graph has shown how
 * fast the machine is, there is more patience; and with a worker that came back after a long silence, too.
 */
const LATE = 4;
const DEAD = { unheard: 60, first: 40, later: 12 };
const MORE = 4; // times the longest silence that ended well

export class Watchdog {
  #silent = 0;
  #longest = 0;
  #heard = false;
  #worked = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #timer;

  /**
   * @param {object} does
   * @param {() => void} does.ask
   * @param {(seconds: number) => void} does.late called every second of a long silence, and with 0 when it is over
   * @param {(seconds: number) => void} does.dead
   */
  constructor(does) {
    this.does = does;
  }

  /** Begins with a new worker. */
  start() {
    this.stop();
    this.#heard = this.#worked = false;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Something is begun whose first graph is to come: there is more patience until then. */
  expect() {
    this.#worked = false;
  }

  stop() {
    clearInterval(this.#timer);
    this.#end();
  }

  /** The worker said something. @param {boolean} worked whether that was the first graph */
  heard(worked) {
    this.#longest = Math.max(this.#longest, this.#silent);
    this.#heard = true;
    this.#worked ||= worked;
    this.#end();
  }

  #end() {
    if (this.#silent > LATE) this.does.late(0);
    this.#silent = 0;
  }

  #tick() {
    if (this.#silent === 0) this.does.ask();
    this.#silent += 1;
    const patience = !this.#heard ? DEAD.unheard : this.#worked ? DEAD.later : DEAD.first;
    if (this.#silent > Math.max(patience, MORE * this.#longest)) {
      const silent = this.#silent - 1;
      this.stop();
      this.does.dead(silent);
    } else if (this.#silent > LATE && this.#heard) this.does.late(this.#silent - 1);
  }
}
