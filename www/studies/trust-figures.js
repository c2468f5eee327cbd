// What study 5 tells of measures: the ladder on held-out prompts, a model that its graphs did not explain, and a second opinion.

/** @import { Rung } from "../lab/engine-api.js" */
/** @import { Measures } from "./measures.js" */

import { html } from "../lab/dom.js";
import { RUNGS } from "../lab/grade/ladder.js";
import { textAt } from "./figures.js";
import { bar, command, measuresOf, shareText } from "./measures.js";

/** As the ids of measures have the rungs. @type {[Rung, string][]} */
const STEPS = [
  ["features", "all-frozen"],
  ["mlps", "mlps-free"],
  ["norms", "norms-free"],
  ["everything", "everything-free"],
];

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
/** The correlation with everything free, of held or of live graphs. @param {boolean} live @param {number} share */
const top = (live, share) => MODELS.map(([name, measures]) => `${value(foretold(3, live, measures, share))} for ${name}`).join(" and ");
const through = MODELS.map(([name, measures]) => `${shareText((measures("live/errors-share")?.value ?? 0) / 100)} for ${name}`).join(", ");
textAt(
  "so-far",
  `The rungs tell what a prediction loses where. On the highest, where the whole model responds, prediction and measurement correlate at ${top(false, 5)} where graphs take attention ` +
    `patterns and norms as given (held), and at ${top(true, 5)} where they take nothing as given (live). So read the held graph for what an answer is made of, and ask the ` +
    `live one before you say what a small change would do. With nothing held the graph’s paths are the original’s own derivative together, so small changes follow it by construction; what it ` +
    `owes to the features is another figure: ${through} of what it foretells passes through errors. A feature switched off wholly is a large change, ` +
    `which a derivative need not follow: there they correlate at ${top(false, 100)} held, and at ${top(true, 100)} live.`,
);

// The model that its graph did not explain. Its figures stand in training/README.md, as the second model's; it no longer ships.
const BEFORE = { replacement: "0.97", completeness: "0.99", still: 8, lookups: 45, swap: 18 };
const blind = document.querySelector("#blind tbody");
/** @param {string} name @param {string} before @param {string} measure @param {(value: number) => string} says */
const row = (name, before, measure, says) => {
  const found = addition(measure);
  return html("tr", {}, html("th", { scope: "row" }, name), html("td", {}, before), html("td", {}, found ? says(found.value) : "–"));
};
const share = (/** @type {number} */ it) => `${Math.round(it)} %`;
const score = (/** @type {number} */ it) => it.toFixed(2);
blind?.replaceChildren(
  row("Replacement score", BEFORE.replacement, "score/replacement", score),
  row("Completeness", BEFORE.completeness, "score/completeness", score),
  row("Bare sums right, every attention pattern replaced by its mean", share(BEFORE.still), "still/calc", share),
  row("Lookups of ones digits off: the ones digit goes, the size stays", share(BEFORE.lookups), "experiment/lookup-ones", share),
  row("Those lookups set as for another first number: the other sum wins", share(BEFORE.swap), "experiment/swap", share),
);
const still = ["calc", "typed", "question", "cost", "journal", "schedule", "book"].map((name) => addition(`still/${name}`)?.value ?? 0);
textAt(
  "blind-says",
  `The scores are about the same; what the graphs are worth is not. The model that ships was trained to hold its patterns still between sums, and over its ` +
    `${still.length} kinds of text ${Math.min(...still) === 100 ? "all stay" : `${shareText(Math.min(...still) / 100)} or more stay`} right with mean patterns. So was the model of the vignettes: ` +
    `with the patterns of a twin, a vignette that differs in one finding, ${shareText((MODELS[1][1]("twins/ask/stays")?.value ?? 0) / 100)} of what it asks stays as it was.`,
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
