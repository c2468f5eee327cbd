// Tokens whose path to the answer the other kind of transcoder tells otherwise: a sign on the node, and how in words.

/** @import { Lab } from "../lab.js" */
/** @import { Picture } from "../graph/picture.js" */

import { svg } from "../dom.js";
import { answerText, percent, signed } from "../format.js";
import { TOKEN } from "../kinds.js";

export const SIGN = "≠";

/** What the grade says of the paths, once there is one. @param {Lab} lab */
function pathsOf({ view }) {
  return view?.graded?.grade.second?.paths;
}

/** Positions of the tokens whose paths are told otherwise. @param {Lab} lab @returns {number[]} */
export function toldOtherwise(lab) {
  return pathsOf(lab)?.differ ?? [];
}

/** Who else was asked. @param {Lab} lab */
export function theOther(lab) {
  return lab.view?.graded?.grade.second?.per_layer ? "the per-layer transcoders" : "the cross-layer transcoder";
}

/** How a token's path to the answer is told otherwise, for its panel; nothing where it is not. @param {Lab} lab @param {number} node */
export function otherwise(lab, node) {
  const { view } = lab;
  const { graded } = view ?? {};
  const paths = pathsOf(lab);
  if (!view || !graded || !paths || view.graph.kind[node] !== TOKEN) return undefined;
  const position = view.graph.position[node];
  if (!paths.differ.includes(position)) return undefined;
  const [adds, passes] = [paths.effects, paths.middle].map((both) => both.map((each) => each[position]));
  const { answer, runner_up: runnerUp } = graded.grade;
  const [first, second] = [answer, runnerUp].map((token) => answerText(view.graph, { token }));
  const other = theOther(lab);
  return (
    `${other[0].toUpperCase()}${other.slice(1)} ${graded.grade.second?.per_layer ? "tell" : "tells"} this ` +
    `path otherwise: ${signed(adds[1])} in place of ${signed(adds[0])} to ${first} − ${second}, and ` +
    `${percent(passes[1])} in place of ${percent(passes[0])} of its influence through features of the ` +
    "middle layers."
  );
}

/** Signs on the nodes of such tokens. @param {Lab} lab @param {Picture} picture */
export function markOtherwise(lab, picture) {
  const all = new Set(toldOtherwise(lab));
  const graph = lab.view?.graph;
  for (const [node, element] of picture.elements) {
    element.querySelector(".otherwise")?.remove();
    const box = picture.layout?.boxes.get(node);
    if (!box || !graph || graph.kind[node] !== TOKEN || !all.has(graph.position[node])) continue;
    const radius = 0.45 * picture.rem;
    element.append(
      svg(
        "g",
        { class: "otherwise", transform: `translate(${(box.width / 2 - 1).toFixed(1)} ${(1 - box.height / 2).toFixed(1)})` },
        svg("circle", { r: radius }),
        svg("text", {}, SIGN),
      ),
    );
  }
}
