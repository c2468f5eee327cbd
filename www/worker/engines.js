// The engines of a model with one kind of transcoder: the CPU's, the GPU's where there is one, and which of them runs for whom.

/** @import { Engine, TraceOptions } from "../lab/engine-api.js" */
/** @import { EngineChoice, FromWorker, Runner } from "../lab/messages.js" */
/** @import { Gpu } from "./gpu.js" */
/** @import { Seat } from "./schedule.js" */

import { within } from "../lab/patience.js";
import { Failure } from "./failure.js";
import { isGpuFault } from "./gpu.js";
import { Race } from "./race.js";
import { release } from "./release.js";

/** For one trace of a prompt that the CPU has traced in a moment. */
const RACE_PATIENCE_S = 8;

export const ON_THE_CPU = "Tracing on the CPU instead.";

/**
 * Who uses them.
 * @typedef {object} User
 * @property {EngineChoice} choice
 * @property {(message: FromWorker) => void} post
 * @property {(failure: Failure) => void} fail
 * @property {() => void} changed another engine runs from now on
 */

export class Engines {
  /** @type {Engine | undefined} */ #onGpu;
  /** Milliseconds of a trace on each, once measured. @type {number[] | undefined} */ #medians;
  /** Whether the measurement was begun: once is enough. */
  #raced = false;
  #freed = false;
  /** @type {Set<User>} */ #users = new Set();

  /**
   * @param {Engine} cpu
   * @param {object} page
   * @param {Gpu} page.gpu
   * @param {Seat} page.seat of what is no session's own work
   * @param {(engine: Engine) => void} page.lost the GPU's engine is of no use any more
   */
  constructor(cpu, page) {
    this.cpu = cpu;
    this.page = page;
    page.gpu.users.add(this);
  }

  /** The one that runs for those who chose so. @param {EngineChoice} choice */
  active(choice) {
    const gpuIsFaster = this.#medians !== undefined && this.#medians[1] < this.#medians[0];
    const wanted = choice === "gpu" || (choice === "auto" && gpuIsFaster);
    return (wanted ? this.#onGpu : undefined) ?? this.cpu;
  }

  /** Uses them from now on, once the GPU is there where that is wanted. @param {User} user */
  async join(user) {
    if (user.choice === "gpu") await this.page.gpu.next(() => this.#takeGpu(user));
    this.#users.add(user);
    this.#postEngine(user);
  }

  /** @param {User} user */
  part(user) {
    this.#users.delete(user);
  }

  /** Tells which one runs. @param {User} user */
  #postEngine(user) {
    const { gpu } = this.page;
    const all = user.choice === "cpu" || !this.#onGpu ? [this.cpu] : [this.cpu, this.#onGpu];
    /** @type {Runner[]} */
    const runners = all.map((each, i) => ({ description: each.describe(), medianMs: this.#medians?.[i] }));
    const active = this.active(user.choice).describe().engine;
    user.post({ type: "engine", active, runners, note: gpu.note, gpuFailed: gpu.failed });
  }

  #postEngines() {
    for (const user of this.#users) this.#postEngine(user);
  }

  /** @returns {Promise<string>} why it did not work, or nothing */
  async #load() {
    if (this.#onGpu || this.#freed) return "";
    const made = await this.page.gpu.engine(this.cpu);
    if (typeof made === "string") return made;
    if (this.#freed) release(made);
    else this.#onGpu = made;
    return "";
  }

  /** Takes the GPU because one wants it; says so where there is none. @param {User} user */
  async #takeGpu(user) {
    const reason = await this.#load();
    if (reason) user.fail(new Failure("engine", reason, ON_THE_CPU));
  }

  /** Measures the GPU against the CPU on a prompt, once, and keeps the faster. @param {Uint32Array} ids @param {TraceOptions} options */
  async race(ids, options) {
    if (this.#raced) return;
    this.#raced = true;
    await this.page.gpu.next(() => this.#race(ids, options));
  }

  /** @param {Uint32Array} ids @param {TraceOptions} options */
  async #race(ids, options) {
    const { gpu, seat } = this.page;
    const reason = await this.#load();
    const engine = this.#onGpu;
    if (!engine) {
      // Nobody asked for a GPU, so where there is none nothing is amiss.
      if (reason) gpu.noteUnused(reason);
      return this.#postEngines();
    }
    // One in software is slower than the CPU itself, and takes that meanwhile: what is waited for comes before it.
    if (engine.describe().software) seat.put("late race", () => void this.#measure(engine, "late race", ids, options));
    else await this.#measure(engine, "race", ids, options);
  }

  /** @param {Engine} engine the GPU's @param {"race" | "late race"} kind of work @param {Uint32Array} ids @param {TraceOptions} options */
  async #measure(engine, kind, ids, options) {
    const { gpu, seat } = this.page;
    const stands = () => engine === this.#onGpu;
    if (!stands()) return;
    try {
      // The first trace compiles the kernels. Nothing waits for that, and it is not measured.
      (await engine.trace(ids, options)).free();
    } catch (error) {
      if (stands() || isGpuFault(error)) gpu.leave(error);
      return;
    }
    const race = new Race([this.cpu, engine], ids, options);
    const step = async () => {
      if (!stands()) return;
      try {
        // Everything else waits for this step, so that it is measured alone; not for long.
        if (!(await within(race.step(), RACE_PATIENCE_S))) return seat.put(kind, step);
      } catch (error) {
        return gpu.leave(isGpuFault(error) ? error : "The GPU does not answer.");
      }
      if (stands()) this.#measured(race.medians);
    };
    seat.put(kind, step);
  }

  /** @param {number[]} medians */
  #measured(medians) {
    const before = new Map([...this.#users].map((user) => [user, this.active(user.choice)]));
    this.#medians = medians;
    for (const [user, engine] of before) {
      this.#postEngine(user);
      if (this.active(user.choice) !== engine) user.changed();
    }
  }

  /**
   * The GPU is gone: the CPU goes on with what is on show.
   * @param {string} why
   * @param {object} [by] the user that sees to itself
   */
  left(why, by) {
    const engine = this.#onGpu;
    const lost = [...this.#users].filter((user) => engine && this.active(user.choice) === engine);
    this.#onGpu = this.#medians = undefined;
    if (engine) this.page.lost(engine);
    for (const user of this.#users) {
      this.#postEngine(user);
      if (!lost.includes(user)) continue;
      user.fail(new Failure("engine", why, ON_THE_CPU));
      if (user !== by) user.changed();
    }
  }

  /**
   * Where the GPU fails, as after a lost device, the CPU goes on from then on.
   * @param {User} user who found out
   * @param {unknown} error
   * @param {boolean} [certain] that it is the GPU's fault, whatever the error says
   * @returns {boolean} whether it was so
   */
  fallBack(user, error, certain = false) {
    if (this.active(user.choice) === this.cpu || !(certain || isGpuFault(error))) return false;
    this.page.gpu.leave(error, user);
    return true;
  }

  free() {
    this.#freed = true;
    this.page.gpu.users.delete(this);
    release(this.#onGpu);
    this.#onGpu = undefined;
    release(this.cpu);
  }
}
