// The engines of the worker: the CPU's, the GPU's where there is one, and which of them runs.

/** @import { Engine, TraceOptions } from "../lab/engine-api.js" */
/** @import { FromWorker, Runner } from "../lab/messages.js" */
/** @import { Schedule } from "./schedule.js" */

import { within } from "../lab/patience.js";
import { Failure, sentenceOf } from "./failure.js";
import { Race } from "./race.js";

/** A browser that starts its GPU process answers within two or three. */
const GPU_PATIENCE_S = 8;

/** For one trace of a prompt that the CPU has traced in a moment. */
const RACE_PATIENCE_S = 8;

const ON_THE_CPU = "Tracing on the CPU instead.";

/** What the engine says where the fault is the GPU's, and not the prompt's. */
const GPU_FAULT = /^The GPU |this GPU allows/;
const NO_GPU = /^There is no usable GPU|^This browser has no WebGPU/;

export class Engines {
  /** The CPU's first. @type {Engine[]} */ #all = [];
  /** Which of them runs; -1: none does yet. */ #at = -1;
  /** Milliseconds of a trace on each, once measured. @type {number[] | undefined} */ #medians;
  #note = "";
  /** Whether the GPU failed: it is not tried again in this visit. */
  #gpuFailed = false;
  /** The last attempt to use the GPU: the next one waits for what comes of it. @type {Promise<void>} */ #attempt = Promise.resolve();

  /**
   * @param {object} worker
   * @param {Schedule} worker.schedule
   * @param {(message: FromWorker) => void} worker.post
   * @param {(failure: Failure) => void} worker.fail
   * @param {() => void} worker.changed another engine runs from now on
   */
  constructor(worker) {
    this.worker = worker;
  }

  get cpu() {
    return this.#all[0];
  }

  /** The one that runs. */
  get active() {
    return this.#all[this.#at];
  }

  get ready() {
    return this.#at >= 0;
  }

  /** Begins with this engine alone, which is not to run yet. @param {Engine} cpu */
  use(cpu) {
    const [, ...others] = this.#all;
    this.#all = [cpu];
    this.#medians = undefined;
    this.#at = -1;
    for (const gpu of others) {
      try {
        gpu.free(); // a CPU's goes with the last trace that it made
      } catch {
        // So does a GPU's that is at work.
      }
    }
  }

  /** Makes the engine that was added last the one that runs. */
  activateLast() {
    this.#activate(this.#all.length - 1);
  }

  /** @param {number} at */
  #activate(at) {
    this.#at = at;
    /** @type {Runner[]} */
    const runners = this.#all.map((each, i) => ({ description: each.describe(), medianMs: this.#medians?.[i] }));
    this.worker.post({ type: "engine", active: this.active.describe().engine, runners, note: this.#note, gpuFailed: this.#gpuFailed });
  }

  /** @returns {Promise<string>} why it did not work, or nothing */
  async #load() {
    if (this.#gpuFailed) return this.#note;
    if (!navigator.gpu) return "This browser has no WebGPU.";
    const { cpu } = this;
    const loading = cpu.on_gpu();
    try {
      const gpu = await within(loading, GPU_PATIENCE_S);
      if (cpu === this.cpu) this.#all.push(gpu);
      else gpu.free(); // another transcoder was chosen meanwhile
      return "";
    } catch (error) {
      loading.then(
        (late) => late.free(),
        () => {},
      );
      const sentence = sentenceOf(error);
      this.#gpuFailed = true;
      return GPU_FAULT.test(sentence) || NO_GPU.test(sentence) ? sentence : "The GPU does not answer.";
    }
  }

  /** One attempt after the other, so that a GPU that does not answer is asked once. @param {() => Promise<void>} attempt */
  #next(attempt) {
    const next = this.#attempt.then(attempt);
    this.#attempt = next.catch(() => {});
    return next;
  }

  /** Takes the GPU because one wants it; says so where there is none. */
  takeGpu() {
    return this.#next(async () => {
      const reason = await this.#load();
      if (reason) this.worker.fail(new Failure("engine", reason, ON_THE_CPU));
    });
  }

  /** Measures the GPU against the CPU on a prompt, and keeps the faster. @param {Uint32Array} ids @param {TraceOptions} options */
  race(ids, options) {
    return this.#next(() => this.#race(ids, options));
  }

  /** @param {Uint32Array} ids @param {TraceOptions} options */
  async #race(ids, options) {
    const { schedule } = this.worker;
    if (!this.ready) return; // another transcoder was chosen meanwhile
    const reason = await this.#load();
    if (!this.ready) return; // another transcoder was chosen meanwhile
    if (reason) {
      // Nobody asked for a GPU, so where there is none nothing is amiss.
      if (this.#gpuFailed && !NO_GPU.test(reason)) this.#note = reason;
      return this.#activate(0);
    }
    const all = this.#all;
    try {
      // The first trace compiles the kernels. Nothing waits for that, and it is not measured.
      (await all[1].trace(ids, options)).free();
    } catch (error) {
      if (all === this.#all) this.#leave(error);
      else if (GPU_FAULT.test(sentenceOf(error))) [this.#gpuFailed, this.#note] = [true, sentenceOf(error)];
      return;
    }
    const race = new Race(all, ids, options);
    const step = async () => {
      if (all !== this.#all) return; // another transcoder was chosen meanwhile
      try {
        // Everything else waits for this step, so that it is measured alone; not for long.
        if (!(await within(race.step(), RACE_PATIENCE_S))) return schedule.put("race", step);
      } catch (error) {
        return this.#leave(GPU_FAULT.test(sentenceOf(error)) ? error : "The GPU does not answer.");
      }
      this.#medians = race.medians;
      const fastest = race.medians.indexOf(Math.min(...race.medians));
      this.#activate(fastest);
      if (fastest > 0) this.worker.changed();
    };
    schedule.put("race", step);
  }

  /** Lets go of the GPU. @param {unknown} error what it said */
  #leave(error) {
    this.#all = [this.cpu];
    this.#medians = undefined;
    this.#note = sentenceOf(error);
    this.#gpuFailed = true;
    this.#activate(0);
  }

  /**
   * Where the GPU fails, as after a lost device, the CPU goes on from then on.
   * @param {unknown} error
   * @param {boolean} [certain] that it is the GPU's fault, whatever the error says
   * @returns {boolean} whether it was so
   */
  fallBack(error, certain = false) {
    if (this.active === this.cpu || !(certain || GPU_FAULT.test(sentenceOf(error)))) return false;
    this.#leave(error);
    this.worker.fail(new Failure("engine", this.#note, ON_THE_CPU));
    return true;
  }
}
