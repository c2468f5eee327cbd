// A lab's end of the worker: the session that it has there, what it asks of it, and what is kept of the answers.

/** @import { Arrangement } from "./arrangement.js" */
/** @import { Session } from "./engine-host.js" */
/** @import { Lab } from "./lab.js" */
/** @import { Plotted } from "./view.js" */
/** @import { EngineChoice, FeaturePlace, ToWorker, Transcoder } from "./messages.js" */

import { host } from "./engine-host.js";
import { GraphQuestions } from "./graph-questions.js";
import { FEATURE, placeOf } from "./kinds.js";
import { OpenedFiles } from "./opened-files.js";
import { asksFor } from "./recorded/wanted.js";
import { Restarts } from "./restarts.js";
import { observable } from "./store.js";
import { takeIn } from "./worker-answers.js";

export class WorkerClient extends GraphQuestions {
  #restarts = new Restarts();
  /** Whether the GPU failed or a worker ended with it: it is not tried again in this visit. */
  gpuFailed = false;
  /** Number of the last question. */
  newest = 0;
  /** Number of the question that what is on show answers, also where the answer was that it stays. */
  answered = -1;
  /** Number of the last second prompt. */
  compared = 0;
  /** The second prompt waits for the model. */
  compareLater = false;
  /** Number of the last question for another transcoder. */
  transcoderAsked = -1;
  /** Whether a worker has told of its model. */
  known = false;
  files = new OpenedFiles();
  /** What a reader did to the graphs of each transcoder. @type {Map<Transcoder, Arrangement>} */ arrangements = new Map();
  /** What it has in the worker. @type {Session | undefined} */ #session;
  /** Whether anybody sees it. */
  #seen = true;

  /** @param {Lab} lab */
  constructor(lab) {
    super(lab);
    observable(this, ["newest", "answered", "transcoderAsked"]);
  }

  /** Whether another transcoder is to be used, and is on its way. */
  get changesTranscoder() {
    return this.answered < this.transcoderAsked;
  }

  /** Whether what is on show answers an earlier question. */
  get isBehind() {
    const { view, address } = this.lab;
    if (view?.early) return !asksFor(address, view.prompt);
    return this.answered < this.newest;
  }

  /** Whether somebody is there to answer. */
  get runs() {
    return this.#session?.isOpen ?? false;
  }

  /** A session in the page's worker, in place of the one before. */
  #open() {
    const { lab } = this;
    this.end();
    this.#session = host.session({
      hear: (message) => takeIn(this, message),
      late: (seconds) => (lab.late = seconds),
      ended: (why) => this.#recover(why),
      refused: (why) =>
        lab.bus.emit("notice", { about: "model", sentence: why, advice: "Open the page in a tab of its own, in a current browser." }),
    });
    if (!this.#seen) this.#session.suspend();
  }

  /** The engine has stopped for good: a new one takes its place, but not again and again. @param {string} sentence */
  #recover(sentence) {
    // A GPU may be what stopped it, and the CPU has what it takes.
    const withGpu = this.lab.address.engine !== "cpu" && !this.gpuFailed && "gpu" in navigator;
    this.gpuFailed ||= withGpu;
    host.avoidsGpu ||= withGpu;
    const { again, ...told } = this.#restarts.ended(sentence, this.known, withGpu);
    if (again) this.#restart();
    this.lab.bus.emit("notice", told);
  }

  /** Begins anew, with what the address says now, or with the file that is open. @param {boolean} [withFile] */
  #restart(withFile = true) {
    this.lab.plots.clear();
    this.lab.features.clear();
    const file = withFile ? this.files.lost(this.isBehind) : undefined;
    this.start();
    if (!file) return;
    this.newest += 1;
    this.files.reopen(file, this.newest);
  }

  /** @param {ToWorker} message */
  say(message) {
    this.#session?.say(message);
  }

  /** @returns {EngineChoice} */
  get #engine() {
    return this.gpuFailed || host.avoidsGpu ? "cpu" : this.lab.address.engine;
  }

  /** A new question, and what goes with it. @param {string | undefined} prompt */
  #question(prompt) {
    const { target, hold, thresholds } = this.lab.address;
    this.newest += 1;
    return { request: this.newest, prompt, target, hold, thresholds: { ...thresholds } };
  }

  start() {
    const { model, transcoder, prompt, compare } = this.lab.address;
    this.#open();
    this.say({ type: "start", model, transcoder, engine: this.#engine, ...this.#question(prompt) });
    if (compare) this.compareLater = true;
  }

  /** Whether anybody sees the lab: for who does not, nothing goes on that nobody waits for. @param {boolean} seen */
  see(seen) {
    if (seen === this.#seen) return;
    this.#seen = seen;
    if (seen) this.#session?.resume();
    else this.#session?.suspend();
  }

  /** Closes its session. */
  end() {
    this.#session?.close();
    this.#session = undefined;
  }

  /** Whether one was begun in this visit. */
  get began() {
    return this.newest > 0;
  }

  /** @param {string} prompt */
  trace(prompt) {
    this.files.forgetAsked();
    if (!this.runs) return this.#restart(false);
    this.say({ type: "trace", ...this.#question(prompt), prompt });
  }

  /** Asks for the model's other transcoder; the one in use stays where that does not come. @param {Transcoder} transcoder */
  takeTranscoder(transcoder) {
    const { prompt } = this.lab;
    if (prompt === undefined) return;
    this.files.forgetAsked();
    if (!this.runs) return this.#restart(false);
    const question = this.#question(prompt);
    this.transcoderAsked = question.request;
    this.say({ type: "transcoder", transcoder, engine: this.#engine, ...question, prompt });
  }

  prune() {
    this.say({ type: "prune", thresholds: { ...this.lab.address.thresholds } });
  }

  /** Shows a graph from a file. @param {Uint8Array<ArrayBuffer>} bytes @param {File} file */
  open(bytes, file) {
    const { request } = this.#question(undefined);
    this.files.ask(file, request);
    if (!this.runs) return this.#restart();
    this.say({ type: "open", request, bytes, file: file.name });
  }

  /** After a restart, opens what was open. */
  async openAgain() {
    const asked = this.files.toReopen();
    if (asked)
      this.say({ type: "open", request: asked.request, bytes: new Uint8Array(await asked.file.arrayBuffer()), file: asked.file.name });
  }

  /** Asks for the graph of a second prompt; of none there is none. @param {string | undefined} prompt */
  compare(prompt) {
    if (!prompt) {
      this.lab.other = undefined;
      return this.say({ type: "stop comparing" });
    }
    if (this.lab.view?.early) return void (this.compareLater = true);
    this.compared += 1;
    this.say({ type: "compare", request: this.compared, prompt, hold: this.lab.address.hold });
  }

  /**
   * Asks for the plots of these nodes, and else the labels, that are not here yet; they come to the lab's `plots` and `features`.
   * @param {Iterable<number>} nodes
   * @param {Plotted | undefined} [view] the graph on show, unless another is meant
   */
  wantPlots(nodes, view = this.lab.view) {
    const { plots, features, view: shown } = this.lab;
    if (!view || shown?.recorded || shown?.early) return;
    const places = Array.from(nodes)
      .filter((node) => view.graph.kind[node] === FEATURE)
      .map((node) => placeOf(view.graph, node));
    features.wantLabels(places);
    if (!view.operands || !plots.isFinished(view.operands.key)) return;
    const { key } = view.operands;
    const wanted = plots.want(key, places);
    if (wanted.length > 0) this.say({ type: "plots", key, wanted });
  }
}
