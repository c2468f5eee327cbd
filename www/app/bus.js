// How the panels hear of each other: one small bus, and the names of everything that can happen.

/** @import { FromWorker } from "./messages.js" */

/**
 * @template {FromWorker["type"]} T
 * @typedef {Extract<FromWorker, { type: T }>} Said
 */

/**
 * What the events carry. The state is changed before an event is sent, so most need say nothing.
 * @typedef {object} Events
 * @property {undefined} manifest the model is known
 * @property {undefined} prompt the text in the prompt box changed
 * @property {undefined} graph a new graph is on show
 * @property {undefined} pruned the same graph, pruned anew
 * @property {undefined} thresholds a slider moved
 * @property {undefined} transcoder another transcoder is to be used, and is on its way
 * @property {undefined} selection a node was selected, or none is
 * @property {undefined} hover the pointer is on another node, or on none
 * @property {undefined} detail inputs and outputs of a node arrived
 * @property {undefined} plots operand plots arrived
 * @property {undefined} theme light became dark, or the reverse
 * @property {Said<"operands">} operands progress of the operand plots
 * @property {Said<"download">} download progress of the model's files
 * @property {Said<"engine">} engine which engine runs, and what was measured
 * @property {Said<"json">} json the graph as a file
 * @property {{ about: string, sentence: string, advice: string } | undefined} notice something to tell in words; nothing: all is well
 */

export class Bus {
  /** @type {Map<string, ((detail: any) => void)[]>} */
  #listeners = new Map();

  /**
   * @template {keyof Events} K
   * @param {K} name
   * @param {(detail: Events[K]) => void} listener
   */
  on(name, listener) {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
  }

  /**
   * @template {keyof Events} K
   * @param {K} name
   * @param {Events[K]} detail
   */
  emit(name, detail) {
    for (const listener of this.#listeners.get(name) ?? []) listener(detail);
  }
}
