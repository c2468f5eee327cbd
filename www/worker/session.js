// What is of one graph: what is on show, what was asked last, how it is pruned; and all that works for it.

/** @import { Outline, Trace } from "../lab/engine-api.js" */
/** @import { FromWorker, Thresholds, ToWorker, Traced } from "../lab/messages.js" */
/** @import { House } from "./loaded.js" */
/** @import { Models } from "./models.js" */
/** @import { Question } from "./questions.js" */

import { copy } from "./copies.js";
import { Failure } from "./failure.js";
import { answer } from "./lookups.js";
import { Questions } from "./questions.js";
import { release } from "./release.js";
import { Settled } from "./settled.js";
import { Supply } from "./supply.js";
import { Trials } from "./trials.js";

const MOST_PLOTTED = 2000;

/**
 * The graph on show; one from a file has no ids. `operands`: the template of its plots.
 * @typedef {{ trace: Trace, request: number, ids: Uint32Array | undefined, prompt: string, question: Question | undefined, operands?:
 *   string }} Shown
 */
/**
 * What all sessions share, and the way to the page. @typedef {House & { models: Models, post: (session: number, message: FromWorker,
 * transfer: Transferable[]) => void }} Page
 */

export class Session {
  /** @type {Shown | undefined} */ current;
  /** Of the second prompt's graph, while two are compared. @type {Outline | undefined} */ #other;
  /** Number of the last question. */
  newest = 0;
  /** As the page's sliders stand. @type {Thresholds} */ thresholds = { node: 1, edge: 1, density: 1 };
  /** Nobody hears of it any more. */
  closed = false;

  /** @param {number} number as the page counts them @param {Page} page */
  constructor(number, page) {
    this.number = number;
    this.page = page;
    this.seat = page.schedule.seat((error) => {
      if (!this.gpuFailed(error)) this.fail(Failure.from(error, "engine", "Reload the page to start afresh."), this.newest);
    });
    this.supply = new Supply(this);
    this.questions = new Questions(this);
    this.settled = new Settled(this);
    this.trials = new Trials({
      seat: this.seat,
      shown: () => this.current,
      active: () => this.engine,
      known: () => this.known,
      source: () => this.model.source(this.supply.kind),
      loadSecond: () => this.supply.second(),
      post: (message) => this.post(message),
      fail: (failure, request) => this.fail(failure, request),
      gpuFailed: (error) => this.gpuFailed(error),
    });
  }

  get model() {
    return this.supply.model;
  }

  /** The engine that runs. */
  get engine() {
    return this.supply.engine;
  }

  /** The answers that the model was trained to give. */
  get known() {
    return this.model.manifest.answers ?? [];
  }

  /** @param {FromWorker} message @param {Transferable[]} [transfer] */
  post(message, transfer = []) {
    if (!this.closed) this.page.post(this.number, message, transfer);
  }

  /** @param {Failure} failure @param {number} request */
  fail(failure, request) {
    this.post({ type: "failed", about: failure.about, request, sentence: failure.message, advice: failure.advice });
  }

  /** @param {ToWorker} message */
  hear(message) {
    switch (message.type) {
      case "start":
        this.#asked(message);
        this.supply.start(message);
        break;
      case "trace":
        this.#asked(message);
        this.questions.askOrWait(message);
        break;
      case "transcoder":
        this.#asked(message);
        void this.supply.change(message);
        break;
      case "open":
        this.newest = message.request;
        this.seat.put("trace", () => this.questions.open(message.request, message.bytes, message.file));
        break;
      case "compare":
        void this.questions.compare(message.request, message.prompt, message.hold);
        break;
      case "stop comparing":
        this.seat.drop("compare");
        this.other = undefined;
        break;
      case "prune":
        this.thresholds = message.thresholds;
        this.seat.put("prune", () => this.prune());
        break;
      case "steer":
        this.trials.steer(message.request, message.steering);
        break;
      case "grade":
        this.trials.grade(message.request);
        break;
      case "stop grading":
        this.trials.stopGrading();
        break;
      case "rungs":
        this.trials.climb(message.request, message.node, message.share);
        break;
      default:
        this.seat.put(message.type, () => answer(this, message));
    }
  }

  /** @param {{ request: number, thresholds: Thresholds }} question */
  #asked({ request, thresholds }) {
    this.newest = request;
    this.thresholds = thresholds;
  }

  /** Another graph is on show. @param {Shown} shown */
  show(shown) {
    this.current?.trace.free();
    this.current = shown;
  }

  /** @param {Outline | undefined} outline */
  set other(outline) {
    this.#other?.free();
    this.#other = outline;
  }

  /** The nodes that the graph on show and the second prompt's have in common, while two are compared. */
  get aligned() {
    if (!this.#other || !this.current) return undefined;
    const outline = this.current.trace.outline();
    const aligned = outline.align(this.#other);
    outline.free();
    return aligned;
  }

  /** Where its operand plots are. @param {Uint32Array} ids @param {"first" | "second"} place */
  #placed(ids, place) {
    return this.supply.loaded.shelf.place(this.engine, ids, this.model.manifest.templates ?? [], this, place);
  }

  /**
   * What the page shows of a graph.
   * @param {Trace} made @param {string} prompt @param {Uint32Array | undefined} ids
   * @param {"first" | "second"} [place] which of those that are compared it is
   * @returns {Traced}
   */
  traced(made, prompt, ids, place = "first") {
    const graph = copy(made);
    const pruned = this.#pruned(made);
    // A text on which very many features fire has no readable plots, and they would fill the memory.
    const plotted = ids && this.model.manifest.domain === "addition" && made.active_features <= MOST_PLOTTED;
    const bare = ids !== undefined && this.engine.describe().bos === undefined;
    const operands = plotted ? this.#placed(ids, place) : undefined;
    return { prompt, bare, graph, pruned, operands };
  }

  prune() {
    if (!this.current) return;
    const { request, trace } = this.current;
    this.post({ type: "pruned", request, pruned: this.#pruned(trace) });
  }

  /** @param {Trace} trace */
  #pruned(trace) {
    const { node, edge, density } = this.thresholds;
    return trace.prune(node, edge, density, this.frequencies);
  }

  /** How often each feature is active, where that decides what is left. */
  get frequencies() {
    return this.thresholds.density < 1 ? this.supply.loaded?.samples.frequencies : undefined;
  }

  /** Another engine runs now: the graph on show should be its own, with its own time. */
  engineChanged() {
    this.trials.engineChanged();
    if (!this.current?.ids || !this.current.question) return;
    const { ids, question } = this.current;
    if (question.request === this.newest) this.seat.put("trace", () => this.questions.trace(question, ids));
  }

  /** Whether an error is the GPU's; then the CPU goes on with what is on show. @param {unknown} error */
  gpuFailed(error) {
    if (!this.supply.fallBack(error)) return false;
    this.engineChanged();
    return true;
  }

  /** Ends it, and frees what it holds once nothing works with that. */
  close() {
    this.closed = true;
    this.settled.quiet();
    this.seat.end(() => {
      this.trials.end();
      release(this.current?.trace);
      this.current = this.other = undefined;
      this.supply.end();
    });
  }
}
