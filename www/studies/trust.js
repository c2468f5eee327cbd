// Study 5: what a graph freezes, the ladder on the graph on show and on held-out prompts, a model that its graphs did not explain, a second
// opinion, and one line on how far to trust the graph of any prompt.

/** @import { Grade, StoryItem } from "../lab/engine-api.js" */
/** @import { ElementLab } from "../elements/element-lab.js" */
/** @import { View } from "../lab/view.js" */

import { html } from "../lab/dom.js";
import { answerText, counted } from "../lab/format.js";
import { RUNGS } from "../lab/grade/ladder.js";
import { figureOf, nameOf } from "../lab/grade/names.js";
import { isFeature } from "../lab/kinds.js";
import { limitOf, scatter } from "../lab/scatter.js";
import { storyOf } from "../lab/story/told.js";
import { askOf, choices, elementAt, follow, textAt } from "./figures.js";

/** What the readings, the ladder and the two kinds show. */
const PROMPTS = [
  { name: "36 + 59", prompt: "calc: 36+59=" },
  { name: "a question", prompt: "What is 36+59?" },
  { name: "a cost table", prompt: "pen $36, ink $59, total $" },
  { name: "a journal", prompt: "The journal was founded in 1936. Volume 59 appeared in 1" },
];
/** Some that the model knows, and some that it does not. */
const ANY = ["the cat sat on", "calc: 36+59=", "calc: 36*59=", "start=36; length=59; end=", "calc: 36+590="];
/** The ladder takes this away of each feature. */
const SHARE = 0.05;

const [held, live, other, any] = ["held", "live", "other", "any"].map(elementAt);

// Prompts.
const prompts = choices(
  "prompts",
  PROMPTS.map(({ name }) => name),
  (i) => {
    for (const element of [held, live, other]) askOf(element, PROMPTS[i].prompt);
  },
);
for (const id of ["readings", "kinds"]) document.getElementById(id)?.addEventListener("reset", () => prompts(0));
const anyPrompts = choices("any-prompts", ANY, (i) => any.shared?.lab?.ask(ANY[i]));
document.getElementById("any-prompt")?.addEventListener("reset", () => anyPrompts(0));
follow(
  any,
  (lab) => [lab.view],
  (lab) => anyPrompts.mark(ANY.indexOf(lab.view?.prompt ?? "")),
);

// The two readings, and the two kinds of transcoder.

/** Features on show. @param {View} view */
function shown({ graph, pruned }) {
  return Array.from(pruned.nodes, (node) => (isFeature(graph.kind[node]) ? graph.id[node] : "")).filter(Boolean);
}

/** Draws what two labs have to do with each other whenever one of them shows another graph. @param {typeof held} first @param {typeof held} second @param {(a: ElementLab, b: ElementLab) => void} draw */
function both(first, second, draw) {
  const again = () => {
    const [a, b] = [first.shared?.lab, second.shared?.lab];
    if (a?.view && b?.view && a.view.prompt === b.view.prompt) draw(a, b);
  };
  for (const element of [first, second]) follow(element, (lab) => [lab.view, lab.view?.pruned, lab.view?.story, lab.manifest], again);
}

both(held, live, (a, b) => {
  const [one, two] = [shown(/** @type {View} */ (a.view)), shown(/** @type {View} */ (b.view))];
  const common = one.filter((id) => two.includes(id)).length;
  textAt(
    "readings-say",
    `The held reading shows ${counted(one.length, "feature")}, the live one ${two.length}; ${common} are in both. Neither is wrong: what an answer is ` +
      "made of, and what would move it, are two questions.",
  );
});

/** The parts of a sum that cards are of. @param {ElementLab} lab */
function partsOf(lab) {
  const items = storyOf(lab)?.items ?? [];
  return new Map(items.filter(({ kind, part }) => kind === "features" && part).map((item) => [/** @type {string} */ (item.part), item]));
}

