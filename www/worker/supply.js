// What a session computes with: its model, one of the model's transcoders, and the engine that its reader chose.

/** @import { EngineChoice, ToWorker, Transcoder } from "../lab/messages.js" */
/** @import { User } from "./engines.js" */
/** @import { Hold } from "./loaded.js" */
/** @import { Model } from "./model.js" */
/** @import { Session } from "./session.js" */

import { Failure, sentenceOf } from "./failure.js";

export class Supply {
  /** @type {Model} */ model;
  /** What is used now. @type {Hold} */ #hold;
  /** The other transcoder, for a second opinion. @type {Hold | undefined} */ #second;
  /** Everything that is to be released in the end. @type {Set<Hold>} */ #holds = new Set();
  /** Whether prompts can be traced: the engine is there, and not on its way out. */
  ready = false;
  /** Number of the last request for another transcoder. */
  #lastChange = -1;
  /** @type {User} */ #user;
  #started = Promise.resolve();

  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    this.model = this.#hold = /** @type {any} */ (undefined);
    this.#user = this.#as("cpu");
  }

  /** What all sessions with this model and transcoder use; nothing before it is there. */
  get loaded() {
    return this.#hold?.loaded;
  }

  /** The engine that runs. */
  get engine() {
    return this.loaded.engines.active(this.#user.choice);
  }

  get kind() {
    return this.loaded.kind;
  }

  /** @param {EngineChoice} choice @returns {User} */
  #as(choice) {
    const { session } = this;
    return {
      choice,
      post: (message) => session.post(message),
      fail: (failure) => session.fail(failure, session.newest),
      changed: () => session.engineChanged(),
    };
  }

  /** @param {Extract<ToWorker, { type: "start" }>} message without a prompt, the model's first example is traced */
  start(message) {
    this.#started = this.#start(message);
  }

  /** @param {Extract<ToWorker, { type: "start" }>} message */
  async #start({ model: name, transcoder, engine, request, prompt, target, hold: reading }) {
    const { session } = this;
    try {
      this.model = await session.page.models.open(name);
      if (session.closed) return;
      const { manifest, models } = this.model;
      const kind = this.model.has(transcoder) ? transcoder : "cross-layer";
      session.post({ type: "manifest", manifest, name: this.model.name, models, transcoder: kind });
      if (kind !== transcoder)
        session.fail(new Failure("engine", "This model has no per-layer transcoders.", "Its cross-layer transcoder is used."), request);
      if (!this.model.exampleOf(prompt)) this.model.wantTokenizer();
      const hold = await this.#take(kind);
      if (!hold) return;
      await this.#use(hold, engine);
      if (session.closed) return;
      this.model.tokenizer.catch((error) => {
        const { message, advice } = Failure.from(error, "tokenizer", "");
        session.fail(new Failure("engine", message, advice), 0); // the graph on show stays right
      });
      session.questions.goOn({ request, prompt: prompt ?? manifest.examples[0]?.prompt ?? "", target, hold: reading });
    } catch (error) {
      session.fail(Failure.from(error, "model", "Reload the page to try again."), 0);
    }
  }

  /**
   * Takes the model's other transcoder, or says why not and keeps the one in use.
   * @param {Extract<ToWorker, { type: "transcoder" }>} message
   */
  async change({ request, transcoder, engine, prompt, target, hold: reading }) {
    const { session } = this;
    session.questions.waiting = { request, prompt, target, hold: reading };
    this.#lastChange = request;
    const stands = () => request === this.#lastChange;
    await this.#started;
    if (!this.loaded) return; // and why is told already
    this.ready = false;
    try {
      const hold = await this.#take(transcoder);
      if (!hold) return;
      if (!stands()) return this.#release(hold);
      // Between two jobs, so that nothing that runs loses its engine.
      session.seat.put("trace", async () => {
        session.settled.forgetAll();
        session.trials.modelChanged();
        await this.#use(hold, engine);
        this.#dropSecond();
        session.post({ type: "transcoder", request, transcoder, taken: true });
        session.questions.goOn();
      });
    } catch (error) {
      if (!stands()) return;
      this.ready = true;
      session.fail(new Failure("transcoder", sentenceOf(error), "The transcoder in use stays."), request);
      session.post({ type: "transcoder", request, transcoder: this.kind, taken: false });
      session.questions.goOn();
    }
  }

  /** @param {Transcoder} kind @returns {Promise<Hold | undefined>} nothing where the session was closed meanwhile */
  async #take(kind, showsProgress = true) {
    const { session } = this;
    const hold = this.model.take(kind, (progress) => showsProgress && session.post({ type: "download", ...progress }));
    this.#holds.add(hold);
    try {
      await hold.loaded.ready;
    } catch (error) {
      this.#release(hold);
      throw error;
    }
    return session.closed ? undefined : hold;
  }

  /** @param {Hold | undefined} hold */
  #release(hold) {
    if (hold && this.#holds.delete(hold)) hold.release();
  }

  /** @param {Hold} hold @param {EngineChoice} choice */
  async #use(hold, choice) {
    const before = this.#hold;
    this.#part();
    this.#hold = hold;
    this.#user = this.#as(choice);
    this.#release(before);
    const { engines } = hold.loaded;
    await engines.join(this.#user);
    if (this.session.closed) engines.part(this.#user);
    else this.ready = true;
  }

  #part() {
    this.ready = false;
    this.loaded?.engines.part(this.#user);
    this.loaded?.shelf.leave(this.session);
  }

  /** An engine with the other transcoder, for a second opinion; nothing where there is none. */
  async second() {
    const other = this.kind === "cross-layer" ? "per-layer" : "cross-layer";
    if (!this.model.has(other)) return undefined;
    try {
      this.#second = await this.#take(other, false);
      return this.#second?.loaded.engines.cpu;
    } catch (error) {
      this.session.fail(new Failure("grade", sentenceOf(error), "There is no second opinion then."), this.session.newest);
      return undefined;
    }
  }

  /** It would be the same now. */
  #dropSecond() {
    this.#release(this.#second);
    this.#second = undefined;
  }

  /** Measures the engines against each other where that is wanted. @param {Uint32Array} ids @param {object} options of a trace */
  race(ids, options) {
    if (this.#user.choice === "auto") void this.loaded.engines.race(ids, options);
  }

  /** @param {unknown} error @param {boolean} [certain] that it is the GPU's */
  fallBack(error, certain = false) {
    return this.loaded?.engines.fallBack(this.#user, error, certain) ?? false;
  }

  /** Releases everything. */
  end() {
    this.#part();
    for (const hold of this.#holds) this.#release(hold);
  }
}
