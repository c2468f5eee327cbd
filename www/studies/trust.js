// Study 5: what a graph freezes, the ladder on the graph on show and on held-out prompts, a model that its graphs did not explain, a second
// opinion, and one line on how far to trust the graph of any prompt.

/** @import { Grade, Rung, StoryItem } from "../lab/engine-api.js" */
/** @import { ElementLab } from "../elements/element-lab.js" */
/** @import { View } from "../lab/view.js" */
/** @import { Measures } from "./measures.js" */

import { html } from "../lab/dom.js";
import { answerText, counted } from "../lab/format.js";
import { RUNGS } from "../lab/grade/ladder.js";
import { figureOf, nameOf } from "../lab/grade/names.js";
import { isFeature } from "../lab/kinds.js";
import { limitOf, scatter } from "../lab/scatter.js";
import { storyOf } from "../lab/story/cards.js";
import { choices, elementAt, follow, textAt } from "./figures.js";
import { bar, command, measuresOf, shareText } from "./measures.js";

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
/** As the ids of measures have the rungs. @type {[Rung, string][]} */
const STEPS = [
  ["features", "all-frozen"],
  ["mlps", "mlps-free"],
  ["norms", "norms-free"],
  ["everything", "everything-free"],
];

const [held, live, other, any] = ["held", "live", "other", "any"].map(elementAt);

// Prompts.
const prompts = choices(
  "prompts",
  PROMPTS.map(({ name }) => name),
  (i) => {
    for (const element of [held, live, other]) element.setAttribute("prompt", PROMPTS[i].prompt);
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
  const tell = (/** @type {string} */ who, /** @type {string[]} */ words) =>
    words.length > 0 ? ` ${who} alone: ${words.join(", ")}.` : "";
  textAt(
    "kinds-say",
    `${counted(common, "part")} of the computation ${common === 1 ? "has a card" : "have cards"} in both stories.` +
      `${tell("Cross-layer", onlyOne)}${tell("Per-layer", onlyTwo)}`,
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
  if (!graded) return;
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
      `each shrunk by 5 %; blue ones are in the picture above.${r === undefined ? "" : ` With everything free, r is ${r.toFixed(2)} with ${isLive ? "nothing" : "patterns and norms"} held.`}`,
  );
}

// What was measured.

const [addition, diagnosis] = await Promise.all(["addition", "diagnosis"].map(measuresOf));

/** @param {number} rung @param {boolean} live @param {Measures} measures @param {number} share of each feature, in percent */
const foretold = (rung, live, measures, share = 5) =>
  measures(`faithful/${STEPS[rung][1]}/${share}/difference${live ? "/live" : ""}`)?.value;

/** @param {string} title @param {Measures} measures */
function ladderTable(title, measures) {
  const rows = STEPS.map(([rung, id], i) => {
    const exact = measures(`faithful/${id}/5/difference/deviation`);
    const cell = (/** @type {boolean} */ live) => {
      if (exact) return html("td", {}, live ? "" : bar(1, "exact"));
      const value = foretold(i, live, measures);
      return html("td", {}, value === undefined ? "" : bar(value, value.toFixed(2), live ? "live" : ""));
    };
    return html("tr", {}, html("th", { scope: "row" }, RUNGS[rung]), cell(false), cell(true));
  });
  const top = measures("faithful/everything-free/5/difference");
  return html(
    "table",
    { class: "figures" },
    html("caption", {}, title, top ? command(top.how) : undefined),
    html("thead", {}, html("tr", {}, html("td", {}), ...["held", "live"].map((name) => html("th", { scope: "col" }, name)))),
    html("tbody", {}, ...rows.reverse()),
  );
}

document
  .getElementById("ladders")
  ?.replaceChildren(ladderTable("Sums, 100 held-out prompts", addition), ladderTable("Vignettes, 100 held-out prompts", diagnosis));

const MODELS = /** @type {[string, Measures][]} */ ([
  ["sums", addition],
  ["vignettes", diagnosis],
]);
const value = (/** @type {number | undefined} */ it) => it?.toFixed(2) ?? "–";
/** Held and live, everything free. @param {number} share */
const top = (share) =>
  MODELS.map(
    ([name, measures]) =>
      `${value(foretold(3, false, measures, share))} held and ${value(foretold(3, true, measures, share))} live for ${name}`,
  ).join(", ");
textAt(
  "so-far",
  `The rungs tell what a prediction loses where. With everything free it is ${top(5)}. So read the held graph for what an answer is made of, and ask the ` +
    `live one before you say what a small change would do. A feature switched off wholly is a large change: ${top(100)}.`,
);

// The model that its graph did not explain. The first one's figures stand in training/README.md; it does not ship.
const FIRST = { replacement: "0.97", completeness: "0.99", still: 8, lookups: 45, swap: 18 };
const blind = document.querySelector("#blind tbody");
/** @param {string} name @param {string} first @param {string} measure @param {(value: number) => string} says */
const row = (name, first, measure, says) => {
  const found = addition(measure);
  return html("tr", {}, html("th", { scope: "row" }, name), html("td", {}, first), html("td", {}, found ? says(found.value) : "–"));
};
const share = (/** @type {number} */ it) => `${Math.round(it)} %`;
const score = (/** @type {number} */ it) => it.toFixed(2);
blind?.replaceChildren(
  row("Replacement score", FIRST.replacement, "score/replacement", score),
  row("Completeness", FIRST.completeness, "score/completeness", score),
  row("Bare sums right, every attention pattern replaced by its mean", share(FIRST.still), "still/calc", share),
  row("Lookups of ones digits off: the ones digit goes, the size stays", share(FIRST.lookups), "experiment/lookup-ones", share),
  row("Those lookups set as for another first number: the other sum wins", share(FIRST.swap), "experiment/swap", share),
);
const still = ["calc", "typed", "question", "cost", "journal", "schedule", "book"].map((name) => addition(`still/${name}`)?.value ?? 0);
textAt(
  "blind-says",
  `The scores are the same; what the graphs are worth is not. The model that ships was trained to hold its patterns still between sums, and over its ` +
    `${still.length} kinds of text ${shareText(Math.min(...still) / 100)} or more stay right with mean patterns. The model of the vignettes was not trained so yet.`,
);
textAt("blind-how", addition("still/calc")?.how ?? "");

const opinions = MODELS.map(([name, measures]) => ({ name, paths: measures("second/paths"), adds: measures("second/agreement") }));
document
  .getElementById("kinds-measured")
  ?.replaceChildren(
    "On 100 held-out prompts each: ",
    opinions
      .map(
        ({ name, paths, adds }) =>
          `of ${name}, ${shareText((paths?.value ?? 0) / 100)} of the influence stands on paths that both kinds tell alike, and what each token adds correlates at ${value(adds?.value)}`,
      )
      .join("; "),
    ". The rest is told otherwise, and in the lab’s grade such tokens are marked.",
    ...(opinions[0].paths ? [command(opinions[0].paths.how)] : []),
  );
