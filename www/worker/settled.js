// What follows once a graph is there, while nothing more urgent waits: is the prompt like the training texts, whole answers, the text
// as it goes on, operand plots, sample texts.

/** @import { Answer } from "../lab/engine-api.js" */
/** @import { BegunAnswer, Graph, Traced } from "../lab/messages.js" */
/** @import { Session } from "./session.js" */

import { asText, Continuation, goOn, roomAfter } from "./continuation.js";
import { Failure } from "./failure.js";
import { findAnswers, firstOf } from "./whole-answers.js";

/** How long a prompt must stand before its operand plots are begun: not for every key pressed. */
const SETTLED_MS = 250;
/** The same where they are there already: until the graph is painted, which has both hands full where there are few cores. */
const PAINTED_MS = 50;

/** Work on the graph on show, and on the second prompt's. */
const WORK = ["answers", "steeredAnswers", "operands", "continuation", "steeredText", "rungs", "grade"];
const OTHER_WORK = ["otherAnswers", "other operands", "compare"];

export class Settled {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #settling;

  /** @param {Session} session */
  constructor(session) {
    this.session = session;
  }

  /** Drops the work on an earlier graph. */
  quiet() {
    for (const kind of WORK) this.session.seat.drop(kind);
    clearTimeout(this.#settling);
  }

  /** Drops the work on every graph: the engine that made them goes. */
  forgetAll() {
    this.quiet();
    for (const kind of OTHER_WORK) this.session.seat.drop(kind);
  }

  /** A graph is on show. @param {number} request @param {Uint32Array} ids @param {Traced} traced */
  begin(request, ids, { graph, operands }) {
    this.session.seat.put("likeness", () => this.#tellLikeness(request));
    this.quiet();
    const wait = operands && operands.done > 0 ? PAINTED_MS : SETTLED_MS;
    this.#settling = setTimeout(() => this.#settle(request, ids, graph, operands?.key), wait);
  }

  /** So is that of the second prompt. @param {number} request @param {Uint32Array} ids @param {Traced} traced */
  beginOther(request, ids, { graph, operands }) {
    this.#wholeAnswers("otherAnswers", request, ids, graph, () => this.session.questions.compared === request);
    if (operands) this.#computePlots(operands.key, "other operands");
  }

  /** Whether the prompt on show is like the training texts, and what form the model knows. @param {number} request */
  async #tellLikeness(request) {
    const { session } = this;
    const { current, model } = session;
    if (current?.request !== request || !current.ids) return;
    const { templates = [], likeness: measured, unseen = "" } = model.manifest;
    const after = measured?.after ?? [];
    const tokens = Uint32Array.from(after, ({ token }) => token);
    const limits = Float32Array.from(after, ({ surprise }) => surprise);
    const likeness = await current.trace.likeness(
      current.prompt,
      templates,
      measured?.surprise,
      tokens,
      limits,
      measured?.mean,
      rangesIn(unseen),
    );
    session.post({ type: "likeness", request, likeness });
  }

  /**
   * What is left to do once a prompt stands.
   * @param {number} request
   * @param {Uint32Array} ids
   * @param {Graph} graph
   * @param {string | undefined} key of its operand plots
   */
  #settle(request, ids, graph, key) {
    const { session } = this;
    const { engine, model, seat } = session;
    const stands = () => session.current?.request === request;
    if (!session.current || !stands()) return;
    const { prompt } = session.current;
    this.#wholeAnswers("answers", request, ids, graph, stands);
    const next = (/** @type {Uint32Array} */ more) => engine.next(Uint32Array.of(...ids, ...more));
    const report = (/** @type {Answer[]} */ tokens, /** @type {boolean} */ done) => {
      const { readyTokenizer } = model;
      session.post({ type: "continuation", request, tokens, said: asText(engine, readyTokenizer, prompt, ids, tokens), done });
      // What can be typed is known once the tokenizer is here.
      if (done && !readyTokenizer)
        void model.tokenizer.then(
          () => stands() && !session.closed && report(tokens, done),
          () => {},
        );
    };
    goOn(seat, "continuation", new Continuation(next, engine, ids), stands, report);
    if (key !== undefined) this.#computePlots(key, "operands");
    if (!session.supply.loaded.samples.finished) seat.put("samples", () => this.#readSamples());
  }

  /**
   * Tells which of the model's known answers the tokens of a graph begin.
   * @param {"answers" | "otherAnswers"} type
   * @param {number} request
   * @param {Uint32Array} ids
   * @param {Graph} graph
   * @param {() => boolean} stands
   */
  #wholeAnswers(type, request, ids, graph, stands) {
    const { engine, known, seat } = this.session;
    /** @type {BegunAnswer[]} */ const whole = [];
    const next = (/** @type {Uint32Array} */ more) => engine.next(Uint32Array.of(...ids, ...more));
    findAnswers(
      seat,
      type,
      engine,
      { known, room: roomAfter(engine, ids) },
      firstOf(graph).map((first) => ({ first, next, into: whole })),
      stands,
      () => this.session.post({ type, request, whole }),
    );
  }

  /** A slice of the sample texts, and then the next. Another session may have read some, or all. */
  async #readSamples() {
    const { session } = this;
    const { seat } = session;
    const { samples, engines } = session.supply.loaded;
    const finished = samples.finished || (await samples.step(engines.cpu));
    session.post({ type: "samples", ...samples.progress, ready: samples.finished });
    if (!finished) seat.put("samples", () => this.#readSamples());
    else if (session.thresholds.density < 1) session.prune();
  }

  /** Another session may have computed some of them, or all. @param {string} key @param {"operands" | "other operands"} kind of work */
  #computePlots(key, kind) {
    const { session } = this;
    const { shelf } = session.supply.loaded;
    const step = async () => {
      let finished;
      try {
        finished = await shelf.step(key);
      } catch (error) {
        if (session.gpuFailed(error)) return;
        shelf.forget(key);
        const advice = "The graph is not affected; its operand plots are missing.";
        return session.fail(Failure.from(error, "engine", advice), session.newest);
      }
      if (!shelf.has(key)) return;
      session.post({ type: "operands", key, ...shelf.progress(key) });
      if (!finished) session.seat.put(kind, step);
    };
    session.seat.put(kind, step);
  }
}

/** Read here, so that the engine, which is downloaded, need not. @param {string} ranges of ids, as a manifest writes them: "3-35,41" @returns {Uint32Array} first and last of each */
function rangesIn(ranges) {
  const parts = ranges === "" ? [] : ranges.split(",");
  return Uint32Array.from(
    parts.flatMap((part) => {
      const [first, last = first] = part.split("-");
      return [Number(first), Number(last)];
    }),
  );
}
