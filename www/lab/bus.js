// What passes: words for the reader, progress, files. What stays is state, which stands in signals.

/** @import { FromWorker } from "./messages.js" */

/**
 * @template {FromWorker["type"]} T
 * @typedef {Extract<FromWorker, { type: T }>} Said
 */

/**
 * What the events carry.
 * @typedef {object} Events
 * @property {Said<"grading">} grading progress of the grade
 * @property {Said<"operands">} operands progress of the operand plots
 * @property {Said<"download">} download progress of the model's files
 * @property {Said<"json">} json the graph as a file
 * @property {number} visit a node on show that the keyboard is to go to
 * @property {{ about: string, sentence: string, advice: string }} notice something to tell in words
 */

export class Bus {
  /** @type {Map<string, Set<(detail: any) => void>>} */
  #listeners = new Map();

  /** @param {() => AbortSignal} lifetime of who begins to listen now */
  constructor(lifetime) {
    this.lifetime = lifetime;
  }

  /**
   * Hears of something as long as it lives.
   * @template {keyof Events} K
   * @param {K} name
   * @param {(detail: Events[K]) => void} listener
   */
  on(name, listener) {
    const all = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, all.add(listener));
    this.lifetime().addEventListener("abort", () => all.delete(listener), { once: true });
  }

  /**
   * @template {keyof Events} K
   * @param {K} name
   * @param {Events[K]} detail
   */
  emit(name, detail) {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(detail);
  }
}