both(held, other, (a, b) => {
  const [one, two] = [partsOf(a), partsOf(b)];
  if (one.size === 0 || two.size === 0) return;
  const alone = (/** @type {Map<string, StoryItem>} */ from, /** @type {Map<string, StoryItem>} */ than) =>
    [...from].filter(([part]) => !than.has(part)).map(([, { words }]) => `“${words}”`);
  const common = [...one.keys()].filter((part) => two.has(part)).length;
  const [onlyOne, onlyTwo] = [alone(one, two), alone(two, one)];
  const sayAlone = (/** @type {string} */ who, /** @type {string[]} */ words) =>
    words.length > 0 ? ` ${who} alone: ${words.join(", ")}.` : "";
  textAt(
    "kinds-say",
    `${counted(common, "part")} of the computation ${common === 1 ? "has a card" : "have cards"} in both stories.` +
      `${sayAlone("Cross-layer", onlyOne)}${sayAlone("Per-layer", onlyTwo)}`,
  );
});

// The ladder of the graph on show.

let isLive = false;
const readings = choices("reading", ["patterns and norms held", "nothing held"], (i) => {
  isLive = i === 1;
  const lab = held.shared?.lab;
  if (lab) drawLadder(lab);
});
readings.mark(0);
const rungs = /** @type {HTMLElement} */ (document.getElementById("rungs"));
let seen = false;
const grade = () => {
  const lab = held.shared?.lab;
  if (seen && lab?.isLive && lab.view && !lab.view.early && !lab.view.graded) lab.worker.grade();
};
new IntersectionObserver(
  (entries) => {
    seen = entries.some((entry) => entry.isIntersecting);
    grade();
  },
  { rootMargin: "200px" },
).observe(rungs);
follow(held, (lab) => [lab.view, lab.view?.early], grade);
follow(
  held,
  (lab) => [lab.view?.graded],
  (lab) => drawLadder(lab),
);

/** @param {ElementLab} lab */
function drawLadder(lab) {
  const graded = lab.view?.graded?.grade;
  if (!graded) {
    rungs.replaceChildren(html("p", { class: "waits" }, "The experiments are run once the graph above is traced."));
    return textAt("ladder-says", "");
  }
  const trials = graded.trials.filter(({ share }) => Math.abs(share - SHARE) < 1e-6);
  const predictedBy = (/** @type {Grade["trials"][number]} */ { difference }) => (isLive ? difference.live : difference.predicted);
  const limit = limitOf(trials.flatMap((trial) => [predictedBy(trial), trial.difference.measured]));
  const figure = (/** @type {string} */ id, /** @type {string} */ end) =>
    figureOf(graded, `${id}/difference${isLive ? "/live" : ""}${end}`);
  rungs.replaceChildren(
    ...trials.map((trial) => {
      const [r, deviation] = [figure(trial.id, ""), figure(trial.id, "/deviation")];
      const says = deviation !== undefined ? "exact" : r === undefined ? "" : `r = ${r.toFixed(2)}`;
      const chart = scatter(predictedBy(trial), trial.difference.measured, {
        name: `${RUNGS[trial.rung]}: predicted (across) and measured (up)${says ? `, ${says}` : ""}`,
        limit,
        strong: (i) => graded.features[i].kept,
        say: (i) => nameOf(lab, graded, i),
      });
      return html(
        "figure",
        { "data-rung": trial.rung },
        html("figcaption", {}, html("b", {}, RUNGS[trial.rung]), html("span", {}, says)),
        chart,
      );
    }),
  );
  const last = trials.at(-1);
  const r = last && figure(last.id, "");
  const [first, second] = [graded.answer, graded.runner_up].map((token) => answerText(lab.view?.graph ?? {}, { token }));
  textAt(
    "ladder-says",
    `Predicted across, measured up: change of the logit of ${first} less that of ${second}, ${counted(graded.features.length, "feature")}, ` +
      `each shrunk by 5 %; blue ones are in the picture above. r is the correlation of predicted and measured changes` +
      `${r === undefined ? "" : `: on the highest rung, where the whole model responds, ${r.toFixed(2)} for the graph that takes ${isLive ? "nothing" : "attention patterns and norms"} as given`}.`,
  );
}

// Its figures may be lost, and the rest works.
void import("./trust-figures.js").catch(() => {});
