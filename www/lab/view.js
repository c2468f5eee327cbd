// The graph on show, and all that is told of it: what is told of one graph is gone with it, and nobody has to take it away.

/** @import { Answer, Grade, Inputs, LikenessTold, Outputs, SteerReport, Story, Trial } from "./engine-api.js" */
/** @import { BegunAnswer, Between, Carried, Graph, Looked, Operands, Recorded, Said, Traced } from "./messages.js" */
/** @import { Recording } from "./recorded/recording.js" */

import { observable } from "./store.js";

/** @typedef {{ node: number, inputs: Inputs, outputs: Outputs }} Detail */
/**
 * What the worker tells of a graph, each missing until it is known.
 * @typedef {object} Told
 * @property {Detail} [detail] the node that was asked for last
 * @property {Between} [between] all edges among the pinned nodes
 * @property {Carried} [carried] the heads that carry the selected node's strongest edges
 * @property {Looked} [looked] why the head that was asked for last looks where it looks
 * @property {{ tokens: Answer[], said: Said[], done: boolean }} [continuation] what the model goes on to say after the prompt
 * @property {LikenessTold} [likeness] whether the prompt is like the training texts
 * @property {SteerReport} [steered] what came of the features that are set
 * @property {{ before: BegunAnswer[], after: BegunAnswer[] }} [steeredWhole] the answers that its tokens begin, without and with them set
 * @property {{ tokens: Answer[], done: boolean }} [steeredText] how the text goes on with them
 * @property {{ grade: Grade, seconds: number }} [graded] how far it can be trusted
 * @property {Story} [story] it told in few items
 * @property {Story} [meanwhile] the same by other names, until operand plots give it its own
 * @property {{ node: number, trials: Trial[] }} [rungs] one node on the ladder of freezing
 */
/**
 * The graph on show.
 * @typedef {Traced & Told & { request: number, recorded: Recorded | undefined, indexOf: Map<string, number>, recording?: Recording,
 *   early?: boolean }} View
 *   `recorded`: it is from a file; `recording`: what the page began with is the same graph, or is this one where it is `early`
 */
/**
 * A graph with its place among its template's plots.
 * @typedef {{ graph: Graph, operands: Operands | undefined, recording?: Recording }} Plotted
 */

/** What changes while a graph is on show. */
const CHANGING = /** @type {const} */ ([
  "pruned",
  "detail",
  "between",
  "carried",
  "looked",
  "continuation",
  "likeness",
  "steered",
  "steeredWhole",
  "steeredText",
  "graded",
  "rungs",
  "story",
  "meanwhile",
]);

/** Readies a graph to be shown: who reads what is told of it hears when there is more. @param {View} view */
export function observed(view) {
  observedGraph(view);
  return observable(view, CHANGING);
}

/** The same of a second graph, of which no more is told than the whole answers. @template {{ graph: Graph }} T @param {T} traced */
export function observedGraph(traced) {
  observable(traced.graph, ["whole"]);
  return traced;
}
