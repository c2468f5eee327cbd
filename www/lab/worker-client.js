// The page's end of the worker: sends requests, takes answers into the state, drops what came too late.

/** @import { Lab, Plotted, View } from "./lab.js" */
/** @import { EngineChoice, FeaturePlace, FromWorker, Recorded, Steering, ToWorker, Transcoder } from "./messages.js" */

import { FeatureShelf } from "./feature-shelf.js";
import { keptOf, readKept } from "./kept-graph.js";
import { KeptPlots } from "./kept-plots.js";
import { FEATURE, placeOf } from "./kinds.js";
import { plotsOf } from "./packed-plots.js";
import { betweenOf, detailOf } from "./recorded/recording.js";
import { differenceOf } from "./recorded/same.js";
import { asksFor } from "./recorded/wanted.js";
import { arrangementOf } from "./saved-arrangement.js";
import { settingsFor } from "./steer/steering.js";
import { Thread } from "./thread.js";

/** How often a worker is started again by itself, in so many milliseconds: one prompt may end every one of them. */
const RESTARTS = { most: 2, within: 120_000 };

/**
 * @typedef {{ file: File, again: boolean, request: number }} OpenFile `again`: it was open before, and what it says of pins and labels
 *   was taken over
 */

export class WorkerClient {
  /** When workers ended unexpectedly. @type {number[]} */ #ends = [];
  /** Whether the GPU failed or a worker ended with it: it is not tried again in this visit. */
  #gpuFailed = false;
  /** Number of the last question. */
  #newest = 0;
  /** Number of the question that what is on show answers, also where the answer was that it stays. */
  #answered = -1;
  #compared = 0;
  #plots = new KeptPlots();
  /** The files whose graphs are on show and on their way. @type {{ shown?: OpenFile, asked?: OpenFile }} */ #files = {};
  /** The question that is a file, to be asked once a new engine is there. @type {number | undefined} */ #reopening;
  /** Number of the last question for another transcoder. */
  #transcoderAsked = -1;
  features = new FeatureShelf((message) => this.#say(message));
  #thread = new Thread({
    hear: (message) => this.#hear(message),
    late: (seconds) => this.lab.bus.emit("late", seconds),
    ended: (why) => this.#recover(why),
    refused: (why) =>
      this.lab.bus.emit("notice", { about: "model", sentence: why, advice: "Open the page in a tab of its own, in a current browser." }),
  });

  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
  }

  /** Whether what is on show answers an earlier question. */
  get isBehind() {
    const { view, address } = this.lab;
    if (view?.early) return !asksFor(address, view.prompt);
    return this.#answered < this.#newest;
  }

  /** The engine has stopped for good: a new one takes its place, but not again and again. @param {string} sentence */
  #recover(sentence) {
    const { bus, address } = this.lab;
    const manifest = this.#known;
    const now = performance.now();
    this.#ends = [...this.#ends.filter((then) => now - then < RESTARTS.within), now];
    // A GPU may be what stopped it, and the CPU has what it takes.
    const withGpu = address.engine !== "cpu" && !this.#gpuFailed && "gpu" in navigator;
    this.#gpuFailed ||= withGpu;
    if (!manifest || this.#ends.length > RESTARTS.most) {
      const again = manifest
        ? "Change the prompt, and it begins again; or reload the page."
        : "Reload the page to try again; its address holds what you set.";
      bus.emit("notice", {
        about: "model",
        sentence: `${sentence} ${manifest ? "It is not started with this prompt again." : ""}`.trim(),
        advice: again,
      });
      return;
    }
    this.#restart();
    bus.emit("notice", {
      about: "engine",
      sentence,
      advice: `It was started again${withGpu ? ", and traces on the CPU" : ""}. Nothing that you set is lost.`,
    });
  }

  /** Begins anew, with what the address says now, or with the file that is open. @param {boolean} [withFile] */
  #restart(withFile = true) {
    this.#plots.clear();
    this.features.clear();
    const { asked, shown } = this.#files;
    const file = withFile ? (asked ?? (this.isBehind ? undefined : shown)) : undefined;
    this.start();
    if (!file) return;
    this.#newest += 1;
    this.#reopening = this.#newest;
    this.#files.asked = { ...file, again: file.again || file === shown, request: this.#newest };
  }

  /** @param {ToWorker} message */
  #say(message) {
    this.#thread.say(message);
  }

  /** @returns {EngineChoice} */
  get #engine() {
    return this.#gpuFailed ? "cpu" : this.lab.address.engine;
  }

  /** A new question, and what goes with it. @param {string | undefined} prompt */
  #question(prompt) {
    const { target, thresholds } = this.lab.address;
    this.#newest += 1;
    this.lab.bus.emit("asked", undefined);
    return { request: this.#newest, prompt, target, thresholds: { ...thresholds } };
  }

  start() {
    const { model, transcoder, prompt, compare } = this.lab.address;
    this.#thread.begin();
    this.#say({ type: "start", model, transcoder, engine: this.#engine, ...this.#question(prompt) });
    if (compare) this.#compareLater = true;
  }

  /** The second prompt waits for the model. */
  #compareLater = false;
  /** Whether a worker has told of its model. */
  #known = false;

  end() {
    this.#thread.end();
  }

  /** Whether one was begun in this visit. */
  get began() {
    return this.#newest > 0;
  }

  /** @param {string} prompt */
  trace(prompt) {
    this.#files.asked = undefined;
    if (!this.#thread.runs) return this.#restart(false);
    this.#say({ type: "trace", ...this.#question(prompt), prompt });
  }

  /** Asks for the model's other transcoder; the one in use stays where that does not come. @param {Transcoder} transcoder */
  takeTranscoder(transcoder) {
    const { prompt } = this.lab;
    if (prompt === undefined) return;
    this.#files.asked = undefined;
    if (!this.#thread.runs) return this.#restart(false);
    const question = this.#question(prompt);
    this.#transcoderAsked = question.request;
    this.#say({ type: "transcoder", transcoder, engine: this.#engine, ...question, prompt });
  }

  prune() {
    this.#say({ type: "prune", thresholds: { ...this.lab.address.thresholds } });
  }

  /** Shows a graph from a file. @param {Uint8Array<ArrayBuffer>} bytes @param {File} file */
  open(bytes, file) {
    const { request } = this.#question(undefined);
    this.#files.asked = { file, again: false, request };
    if (!this.#thread.runs) return this.#restart();
    this.#say({ type: "open", request, bytes, file: file.name });
  }

  /** After a restart, opens what was open. */
  async #openAgain() {
    const { asked } = this.#files;
    const wanted = this.#reopening;
    this.#reopening = undefined;
    if (asked && asked.request === wanted)
      this.#say({ type: "open", request: asked.request, bytes: new Uint8Array(await asked.file.arrayBuffer()), file: asked.file.name });
  }

  /** The file is no graph, so what is on show stays; unless another prompt was to take its place. */
  #fileRefused() {
    this.#files.asked = undefined;
    this.#answered = this.#newest;
    const { view, prompt } = this.lab;
    if (view && !view.recorded && prompt !== undefined && view.prompt !== prompt) this.trace(prompt);
    else this.lab.bus.emit("answered", undefined);
  }

  /** @param {string} prompt */
  compare(prompt) {
    if (this.lab.view?.early) return void (this.#compareLater = true);
    this.#compared += 1;
    this.#say({ type: "compare", request: this.#compared, prompt });
  }

  /** @param {number} node */
  inspect(node) {
    const { lab } = this;
    const view = lab.view;
    if (view?.early) {
      lab.detail = detailOf(view, node);
      lab.bus.emit("detail", undefined);
    } else if (view) this.#say({ type: "inspect", request: view.request, node });
  }

  /** Asks which heads carry these edges. @param {Uint32Array} sources @param {Uint32Array} targets */
  heads(sources, targets) {
    const view = this.lab.view;
    if (view && this.lab.isLive && sources.length > 0) this.#say({ type: "heads", request: view.request, sources, targets });
  }

  /** Asks for all edges among some nodes. @param {number[]} nodes */
  between(nodes) {
    const { lab } = this;
    const view = lab.view;
    if (view?.early) {
      lab.between = betweenOf(view, nodes);
      lab.bus.emit("between", undefined);
    } else if (view) this.#say({ type: "between", request: view.request, nodes });
  }

  /** What is set, set in the graph on show. */
  steer() {
    const view = this.lab.view;
    if (view && this.lab.isLive)
      this.#say({ type: "steer", request: view.request, steering: settingsFor(this.lab.address.steering, view.graph.tokens.length) });
  }

  grade() {
    const view = this.lab.view;
    if (view && this.lab.isLive) this.#say({ type: "grade", request: view.request });
  }

  stopGrading() {
    this.#say({ type: "stop grading" });
  }

  /** Asks how a node does on every rung of the ladder. @param {number} node @param {number} share that is taken away */
  climb(node, share) {
    const view = this.lab.view;
    if (view && !view.early) this.#say({ type: "rungs", request: view.request, node, share });
  }

  /** Asks for the graph on show as a file. */
  async json() {
    const { view, address } = this.lab;
    if (!view || view.early) return;
    const arrangement = arrangementOf(this.lab, view);
    const kept = view.recorded ? "{}" : await keptOf(this.lab, view);
    // Of a large file less is shown at first, which nobody asked for: what is saved is all of it, until a slider is moved.
    const { thresholds: first } = view.recorded ?? {};
    const untouched = first !== undefined && first.node === address.thresholds.node && first.edge === address.thresholds.edge;
    const thresholds = untouched ? { node: 1, edge: 1, density: 1 } : { ...address.thresholds };
    this.#say({ type: "json", request: view.request, thresholds, arrangement, kept });
  }

  /** Takes over the whole answers and the operand plots that a file keeps. @param {View} view @param {Recorded} recorded */
  #showKept(view, { own }) {
    const { operands, whole } = readKept(own?.page, view.graph.tokens.length);
    view.graph.whole = whole;
    if (!operands) return;
    const key = `file ${view.request}`;
    const { a, b, aPosition, bPosition } = operands;
    view.operands = { key, a, b, aPosition, bPosition, done: 1, total: 1 };
    void plotsOf(operands).then((plots) => {
      this.#plots.keep(key, plots);
      this.lab.bus.emit("plots", undefined);
    });
  }

  /**
   * Asks for the plots of these nodes, and else the labels, that are not here yet; they come with the events "plots" and "labels".
   * @param {Iterable<number>} nodes
   * @param {Plotted | undefined} [view] the graph on show, unless another is meant
   */
  wantPlots(nodes, view = this.lab.view) {
    if (!view) return;
    if (this.lab.view?.recorded || this.lab.view?.early) return;
    const places = Array.from(nodes)
      .filter((node) => view.graph.kind[node] === FEATURE)
      .map((node) => placeOf(view.graph, node));
    this.features.wantLabels(places);
    if (!view.operands || !this.#plots.finished.has(view.operands.key)) return;
    const { key } = view.operands;
    const wanted = this.#plots.want(key, places);
    if (wanted.length > 0) this.#say({ type: "plots", key, wanted });
  }

  /** Whether the plots of a template are computed. @param {string} key */
  plotsFinished(key) {
    return this.#plots.finished.has(key);
  }

  /** @param {string} key @param {FeaturePlace} place */
  plotAt(key, place) {
    return this.#plots.at(key, place);
  }

  /** The automatic label of a feature, from the sample texts. @param {string} key `layer_index` */
  labelOf(key) {
    return this.features.labelOf(key);
  }

  /** Whether this is what is set now, and not what was a moment ago. @param {Steering} steering */
  #isNow(steering) {
    const now = settingsFor(this.lab.address.steering, this.lab.view?.graph.tokens.length ?? 0);
    return now.mode === steering.mode && now.settings.join() === steering.settings.join();
  }

  /**
   * A live graph takes the recorded one's place, with its plots and labels until its own are here; what is to be told where it is not
   * the same graph.
   * @param {View} view
   */
  #follow(view) {
    const { view: before, address, model } = this.lab;
    const recording = before?.recording;
    if (!recording || view.recorded || view.prompt !== recording.prompt || address.target.kind !== "answers") return undefined;
    if (address.transcoder !== "cross-layer") return undefined;
    const { whole } = view.graph;
    const unlike = model === recording.model ? differenceOf(recording, view, asksFor(address, recording.prompt)) : "it is of another model";
    if (!unlike) {
      view.recording = recording;
      view.graph.whole = whole ?? before.graph.whole;
      return undefined;
    }
    return {
      about: "recorded",
      sentence: `The recorded first picture was not the graph that is computed here: ${unlike}.`,
      advice: "The live graph is on show now. This is a fault of Attograph or of the engine named below: please report it.",
    };
  }

  /** @param {FromWorker} message */
  #hear(message) {
    const { lab } = this;
    switch (message.type) {
      case "manifest": {
        const told = [message.manifest, message.name, message.models, message.transcoder];
        const known = [lab.manifest, lab.model, lab.models, lab.address.transcoder];
        // Who is at something of the recorded graph is not disturbed by what the page knew already.
        const news = !lab.view?.early || JSON.stringify(told) !== JSON.stringify(known);
        this.#known = true;
        lab.manifest = message.manifest;
        lab.model = message.name;
        lab.models = message.models;
        lab.address.transcoder = message.transcoder;
        if (news) lab.bus.emit("manifest", undefined);
        break;
      }
      case "graph": {
        if (message.request < this.#newest) return;
        if (lab.view?.operands?.key !== message.operands?.key) this.#plots.forgetWishes();
        this.#answered = message.request;
        const { asked } = this.#files;
        this.#files = { shown: message.recorded && asked };
        /** @type {View} */
        const view = { ...message, indexOf: new Map(message.graph.id.map((id, node) => [id, node])) };
        const unlike = this.#follow(view);
        if (message.recorded) this.#showKept(view, message.recorded);
        lab.show(view, message.recorded && asked?.file, asked?.again);
        if (unlike) lab.bus.emit("notice", unlike);
        if (this.#compareLater && lab.address.compare) this.compare(lab.address.compare);
        this.#compareLater = false;
        break;
      }
      case "pruned":
        if (lab.view?.request !== message.request) return;
        lab.view.pruned = message.pruned;
        lab.bus.emit("pruned", undefined);
        break;
      case "node":
        if (lab.view?.request !== message.request) return;
        lab.detail = message;
        lab.bus.emit("detail", undefined);
        break;
      case "heads":
        if (lab.view?.request !== message.request) return;
        lab.carried = message;
        lab.bus.emit("heads", undefined);
        break;
      case "between":
        if (lab.view?.request !== message.request) return;
        lab.between = message;
        lab.bus.emit("between", undefined);
        break;
      case "steered":
      case "steeredAnswers":
      case "steeredText": {
        if (lab.view?.request !== message.request || !this.#isNow(message.steering)) return;
        if (message.type === "steered") {
          lab.steered = message.report;
          lab.steeredWhole = undefined;
        } else if (message.type === "steeredText") lab.steeredText = message;
        else lab.steeredWhole = message;
        lab.bus.emit(message.type === "steeredAnswers" ? "answers" : message.type, undefined);
        break;
      }
      case "answers":
        if (lab.view?.request !== message.request) return;
        lab.view.graph.whole = message.whole;
        lab.bus.emit("answers", undefined);
        break;
      case "otherAnswers":
        if (message.request < this.#compared || !lab.other) return;
        lab.other.graph.whole = message.whole;
        lab.bus.emit("answers", undefined);
        break;
      case "grading":
        if (lab.view?.request === message.request) lab.bus.emit("grading", message);
        break;
      case "graded":
        if (lab.view?.request !== message.request) return;
        lab.graded = message;
        lab.bus.emit("graded", undefined);
        break;
      case "rungs":
        if (lab.view?.request !== message.request) return;
        lab.rungs = message;
        lab.bus.emit("rungs", undefined);
        break;
      case "compared":
        if (message.request < this.#compared || !lab.address.compare) return;
        lab.other = message;
        lab.bus.emit("compared", undefined);
        break;
      case "continuation":
        if (lab.view?.request !== message.request) return;
        lab.continuation = message;
        lab.bus.emit("continuation", undefined);
        break;
      case "likeness":
        if (lab.view?.request !== message.request) return;
        lab.likeness = message.likeness;
        lab.bus.emit("likeness", undefined);
        break;
      case "operands":
        if (message.done >= message.total) this.#plots.finished.add(message.key);
        lab.bus.emit("operands", message);
        break;
      case "plots":
        this.#plots.keep(message.key, message.plots);
        lab.bus.emit("plots", undefined);
        break;
      case "feature":
        this.features.keep(message);
        lab.bus.emit("feature", undefined);
        break;
      case "samples":
        this.features.ready ||= message.ready;
        lab.bus.emit("samples", message);
        if (message.ready && lab.view) this.wantPlots(lab.view.pruned.nodes);
        break;
      case "labels":
        this.features.keepLabels(message.labels);
        lab.bus.emit("labels", undefined);
        break;
      case "download":
        lab.bus.emit("download", message);
        break;
      case "engine":
        this.#gpuFailed ||= message.gpuFailed;
        lab.bus.emit("engine", message);
        if (this.#reopening !== undefined) void this.#openAgain();
        break;
      case "transcoder":
        if (message.request !== this.#transcoderAsked) return;
        if (message.taken) this.#plots.clear();
        if (message.taken) this.features.clear();
        lab.tookTranscoder(message.transcoder, message.taken);
        break;
      case "beat":
        break; // a sign of life, no more
      case "json":
        lab.bus.emit("json", message);
        break;
      case "failed":
        if ((message.about === "prompt" || message.about === "tokenizer") && message.request < this.#newest) return;
        if (message.about === "compare" && message.request < this.#compared) return;
        if (message.about === "file" && message.request === this.#newest) this.#fileRefused();
        lab.bus.emit("notice", message);
        break;
    }
  }
}
