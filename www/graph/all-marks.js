// All marks of a graph at once, for a file and a poster; the screen's canvases take them in parts.

/** @import { Pruned } from "../lab/engine-api.js" */
/** @import { Graph } from "../lab/messages.js" */
/** @import { Layout } from "./layout.js" */
/** @import { CurveMark, Here, Mark } from "./marks.js" */
/** @import { Word } from "./words.js" */

import { edgeMarks } from "./edges.js";
import { bandMarks, bracketMarks, columnMarks, nameMarks, nodeMarks } from "./marks.js";

/**
 * All marks of a graph, in the order in which they are drawn: what is beneath, edges from the weakest up, nodes.
 * @template P
 * @param {object} what
 * @param {Graph} what.graph
 * @param {Pruned} what.pruned
 * @param {Layout} what.layout
 * @param {number} what.rem what the layout was made with
 * @param {(node: number) => string} [what.nameOf] a node's name for people
 * @param {(node: number) => P | undefined} [what.plotOf] its heat map, if there is one: whatever `hrefOf` or `imageOf` draws
 * @param {Here} [what.operands]
 * @param {number} [what.most] edges; the weakest of more are left out
 * @param {CurveMark[]} [what.edges] bundles in place of edges, strongest first
 * @param {Map<number, Word>} [what.words] beside features
 * @returns {Mark[]}
 */
export function marksOf({ graph, pruned, layout, rem, nameOf, plotOf, operands, most, edges, words }) {
  /** @type {Mark[]} */ const marks = [...bandMarks(layout), ...nameMarks(layout, rem, layout.narrow === true), ...bracketMarks(layout)];
  for (const mark of columnMarks(layout, layout.columns, rem)) marks.push(mark);
  for (const mark of [...(edges ?? edgeMarks(layout, pruned, { rem, end: most }))].reverse()) marks.push(mark);
  for (const box of layout.boxes.values()) {
    const { node } = box;
    for (const mark of nodeMarks(graph, box, { rem, name: nameOf?.(node), plot: plotOf?.(node), operands, word: words?.get(node) }))
      marks.push(mark);
  }
  return marks;
}
