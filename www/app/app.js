// The state that all panels share, and the few things one can do to it.

/** @import { Inputs, OperandPlot, Outputs, Pruned } from "./engine-api.js" */
/** @import { Graph, Manifest, Operands, Transcoder } from "./messages.js" */
/** @import { Address } from "./url.js" */

import { Bus } from "./bus.js";
import { FEATURE, placeOf } from "./kinds.js";
import { keepInHistory } from "./url.js";
import { WorkerClient } from "./worker-client.js";

/** The graph on show. @typedef {{ request: number, prompt: string, graph: Graph, pruned: Pruned, operands: Operands | undefined, indexOf: Map<string, number> }} View */
/** @typedef {{ node: number, inputs: Inputs, outputs: Outputs }} Detail */

export class App {
  bus = new Bus();
  worker = new WorkerClient(this);
  /** @type {Manifest | undefined} */ manifest;
  /** Name of the model's folder, and those of all models on this site. */
  model = "";
  /** @type {string[]} */ models = [];
  /** @type {View | undefined} */ view;
  /** The node under the pointer. @type {number | undefined} */ hovered;
  /** What the worker told last of a node. @type {Detail | undefined} */ detail;

  /** @param {Address} address what the URL says; kept up to date in it */
  constructor(address) {
    this.address = address;
  }

  /** The prompt in the box: the model's first example where nothing was typed. */
  get prompt() {
    return this.address.prompt ?? this.manifest?.examples[0]?.prompt;
  }

  /** Index of the selected node in the graph on show, if it has one. */
  get selected() {
    return this.address.selected === undefined ? undefined : this.view?.indexOf.get(this.address.selected);
  }

  /** @param {number | undefined} node */
  select(node) {
    this.address.selected = node === undefined ? undefined : this.view?.graph.id[node];
    this.bus.emit("selection", undefined);
  }

  /** @param {number | undefined} node */
  hover(node) {
    if (node === this.hovered) return;
    this.hovered = node;
    this.bus.emit("hover", undefined);
  }

  /** Goes to another prompt, from which the browser's Back returns. @param {string} prompt */
  goTo(prompt) {
    if (prompt === this.prompt) return;
    keepInHistory(this.address);
    this.ask(prompt);
  }

  /** Shows what another entry of the history holds. @param {Address} address */
  restore(address) {
    const sameTranscoder = address.transcoder === this.address.transcoder;
    // The colours stay as they are.
    Object.assign(this.address, address, { theme: this.address.theme });
    this.hover(undefined);
    for (const name of /** @type {const} */ (["thresholds", "prompt", "selection"])) this.bus.emit(name, undefined);
    if (!sameTranscoder) {
      this.bus.emit("transcoder", undefined);
      this.worker.restart();
    } else if (this.prompt !== undefined) this.worker.trace(this.prompt);
  }

  /** @param {string} prompt */
  ask(prompt) {
    this.address.prompt = prompt;
    this.bus.emit("prompt", undefined);
    this.worker.trace(prompt);
  }

  /** Traces again, with the model's other transcoder. @param {Transcoder} transcoder */
  traceWith(transcoder) {
    keepInHistory(this.address);
    this.address.transcoder = transcoder;
    this.hover(undefined);
    this.select(undefined); // the features of one are not those of the other
    this.bus.emit("transcoder", undefined);
    this.worker.restart();
  }

  /** @param {Partial<{ node: number, edge: number }>} change */
  prune(change) {
    Object.assign(this.address.thresholds, change);
    this.bus.emit("thresholds", undefined);
    this.worker.prune();
  }

  /**
   * The operand plot of a feature, if it is here already.
   * @param {number} node
   * @returns {OperandPlot | undefined}
   */
  plot(node) {
    const view = this.view;
    if (!view?.operands || view.graph.kind[node] !== FEATURE) return undefined;
    return this.worker.plotAt(view.operands.key, placeOf(view.graph, node));
  }
}
