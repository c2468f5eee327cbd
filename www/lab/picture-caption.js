// What stands below a picture of the graph: what it shows, by whom, and how to read it.

/** @import { Lab } from "./lab.js" */

import { answerOf, chanceOf, counted, partOf, percent } from "./format.js";
import { LOGIT } from "./kinds.js";
import { nameOfTarget } from "./target.js";

/** What edges are, by what they take as given. @type {Record<import("./messages.js").Reading, string>} */
const EDGES = {
  "patterns,norms": "Edges are direct effects with attention patterns and normalisation held fixed",
  patterns: "Edges are derivatives with attention patterns held fixed",
  norms: "Edges are derivatives with normalisation held fixed",
  errors: "Edges are derivatives with errors held fixed",
  nothing: "Edges are derivatives with nothing held fixed",
};

/** Its lines, the first of which is a title. @param {Lab} lab @param {number} room characters a line */
export function captionOf(lab, room) {
  const { view, manifest, address } = lab;
  if (!view) return [];
  const { graph, pruned, recorded } = view;
  const answers = graph.targets
    .map((_, i) => graph.kind.length - graph.targets.length + i)
    .slice(0, 3)
    .map((node) => `${answerOf(graph, node)} (${[chanceOf(graph, node), partOf(graph, node)].filter((each) => each).join(", ")})`);
  const { density } = address.thresholds;
  const rare = density < 1 ? `, without features active on more than ${percent(density)} of the tokens` : "";
  const scoresOf = graph.scoresOfAll ? "" : " (of what is left)";
  const signs = graph.kind.some((kind) => kind > LOGIT)
    ? "diamonds are errors (dashed: of attention), squares attention features, bars biases."
    : "diamonds are errors.";
  const origin = recorded
    ? `Recorded graph from ${recorded.file}${recorded.scan ? `, model ${recorded.scan}` : ""}.`
    : `${manifest?.title ?? ""}, ${address.transcoder} transcoder. Computed live by Attograph.`;
  const text = [
    `Explained: ${nameOfTarget(address.target, graph)}: ${answers.join(", ")}.`,
    `${counted(pruned.nodes.length, "node")} and ${counted(pruned.weights.length, "edge")} that carry ` +
      `${percent(address.thresholds.node)} and ${percent(address.thresholds.edge)} of the influence${rare}` +
      `${graph.hold === "nothing" ? "" : `; replacement ${graph.replacement.toFixed(3)}`}` +
      `${graph.hold === "patterns,norms" ? `, completeness ${graph.completeness.toFixed(3)}` : ""}${scoresOf}.`,
    `${EDGES[graph.hold]}: solid lines add, dashed ones take away; ${signs}`,
    origin,
  ].join(" ");
  const lines = [`Attribution graph of “${view.prompt.replaceAll(/\s+/g, " ")}”`.slice(0, Math.floor(room * 0.8))];
  let line = "";
  for (const word of text.split(" ")) {
    if (line.length + word.length + 1 > room) {
      lines.push(line);
      line = "";
    }
    line += line ? ` ${word}` : word;
  }
  return [...lines, line];
}
