// What stands below a picture of the graph: what it shows, by whom, and how to read it.

/** @import { Lab } from "./lab.js" */

import { answerOf, chanceOf, counted, partOf, percent } from "./format.js";
import { LOGIT } from "./kinds.js";
import { shiftedAnswer } from "./steer/shifted.js";
import { FREE, keyOfNode, MODES, settingOf, settingText } from "./steer/steering.js";
import { factsOf, toldOf } from "./story/told.js";
import { nameOfTarget } from "./target.js";

const MOST_SET = 4; // features that are named

/** What edges are, by what they take as given. @type {Record<import("./messages.js").Reading, string>} */
const EDGES = {
  "patterns,norms": "direct effects with attention patterns and normalisation held fixed",
  patterns: "derivatives with attention patterns held fixed",
  norms: "derivatives with normalisation held fixed",
  errors: "derivatives with errors held fixed",
  nothing: "derivatives with nothing held fixed",
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
  const scores = [
    ...(graph.hold === "nothing" ? [] : [`replacement ${graph.replacement.toFixed(3)}`]),
    ...(graph.hold === "patterns,norms" ? [`completeness ${graph.completeness.toFixed(3)}`] : []),
  ].join(", ");
  const told = lab.shown === "story" ? toldOf(lab) : undefined;
  const nodes = [
    `${counted(pruned.nodes.length, "node")} and ${counted(pruned.weights.length, "edge")} that carry ` +
      `${percent(address.thresholds.node)} and ${percent(address.thresholds.edge)} of the influence${rare}` +
      `${scores && `; ${scores}`}${scoresOf}.`,
    `Edges are ${EDGES[graph.hold]}: solid lines add, dashed ones take away; ${signs}`,
  ];
  const cards = told && [
    `${factsOf(lab, told).join("; ")}${scores && `; ${scores}`}.`,
    `A card stands for features that do the same, a line for the influence that passes between them along edges, ${EDGES[graph.hold]}: ` +
      "solid ones add, dashed ones take away.",
  ];
  const explained = `Explained: ${nameOfTarget(address.target, graph)}: ${answers.join(", ")}.`;
  const text = [explained, ...steeredOf(lab), ...(cards ?? nodes), origin].join(" ");
  const title = `Attribution graph of “${view.prompt.replaceAll(/\s+/g, " ")}”`;
  const most = Math.floor(room * 0.83); // its letters are broader
  const lines = [title.length > most ? `${title.slice(0, most - 2)}…”` : title];
  let line = "";
  for (const word of text.replaceAll(" %", "\u00a0%").split(" ")) {
    if (line.length + word.length + 1 > room) {
      lines.push(line);
      line = "";
    }
    line += line ? ` ${word}` : word;
  }
  return [...lines, line];
}

/** What is set, and what the original model says with it. @param {Lab} lab */
function steeredOf(lab) {
  const { view, address } = lab;
  const [first] = view?.steered?.answers ?? [];
  if (!view || !lab.isSteered || !first) return [];
  const { steering } = address;
  const nodes = new Map(Array.from(view.graph.kind, (_, node) => [keyOfNode(view.graph, node), node]));
  const set = Object.keys(steering.set).flatMap((key) => {
    const [setting, node] = [settingOf(steering, key), nodes.get(key)];
    if (!setting) return [];
    const name = node === undefined ? `feature ${setting.index} of layer ${setting.layer}` : `“${lab.nameOf(node)}”`;
    return [`${name} ${settingText(setting)}`];
  });
  const some = set.length > MOST_SET ? [...set.slice(0, MOST_SET), `${set.length - MOST_SET} more`] : set;
  const held = MODES.find(({ mode }) => mode === steering.mode)?.name ?? "Constrained to some layers";
  const { text, after } = shiftedAnswer(lab, first);
  return [
    `Set: ${some.join(", ")}${steering.mode === FREE ? "" : ` (${held.toLowerCase()})`}; the model then says ${text} (${percent(after)}).`,
  ];
}
