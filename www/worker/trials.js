// What a reader tries on the model behind the graph on show: features set, the grade, one feature on every rung.

/** @import { Engine, SteerReport, Trace } from "../lab/engine-api.js" */
/** @import { BegunAnswer, FromWorker, Steering } from "../lab/messages.js" */
/** @import { Source } from "./grader.js" */
/** @import { Seat } from "./schedule.js" */

import { listedShifts } from "../lab/listed.js";
import { Continuation, goOn, roomAfter } from "./continuation.js";
import { Failure } from "./failure.js";
import { Grader } from "./grader.js";
import { findAnswers } from "./whole-answers.js";

/** The graph on show; one from a file has no ids. @typedef {{ trace: Trace, request: number, ids: Uint32Array | undefined }} Shown */

const UNTOUCHED = "The graph is not affected.";

export class Trials {
  #grader = new Grader();
  /** @type {Steering} */ #steering = { settings: [], mode: "free" };
  /** The same language model with the other kind of transcoder. @type {Promise<Engine | undefined> | undefined} */ #second;

  /**
   * @param {object} session
   * @param {Seat} session.seat
   * @param {() => Shown | undefined} session.shown
   * @param {() => Engine} session.active
   * @param {() => string[]} session.known the answers that the model was trained to give
   * @param {() => Source} session.source
   * @param {() => Promise<Engine | undefined>} session.loadSecond
   * @param {(message: FromWorker) => void} session.post
   * @param {(failure: Failure, request: number) => void} session.fail
   * @param {(error: unknown) => boolean} session.gpuFailed whether an error is the GPU's, and the CPU goes on
   */
  constructor(session) {
    this.session = session;
  }

  /** The graph on show, if it still is this one and has a model behind it. @param {number} request */
  #shown(request) {
    const shown = this.session.shown();
    return shown?.request === request && shown.ids ? { ...shown, ids: shown.ids } : undefined;
  }

  /** Sets features in the graph on show, and then goes on with the text. @param {number} request @param {Steering} steering */
  steer(request, steering) {
    const { seat, active, post, fail, gpuFailed } = this.session;
    this.#steering = steering;
    for (const kind of ["steeredAnswers", "steeredText"]) seat.drop(kind);
    seat.put("steer", async () => {
      const shown = this.#shown(request);
      if (!shown || steering.settings.length === 0) return;
      const { trace, ids } = shown;
      const { settings, mode } = steering;
      try {
        const report = await trace.steer(settings, mode);
        post({ type: "steered", request, steering, report });
        this.#wholeAnswers(request, steering, { trace, ids }, report);
      } catch (error) {
        if (gpuFailed(error)) return;
        return fail(Failure.from(error, "steering", `Change what is set. ${UNTOUCHED}`), request);
      }
      const continuation = new Continuation((more) => trace.steered_next(more, settings, mode), active(), ids);
      const stands = () => this.#shown(request) !== undefined && steering === this.#steering;
      goOn(seat, "steeredText", continuation, stands, (tokens, done) => post({ type: "steeredText", request, steering, tokens, done }));
    });
  }

  /**
   * Tells which answers the listed tokens begin, without and with features set.
   * @param {number} request
   * @param {Steering} steering
   * @param {{ trace: Trace, ids: Uint32Array }} shown
   * @param {SteerReport} report
   */
  #wholeAnswers(request, steering, { trace, ids }, report) {
    const { seat, known, post } = this.session;
    const active = this.session.active();
    const { settings, mode } = steering;
    /** @type {BegunAnswer[]} */ const before = [];
    /** @type {BegunAnswer[]} */ const after = [];
    const asItIs = (/** @type {Uint32Array} */ more) => active.next(Uint32Array.of(...ids, ...more));
    const steered = (/** @type {Uint32Array} */ more) => trace.steered_next(more, settings, mode);
    const wanted = listedShifts(report.answers).flatMap(({ id, token, ...shift }) => [
      { first: { id, token, probability: shift.before }, next: asItIs, into: before },
      { first: { id, token, probability: shift.after }, next: steered, into: after },
    ]);
    const stands = () => this.#shown(request) !== undefined && steering === this.#steering;
    findAnswers(seat, "steeredAnswers", active, { known: known(), room: roomAfter(active, ids) }, wanted, stands, () =>
      post({ type: "steeredAnswers", request, steering, before, after }),
    );
  }

  /** Grades the graph on show, step by step. @param {number} request */
  grade(request) {
    const { seat, active, source, loadSecond, post, fail, gpuFailed } = this.session;
    let runs = false;
    const goOn = () => seat.put("grade", step);
    const step = async () => {
      const shown = this.#shown(request);
      if (!shown) return;
      try {
        const work = await this.#grader.begin(active(), shown.ids);
        if (!runs) this.#grader.run(work, active().describe().engine === "cpu" ? source() : undefined, goOn);
        runs = true;
        const report = (/** @type {boolean} */ downloading) => {
          const { grading, grade, ms } = work;
          if (grade) post({ type: "graded", request, grade, seconds: ms / 1000 });
          else if (grading) post({ type: "grading", request, done: grading.done, total: grading.total, downloading });
        };
        const finished = await this.#grader.step(work, () => {
          report(true);
          return (this.#second ??= loadSecond());
        });
        if (!this.#shown(request)) return;
        report(false);
        if (finished === false) goOn();
      } catch (error) {
        this.#grader.pause();
        if (gpuFailed(error)) return;
        fail(Failure.from(error, "grade", UNTOUCHED), request);
      }
    };
    goOn();
  }

  stopGrading() {
    this.session.seat.drop("grade");
    this.#grader.pause();
  }

  /** One feature less by a share, on all rungs. @param {number} request @param {number} node @param {number} share */
  climb(request, node, share) {
    const { seat, active, post, fail, gpuFailed } = this.session;
    seat.put("rungs", async () => {
      const shown = this.#shown(request);
      if (!shown) return;
      const { trace, ids } = shown;
      try {
        const { grading } = await this.#grader.begin(active(), ids);
        const trials = await grading?.rungs(trace.layer[node], trace.position[node], trace.index[node], share);
        if (trials) post({ type: "rungs", request, node, trials });
      } catch (error) {
        if (!gpuFailed(error)) fail(Failure.from(error, "grade", UNTOUCHED), request);
      }
    });
  }

  /** Another engine runs: what was begun on the old one is of no use. */
  engineChanged() {
    this.#grader.clear();
  }

  /** Other features are to be tried. */
  modelChanged() {
    this.engineChanged();
    this.#second = undefined;
  }

  /** Nothing is tried any more. */
  end() {
    this.modelChanged();
  }
}
