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
 * @property {undefined} asked something else is to be shown, and is asked of the worker
 * @property {undefined} answered what is on show stays: what was asked came to nothing
 * @property {number} late the worker has not said a word for so many seconds; 0: it does again
 * @property {undefined} graph a new graph is on show
 * @property {undefined} pruned the same graph, pruned anew
 * @property {undefined} likeness whether its prompt is like the training texts is known
 * @property {undefined} thresholds a slider moved
 * @property {undefined} target something else is to be explained
 * @property {undefined} arrangement pins, supernodes, labels or places changed
 * @property {undefined} between the edges among the pinned nodes arrived
 * @property {undefined} answers the whole answers that tokens begin arrived
 * @property {undefined} labels automatic labels arrived
 * @property {undefined} heads the heads that carry the edges of the selected node arrived
 * @property {undefined} feature what is known of a feature arrived
 * @property {undefined} continuation the model said another token
 * @property {undefined} compare another second prompt, or none
 * @property {undefined} compared its graph arrived
 * @property {undefined} steering features were set, or let go of
 * @property {undefined} steered what came of it arrived, or nothing is set any more
 * @property {undefined} steeredText the model said another token, with features set
 * @property {undefined} grade the graph's grade is to be on show, or not
 * @property {Said<"grading">} grading progress of the grade
 * @property {undefined} graded the grade arrived
 * @property {undefined} rungs a node's ladder arrived
 * @property {undefined} zoom the graph is to be drawn larger or smaller
 * @property {undefined} steps there is more or less to undo
 * @property {undefined} transcoder another transcoder is to be used, and is on its way
 * @property {undefined} tookTranscoder it is used now, or the one before stays
 * @property {undefined} selection a node was selected, or none is
 * @property {undefined} hover the pointer is on another node, or on none
 * @property {undefined} detail inputs and outputs of a node arrived
 * @property {undefined} plots operand plots arrived
 * @property {undefined} theme light became dark, or the reverse
 * @property {Said<"operands">} operands progress of the operand plots
 * @property {Said<"samples">} samples progress of the sample texts
 * @property {Said<"download">} download progress of the model's files
 * @property {Said<"engine">} engine which engine runs, and what was measured
 * @property {Said<"json">} json the graph as a file
 * @property {{ about: string, sentence: string, advice: string } | undefined} notice something to tell in words; nothing: all is well
 */

/** What stays true until it is said again: who comes late is told of it. @type {(keyof Events)[]} */
const LASTING = [
  "manifest",
  "engine",
  "graph",
  "answers",
  "continuation",
  "compare",
  "compared",
  "steering",
  "steered",
  "steeredText",
  "grade",
  "graded",
];

export class Bus {
  /** The last of each that lasts, in the order in which they were said. @type {Map<string, any>} */
  #said = new Map();
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
    if (LASTING.includes(name)) {
      this.#said.delete(name);
      this.#said.set(name, detail);
    }
    for (const listener of this.#listeners.get(name) ?? []) listener(detail);
  }

  /** Tells those who begin to listen now what was said before. @param {() => void} begin @returns {() => void} they listen no more */
  catchUp(begin) {
    const before = new Map([...this.#listeners].map(([name, all]) => [name, all.length]));
    begin();
    const begun = new Map([...this.#listeners].map(([name, all]) => [name, all.slice(before.get(name) ?? 0)]));
    for (const [name, detail] of [...this.#said]) for (const listener of begun.get(name) ?? []) listener(detail);
    return () => {
      for (const [name, gone] of begun)
        this.#listeners.set(
          name,
          (this.#listeners.get(name) ?? []).filter((listener) => !gone.includes(listener)),
        );
    };
  }
}
