// Grades graphs, a step at a time, and keeps the last few grades.

/** @import { Engine, Grade, Grading } from "../app/engine-api.js" */

const KEPT = 20;

/** A prompt's grading: its steps, or its grade. @typedef {{ grading: Grading | undefined, grade: Grade | undefined, ms: number }} Work */

export class Grader {
  /** By the prompt's ids. @type {Map<string, Work>} */
  #works = new Map();

  /** The grade of a prompt, if it is here already. @param {Uint32Array} ids */
  gradeOf(ids) {
    return this.#works.get(ids.join());
  }

  /** Begins, or goes on. @param {Engine} engine @param {Uint32Array} ids */
  async begin(engine, ids) {
    const key = ids.join();
    const known = this.#works.get(key);
    if (known) return known;
    const started = performance.now();
    const grading = await engine.grade(ids);
    /** @type {Work} */
    const work = { grading, grade: undefined, ms: performance.now() - started };
    this.#works.set(key, work);
    if (this.#works.size > KEPT) {
      const [oldest, { grading: old }] = /** @type {[string, Work]} */ (this.#works.entries().next().value);
      this.#works.delete(oldest);
      old?.free();
    }
    return work;
  }

  /** One step; true once all is done. @param {Work} work @param {() => Promise<Engine | undefined>} second asked once all steps are taken */
  async step(work, second) {
    const { grading } = work;
    if (!grading || work.grade) return true;
    let started = performance.now();
    if (grading.done < grading.total) {
      await grading.step();
      work.ms += performance.now() - started;
      return false;
    }
    const other = await second();
    started = performance.now();
    if (other) grading.ask_also(other);
    work.grade = await grading.finish();
    work.ms += performance.now() - started;
    return true;
  }

  /** The engine changed: what it began is of no use. */
  clear() {
    for (const { grading } of this.#works.values()) grading?.free();
    this.#works.clear();
  }
}
