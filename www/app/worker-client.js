// The page's end of the worker: sends requests, takes answers into the state, drops what came too late.

/** @import { App, Plotted } from "./app.js" */
/** @import { FeaturePlace, FromWorker, Steering, ToWorker } from "./messages.js" */

import { placesText } from "./url.js";
import { FeatureShelf } from "./feature-shelf.js";
import { KeptPlots } from "./kept-plots.js";
import { FEATURE, placeOf } from "./kinds.js";
import { settingsFor } from "./steer/steering.js";

const BETWEEN_CRASHES_MS = 30_000;

function newWorker() {
  return new Worker(new URL("../worker.js", import.meta.url), { type: "module", name: "attograph" });
}

export class WorkerClient {
  #worker = newWorker();
  #crashed = -Infinity;
  #newest = 0;
  #compared = 0;
  #plots = new KeptPlots();
  features = new FeatureShelf((message) => this.#say(message));

  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.#listen();
  }

  #listen() {
    this.#worker.onmessage = (/** @type {MessageEvent<FromWorker>} */ event) => this.#hear(event.data);
    this.#worker.onerror = (event) => this.#recover(event.message);
  }

  /** The engine has stopped for good: a new one takes its place, unless that one stops as well. @param {string} why */
  #recover(why) {
    const again = performance.now() - this.#crashed < BETWEEN_CRASHES_MS;
    this.#crashed = performance.now();
    const sentence = `The engine stopped unexpectedly${why ? ` (${why})` : ""}.`;
    if (again || !this.app.manifest) {
      this.#worker.terminate();
      this.app.bus.emit("notice", { about: "model", sentence, advice: "Reload the page to go on; its address holds the prompt and the settings." });
      return;
    }
    this.restart();
    this.app.bus.emit("notice", { about: "engine", sentence, advice: "It was started again." });
  }

  /** Begins anew, with what the address says now. */
  restart() {
    this.#worker.terminate();
    this.#plots.clear();
    this.features.clear();
    this.#newest += 1;
    this.#worker = newWorker();
    this.#listen();
    this.start();
  }

  /** @param {ToWorker} message */
  #say(message) {
    this.#worker.postMessage(message);
  }

  start() {
    const { model, transcoder, engine, prompt, target, thresholds, compare } = this.app.address;
    this.#say({ type: "start", request: this.#newest, model, transcoder, engine, prompt, target, thresholds: { ...thresholds } });
    if (compare) this.#compareLater = true;
  }

  /** The second prompt waits for the model. */
  #compareLater = false;

  /** @param {string} prompt */
  trace(prompt) {
    const { target, thresholds } = this.app.address;
    this.#newest += 1;
    this.#say({ type: "trace", request: this.#newest, prompt, target, thresholds: { ...thresholds } });
  }

  prune() {
    this.#say({ type: "prune", thresholds: { ...this.app.address.thresholds } });
  }

  /** Shows a graph from a file. @param {string} json @param {string} file its name */
  open(json, file) {
    this.#newest += 1;
    this.#say({ type: "open", request: this.#newest, json, file });
  }

  /** @param {string} prompt */
  compare(prompt) {
    this.#compared += 1;
    this.#say({ type: "compare", request: this.#compared, prompt });
  }

  /** @param {number} node */
  inspect(node) {
    const view = this.app.view;
    if (view) this.#say({ type: "inspect", request: view.request, node });
  }

  /** Asks which heads carry these edges. @param {Uint32Array} sources @param {Uint32Array} targets */
  heads(sources, targets) {
    const view = this.app.view;
    if (view && !view.recorded && sources.length > 0) this.#say({ type: "heads", request: view.request, sources, targets });
  }

  /** Asks for all edges among some nodes. @param {number[]} nodes */
  between(nodes) {
    const view = this.app.view;
    if (view) this.#say({ type: "between", request: view.request, nodes });
  }

  /** What is set, set in the graph on show. */
  steer() {
    const view = this.app.view;
    if (view && !view.recorded) this.#say({ type: "steer", request: view.request, steering: settingsFor(this.app.address.steering, view.graph.tokens.length) });
  }

  grade() {
    const view = this.app.view;
    if (view && !view.recorded) this.#say({ type: "grade", request: view.request });
  }

  stopGrading() {
    this.#say({ type: "stop grading" });
  }

  /** Asks how a node does on every rung of the ladder. @param {number} node @param {number} share that is taken away */
  climb(node, share) {
    const view = this.app.view;
    if (view) this.#say({ type: "rungs", request: view.request, node, share });
  }

  json() {
    const { view, address, arrangement } = this.app;
    if (!view) return;
    const labels = Object.fromEntries(
      view.graph.id.flatMap((id, node) => {
        const label = this.app.labelOf(node);
        return label === undefined ? [] : [[id, label]];
      }),
    );
    this.#say({
      type: "json",
      request: view.request,
      thresholds: { ...address.thresholds },
      arrangement: {
        pinned: arrangement.pinned,
        supernodes: arrangement.supernodes.map(({ label, ids }) => [label, ...ids]),
        clicked: address.selected ?? "",
        positions: Object.keys(arrangement.places).length > 0 ? placesText(arrangement) : "",
        labels,
      },
    });
  }

  /**
   * Asks for the plots of these nodes, and else the labels, that are not here yet; they come with the events "plots" and "labels".
   * @param {Iterable<number>} nodes
   * @param {Plotted | undefined} [view] the graph on show, unless another is meant
   */
  wantPlots(nodes, view = this.app.view) {
    if (!view) return;
    const places = Array.from(nodes).filter((node) => view.graph.kind[node] === FEATURE).map((node) => placeOf(view.graph, node));
    if (this.app.view?.recorded) return;
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
    const now = settingsFor(this.app.address.steering, this.app.view?.graph.tokens.length ?? 0);
    return now.mode === steering.mode && now.settings.join() === steering.settings.join();
  }

  /** @param {FromWorker} message */
  #hear(message) {
    const { app } = this;
    switch (message.type) {
      case "manifest":
        app.manifest = message.manifest;
        app.model = message.name;
        app.models = message.models;
        app.address.transcoder = message.transcoder;
        app.bus.emit("manifest", undefined);
        break;
      case "graph": {
        if (message.request < this.#newest) return;
        if (app.view?.operands?.key !== message.operands?.key) this.#plots.forgetWishes();
        app.show({ ...message, indexOf: new Map(message.graph.id.map((id, node) => [id, node])) });
        if (this.#compareLater && app.address.compare) this.compare(app.address.compare);
        this.#compareLater = false;
        break;
      }
      case "pruned":
        if (app.view?.request !== message.request) return;
        app.view.pruned = message.pruned;
        app.bus.emit("pruned", undefined);
        break;
      case "node":
        if (app.view?.request !== message.request) return;
        app.detail = message;
        app.bus.emit("detail", undefined);
        break;
      case "heads":
        if (app.view?.request !== message.request) return;
        app.carried = message;
        app.bus.emit("heads", undefined);
        break;
      case "between":
        if (app.view?.request !== message.request) return;
        app.between = message;
        app.bus.emit("between", undefined);
        break;
      case "steered":
      case "steeredText": {
        if (app.view?.request !== message.request || !this.#isNow(message.steering)) return;
        if (message.type === "steered") app.steered = message.report;
        else app.steeredText = message;
        app.bus.emit(message.type, undefined);
        break;
      }
      case "grading":
        if (app.view?.request === message.request) app.bus.emit("grading", message);
        break;
      case "graded":
        if (app.view?.request !== message.request) return;
        app.graded = message;
        app.bus.emit("graded", undefined);
        break;
      case "rungs":
        if (app.view?.request !== message.request) return;
        app.rungs = message;
        app.bus.emit("rungs", undefined);
        break;
      case "compared":
        if (message.request < this.#compared || !app.address.compare) return;
        app.other = message;
        app.bus.emit("compared", undefined);
        break;
      case "continuation":
        if (app.view?.request !== message.request) return;
        app.continuation = message;
        app.bus.emit("continuation", undefined);
        break;
      case "operands":
        if (message.done >= message.total) this.#plots.finished.add(message.key);
        app.bus.emit("operands", message);
        break;
      case "plots":
        this.#plots.keep(message.key, message.plots);
        app.bus.emit("plots", undefined);
        break;
      case "feature":
        this.features.keep(message);
        app.bus.emit("feature", undefined);
        break;
      case "samples":
        this.features.ready ||= message.ready;
        app.bus.emit("samples", message);
        if (message.ready && app.view) this.wantPlots(app.view.pruned.nodes);
        break;
      case "labels":
        this.features.keepLabels(message.labels);
        app.bus.emit("labels", undefined);
        break;
      case "download":
        app.bus.emit("download", message);
        break;
      case "engine":
        app.bus.emit("engine", message);
        break;
      case "json":
        app.bus.emit("json", message);
        break;
      case "failed":
        if ((message.about === "prompt" || message.about === "tokenizer") && message.request < this.#newest) return;
        if (message.about === "compare" && message.request < this.#compared) return;
        app.bus.emit("notice", message);
        break;
    }
  }
}
