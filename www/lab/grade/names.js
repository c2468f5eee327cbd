// What the grade calls answers and features, and where it leads from them.

/** @import { Lab } from "../lab.js" */
/** @import { Grade } from "../engine-api.js" */

import { answerText, explainedPart, visible } from "../format.js";

/** What an answer is called. @param {Lab} lab @param {string} token its first */
export function called({ view }, token) {
  return answerText(view?.graph ?? {}, { token });
}

/** What a probability of an answer's first token is said to be of, where the answer is longer. @param {Lab} lab @param {string} token */
export function ofFirst({ view }, token) {
  return explainedPart(view?.graph ?? {}, [{ token }]) ? "first token " : "";
}

/** @param {Grade} grade @param {string} id */
export function figureOf(grade, id) {
  return grade.figures.find((each) => each.id === id)?.value;
}

/** @param {Lab} lab @param {Grade} grade @param {number} i */
function nodeOf(lab, grade, i) {
  const { layer, index, position } = grade.features[i];
  return lab.view?.indexOf.get(`${layer}_${index}_${position}`);
}

/** @param {Lab} lab @param {Grade} grade @param {number} i */
export function nameOf(lab, grade, i) {
  const { layer, index, position } = grade.features[i];
  const node = nodeOf(lab, grade, i);
  const name = node === undefined ? `Feature ${index}` : lab.nameOf(node);
  return `${name}, layer ${layer}, “${visible(lab.view?.graph.tokens[position] ?? "")}”`;
}

/** Leads to a feature in the graph. @param {Lab} lab @param {Grade} grade @param {number} i */
export function pick(lab, grade, i) {
  const node = nodeOf(lab, grade, i);
  if (node === undefined) return;
  lab.showGrade(false);
  lab.select(node);
}
