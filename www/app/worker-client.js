// The page's end of the worker: sends requests, takes answers into the state, drops what came too late.

/** @import { App } from "./app.js" */
/** @import { OperandPlot } from "./engine-api.js" */
/** @import { FeaturePlace, FromWorker, ToWorker } from "./messages.js" */

import { FEATURE, placeOf } from "./kinds.js";

const PLOTS_KEPT = 3000;
const BETWEEN_CRASHES_MS = 30_000;

function newWorker() {
  return new Worker(new URL("../worker.js", import.meta.url), { type: "module", name: "attograph" });
}

export class WorkerClient {
  #worker = newWorker();
  #crashed = -Infinity;
  #newest = 0;
  /** @type {Map<string, OperandPlot>} by template and place; oldest first */
  #plots = new Map();
  /** Asked for and not yet answered, by key. @type {Map<string, FeaturePlace>} */
  #wanted = new Map();
  /** Templates whose plots are finished. @type {Set<string>} */
  #finished = new Set();

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
    this.#finished.clear();
    this.#wanted.clear();
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
    const { model, transcoder, engine, prompt, thresholds } = this.app.address;
    this.#say({ type: "start", request: this.#newest, model, transcoder, engine, prompt, thresholds: { ...thresholds } });
  }

  /** @param {string} prompt */
  trace(prompt) {
    this.#newest += 1;
    this.#say({ type: "trace", request: this.#newest, prompt, thresholds: { ...this.app.address.thresholds } });
  }

  prune() {
    this.#say({ type: "prune", thresholds: { ...this.app.address.thresholds } });
  }

  /** @param {number} node */
  inspect(node) {
    const view = this.app.view;
    if (view) this.#say({ type: "inspect", request: view.request, node });
  }

  json() {
    const view = this.app.view;
    if (view) this.#say({ type: "json", request: view.request, thresholds: { ...this.app.address.thresholds } });
  }

  /**
   * Asks for the plots of these nodes that are not here yet; they come with the event "plots".
   * @param {Iterable<number>} nodes
   */
  wantPlots(nodes) {
    const view = this.app.view;
    if (!view?.operands || !this.plotsFinished(view.operands.key)) return;
    const { key } = view.operands;
    for (const node of nodes) {
      if (view.graph.kind[node] !== FEATURE) continue;
      const place = placeOf(view.graph, node);
      if (!this.plotAt(key, place)) this.#wanted.set(name(key, place), place);
    }
    if (this.#wanted.size > 0) this.#say({ type: "plots", key, wanted: [...this.#wanted.values()] });
  }

  /** Whether the plots of a template are computed. @param {string} key */
  plotsFinished(key) {
    return this.#finished.has(key);
  }

  /** @param {string} key @param {FeaturePlace} place */
  plotAt(key, place) {
    return this.#plots.get(name(key, place));
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
        const indexOf = new Map(message.graph.id.map((id, node) => [id, node]));
        if (app.view?.operands?.key !== message.operands?.key) this.#wanted.clear();
        app.hover(undefined);
        app.view = { ...message, indexOf };
        app.detail = undefined;
        app.bus.emit("graph", undefined);
        app.bus.emit("notice", undefined);
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
      case "operands":
        if (message.done >= message.total) this.#finished.add(message.key);
        app.bus.emit("operands", message);
        break;
      case "plots":
        this.#keep(message.key, message.plots);
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
        if (message.about !== "model" && message.about !== "engine" && message.request < this.#newest) return;
        app.bus.emit("notice", message);
        break;
    }
  }

  /** @param {string} key @param {(FeaturePlace & OperandPlot)[]} plots */
  #keep(key, plots) {
    for (const plot of plots) {
      this.#plots.set(name(key, plot), { pixels: plot.pixels, max: plot.max });
      this.#wanted.delete(name(key, plot));
    }
    for (const oldest of this.#plots.keys()) {
      if (this.#plots.size <= PLOTS_KEPT) break;
      this.#plots.delete(oldest);
    }
    this.app.bus.emit("plots", undefined);
  }
}

/** @param {string} key @param {FeaturePlace} place */
function name(key, { layer, position, index }) {
  return `${layer}/${position}/${index}/${key}`;
}
