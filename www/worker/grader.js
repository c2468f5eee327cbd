// Grades graphs, a step at a time and with a second worker's help, and keeps the last few grades.

/** @import { Engine, Grade, Grading } from "../lab/engine-api.js" */
/** @import { ModelFile, Transcoder } from "../lab/messages.js" */
/** @import { Answered, Asked } from "./second-worker.js" */

import { startWorker } from "../lab/start-worker.js";

const KEPT = 20;

/** With fewer steps than this a grade is done before a second worker has loaded the model. */
const WORTH_SHARING = 100;

/** Where a model is, and which of its files an engine reads. @typedef {{ folder: string, files: ModelFile[], kind: Transcoder }} Source */

/**
 * A prompt's grading: its steps, or its grade. @typedef {{ ids: Uint32Array, grading: Grading | undefined, grade: Grade | undefined, ms:
 * number }} Work
 */

export class Grader {
  /** By the prompt's ids. @type {Map<string, Work>} */
  #works = new Map();
  /** What goes on, and since when. @type {{ work: Work, since: number } | undefined} */ #running;
  /** @type {Worker | undefined} */ #second;

  /** Begins, or goes on. @param {Engine} engine @param {Uint32Array} ids */
  async begin(engine, ids) {
    const key = ids.join();
    const known = this.#works.get(key);
    if (known) return known;
    const started = performance.now();
    const grading = await engine.grade(ids);
    /** @type {Work} */
    const work = { ids, grading, grade: undefined, ms: performance.now() - started };
    this.#works.set(key, work);
    if (this.#works.size > KEPT) {
      const [oldest, { grading: old }] = /** @type {[string, Work]} */ (this.#works.entries().next().value);
      this.#works.delete(oldest);
      old?.free();
    }
    return work;
  }

  /**
   * To be called before a work's first step, and after a pause. A second worker takes part where that is worth it.
   * @param {Work} work
   * @param {Source | undefined} source nothing: no second worker
   * @param {() => void} goOn called when something has come of the second worker
   */
  run(work, source, goOn) {
    this.pause();
    const { grading, grade, ids } = work;
    if (!grading || grade) return; // its time is over
    this.#running = { work, since: performance.now() };
    if (!source || grading.total - grading.done < WORTH_SHARING || navigator.hardwareConcurrency < 2) return;
    let worker;
    try {
      worker = this.#second = startWorker("second");
    } catch {
      return; // then it goes on alone
    }
    const ask = (/** @type {Asked} */ asked) => worker.postMessage(asked);
    worker.onmessage = (/** @type {MessageEvent<Answered>} */ { data: { results, failed } }) => {
      if (worker !== this.#second) return; // sent off with an answer on its way
      const well = failed === undefined && (results === undefined || grading.add(results));
      const batch = well ? grading.give() : undefined;
      if (batch === undefined)
        this.#dismiss(); // all is begun, or the first worker does the rest alone
      else ask({ batch });
      goOn();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker !== this.#second) return;
      this.#dismiss();
      goOn();
    };
    ask({ source, ids });
  }

  /** Sends the second worker away; what it has not answered is to be done here. */
  #dismiss() {
    this.#second?.terminate();
    if (this.#second) this.#running?.work.grading?.take_back();
    this.#second = undefined;
  }

  /** Stops what goes on. */
  pause() {
    this.#dismiss();
    if (this.#running) this.#running.work.ms += performance.now() - this.#running.since;
    this.#running = undefined;
  }

  /**
   * One step; true once all is done, nothing while the second worker's part is waited for.
   * @param {Work} work
   * @param {() => Promise<Engine | undefined>} second asked once all steps are taken
   */
  async step(work, second) {
    const { grading } = work;
    if (!grading || work.grade) return true;
    if (grading.done < grading.total) {
      const begun = await grading.step();
      return begun && grading.done < grading.total ? undefined : false;
    }
    this.pause();
    const other = await second();
    const started = performance.now();
    if (other) grading.ask_also(other);
    work.grade = await grading.finish();
    work.ms += performance.now() - started;
    return true;
  }

  /** The engine changed: what it began is of no use. */
  clear() {
    this.pause();
    for (const { grading } of this.#works.values()) grading?.free();
    this.#works.clear();
  }
}
