// Work of a picture that would hold up the page is done a slice a frame, in slices as large as leave the page its frames.

const SIZE = { first: 120, least: 40, most: 1500 };
const FRAME_MS = { fast: 24, slow: 45 };

/**
 * @typedef {{ from: number, to: number, draw: (from: number, end: number) => void, then?: () => void, quick?: number }} Work `draw` is called
 *   for slices from `from` up to `to`; `quick`: how many of its things take as long as a line that is drawn, 1 if not given
 */

export class Slices {
  /** @param {(busy: boolean) => void} [told] hears when work begins and when none is left */
  constructor(told = () => {}) {
    this.told = told;
  }

  /** @type {Work | undefined} */ #work;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #frame = 0;
  #size = SIZE.first;
  #before = 0;

  /** In place of what was still to be done. @param {Work | undefined} work @param {number} [wait] milliseconds until the first slice */
  start(work, wait = 0) {
    this.#stop();
    this.#work = work && work.from < work.to ? work : undefined;
    this.#size = Math.min(this.#size, SIZE.first); // what was quick of thin edges is not of broad ones
    this.told(this.#work !== undefined);
    if (this.#work) this.#goOn(wait);
    else work?.then?.();
  }

  /** Lets the page do something else first. @param {number} wait milliseconds */
  rest(wait) {
    if (!this.#work) return;
    this.#stop();
    this.#goOn(wait);
  }

  /** Does all that is left at once. */
  finish() {
    this.#stop();
    while (this.#work) this.#slice(Infinity);
  }

  #stop() {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.#before = 0;
  }

  /** @param {number} wait */
  #goOn(wait) {
    if (wait > 0) this.#timer = setTimeout(() => this.#goOn(0), wait);
    else this.#frame = requestAnimationFrame(this.#step);
  }

  /** @param {number} now */
  #step = (now) => {
    // What is drawn on a canvas takes its time only when the frame is put together: the next frame tells.
    const took = this.#before ? now - this.#before : 0;
    if (took > FRAME_MS.slow) this.#size = Math.max(SIZE.least, this.#size / 2);
    else if (took > 0 && took < FRAME_MS.fast) this.#size = Math.min(SIZE.most, this.#size * 1.5);
    this.#before = now;
    const work = this.#work;
    this.#slice(Math.round(this.#size));
    if (this.#work && this.#work === work) this.#goOn(0);
  };

  /** @param {number} size */
  #slice(size) {
    const work = /** @type {Work} */ (this.#work);
    const end = Math.min(work.to, work.from + size * (work.quick ?? 1));
    const { from } = work;
    work.from = end;
    work.draw(from, end);
    if (end < work.to || this.#work !== work) return;
    this.#work = undefined;
    this.told(false);
    work.then?.();
  }
}
