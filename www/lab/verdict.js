// One line on how far a graph can be trusted, from what is known without an experiment: its own scores, and what was measured of its model.

/** @import { Lab } from "./lab.js" */

import { answerOf, percent } from "./format.js";
import { LOGIT } from "./kinds.js";

/** Scores from which a graph explains most of an answer, and correlations from which it foretells well. */
const GOOD = { replacement: 0.9, pearson: 0.9 };
const FAIR = { replacement: 0.75, pearson: 0.7 };
/** Features shrunk by 5 %, nothing frozen, answer minus runner-up. */
const FORETOLD = "faithful/everything-free/5/difference";
/** How much of what is foretold with nothing held passes through errors. */
const THROUGH_ERRORS = "live/errors-share";

/** `meaning` says of what the figures are. @typedef {{ trust: "yes" | "partly" | "no", text: string, meaning: string }} Verdict */

/** @param {Lab} lab @returns {Verdict | undefined} nothing where there is no graph */
export function verdictOf({ view, manifest, lasting, isOwn }) {
  if (!view || view.recorded || !isOwn) return undefined;
  const { replacement, hold } = view.graph;
  const live = hold === "nothing";
  const wanted = live ? `${FORETOLD}/live` : FORETOLD;
  // Both are of the two readings alone, with everything held or nothing.
  const known = live || hold === "patterns,norms";
  const graded = known ? view.graded?.grade.figures.find(({ id }) => id === wanted) : undefined;
  const found = known
    ? manifest?.quality.find(({ measure, transcoder }) => measure === wanted && transcoder === lasting.transcoder)
    : undefined;
  const pearson = (graded ?? found)?.value;
  // With nothing held errors answer inside the edges, and no score of the graph tells them apart.
  const through = manifest?.quality.find(({ measure, transcoder }) => measure === THROUGH_ERRORS && transcoder === lasting.transcoder);
  const errors = through ? `${graded ? "graphs like it " : ""}${Math.round(through.value)} % of it through errors` : "errors answer too";
  const words = live ? [] : [`${percent(replacement)} explained`];
  if (pearson !== undefined)
    words.push(`${graded ? "it foretells" : "graphs like this foretell"} small changes ${grade(pearson)} (${correlation(pearson)})`);
  if (live) words.push(errors);
  if (view.likeness?.unlike) words.push("but the prompt is unlike the training texts");
  const explained = live ? 1 : replacement;
  const good = explained >= GOOD.replacement && (pearson ?? 0) >= GOOD.pearson && !view.likeness?.unlike;
  const fair = explained >= FAIR.replacement && (pearson ?? 1) >= FAIR.pearson && !view.likeness?.unlike;
  // What is explained, which need not be the answer.
  const logit = view.graph.kind.indexOf(LOGIT);
  const answer = logit < 0 ? "the answer" : answerOf(view.graph, logit);
  return {
    trust: good ? "yes" : fair ? "partly" : "no",
    text: `${sentence(words.join("; "))}.`,
    meaning:
      (live
        ? "Through errors: how much of what such graphs foretell passes through what the original’s MLPs answer beyond the features. "
        : `Replacement score: how much of what makes “${answer}” comes through features and not through errors. `) +
      (pearson === undefined
        ? ""
        : `r: of predicted and measured changes ${graded ? "here" : `on ${found?.of} held-out prompts`}, nothing frozen, features 5 % less.`),
  };
}

/**
 * Shows it in a line, whose words say what they mean when they are asked.
 * @param {Lab} lab @param {HTMLElement} line @param {HTMLElement} words in the line
 */
export function showVerdict(lab, line, words) {
  const verdict = verdictOf(lab);
  words.textContent = verdict?.text ?? "";
  words.dataset.meaning = verdict?.meaning ?? "";
  line.dataset.trust = verdict?.trust ?? "";
  line.hidden = verdict === undefined;
}

/** @param {string} words */
function sentence(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Never rounded to one. @param {number} pearson */
function correlation(pearson) {
  return pearson < 0.995 ? `r = ${pearson.toFixed(2)}` : "r > 0.99";
}

/** @param {number} pearson */
function grade(pearson) {
  return pearson >= GOOD.pearson ? "well" : pearson >= FAIR.pearson ? "roughly" : "badly";
}
