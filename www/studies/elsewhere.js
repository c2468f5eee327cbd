// Study 2: the features that find a sum, in the other texts that ask for one; and what becomes of these without them.

/** @import { Feature } from "./contexts.js" */
/** @import { ElementLab } from "../elements/element-lab.js" */

import { html } from "../lab/dom.js";
import { answerText, counted, percent } from "../lab/format.js";
import { FEATURE } from "../lab/kinds.js";
import { shiftedAnswer } from "../lab/steer/shifted.js";
import { column, contextAt, contexts, featureAt, features, measured, nameOf, rounded, sums, within } from "./contexts.js";
import { drawPlots } from "./feature-plots.js";
import { askOf, choices, elementAt, follow, textAt } from "./figures.js";
import { command } from "./measures.js";

const MOST = 10; // rows at first
const MANY = 4; // contexts that a feature serves
/** What the table can show. @type {[string, (feature: Feature) => boolean][]} */
const KINDS = [
  ["Lookups of last digits", ({ lookup, part }) => lookup && part.endsWith("ones")],
  ["Lookups of sizes", ({ lookup, part }) => lookup && part.endsWith("magnitude")],
  ["Last digit of the sum", ({ lookup, part }) => !lookup && part.endsWith("ones")],
  ["Size of the sum", ({ lookup, part }) => !lookup && part.endsWith("magnitude")],
  ["All", () => true],
];
/** What is worth a try, by feature and context. @type {[string, string][]} */
const TRIES = [
  ["2/147", "cost"],
  ["2/147", "journal"],
  ["3/358", "journal"],
  ["3/358", "book"],
];

const [there, calc] = ["there", "calc"].map(elementAt);
const broken = /** @type {import("../elements/atto-break.js").AttoBreak} */ (elementAt("break"));
let feature = featureAt(TRIES[0][0]);
let context = contextAt(TRIES[0][1]);

// What was counted.

const lookups = features.filter(({ lookup }) => lookup);
document
  .getElementById("counted")
  ?.replaceChildren(
    `Of ${features.length} features that read both numbers or their sum at the “=”, ${features.filter(({ serves }) => serves === contexts.length).length} serve all ${contexts.length} texts: there they fire on ` +
      `half or more of the sums on which they fire at the “=”. ${features.filter(({ serves }) => serves >= MANY).length} serve at least ${MANY}. ` +
      `Of the ${lookups.length} lookups, which fire only where both numbers fit, ${lookups.filter(({ serves }) => serves === contexts.length).length} serve all. `,
    command(measured),
  );
textAt(
  "reading",
  "Of the sums on which a feature fires at the “=” of calc: a+b=, the share on which it fires at the answer of the other text, too. " +
    `${sums.toLocaleString("en")} sums of each text, in all its wordings. Press a circle to try that feature in that text.`,
);

// The table.

const table = /** @type {HTMLTableElement} */ (document.getElementById("shares"));
const more = /** @type {HTMLButtonElement} */ (document.getElementById("more"));
let [kind, all] = [0, false];
/** Small plots of the rows, by feature. @type {Map<string, HTMLCanvasElement>} */ let thumbs = new Map();

function drawTable() {
  const wanted = features.filter(KINDS[kind][1]);
  const rows = all ? wanted : wanted.slice(0, MOST);
  more.hidden = wanted.length <= MOST;
  more.textContent = all ? `The first ${MOST}` : `All ${wanted.length}`;
  thumbs = new Map();
  const head = html(
    "tr",
    {},
    html("td", {}),
    ...contexts.map((it) => html("th", { scope: "col", title: `${it.title}: ${it.example}` }, html("span", {}, column(it)))),
  );
  table.replaceChildren(
    html("caption", {}, `${KINDS[kind][0]}: how often each fires in every kind of text`),
    html("thead", {}, head),
    html("tbody", {}, ...rows.map(rowOf)),
  );
  drawThumbs();
}

/** @param {Feature} it */
function rowOf(it) {
  const thumb = html("canvas", { width: 64, height: 64, "aria-hidden": "true" });
  thumbs.set(nameOf(it), thumb);
  const cells = contexts.map((to, i) => {
    const [fires, strays] = [it.fires[i], it.strays[i]];
    const button = html(
      "button",
      {
        type: "button",
        "data-feature": nameOf(it),
        "data-context": i,
        "aria-pressed": String(it === feature && i === context),
        "aria-label": `“${it.words}”, ${within(to)}: ${rounded(fires)}`,
        title: `${to.title}: fires on ${percent(fires)} of its sums, and on ${percent(strays)} of the others`,
      },
      html("i", {}),
      html("span", {}, rounded(fires)),
    );
    button.style.setProperty("--share", String(fires));
    return html("td", {}, button);
  });
  return html("tr", {}, html("th", { scope: "row" }, thumb, html("span", {}, it.words)), ...cells);
}

table.addEventListener("click", ({ target }) => {
  const button = target instanceof Element ? target.closest("button") : null;
  if (!button) return;
  choose(featureAt(button.dataset.feature ?? ""), Number(button.dataset.context));
  document.getElementById("there-figure")?.scrollIntoView({ block: "nearest" });
});
more.addEventListener("click", () => {
  all = !all;
  drawTable();
});
choices(
  "which",
  KINDS.map(([name]) => name),
  (i) => {
    [kind, all] = [i, false];
    drawTable();
  },
);

// The plots.

const canvas = (/** @type {string} */ id) => /** @type {HTMLCanvasElement} */ (document.getElementById(id));

function drawThumbs() {
  const lab = calc.shared?.lab;
  if (!lab) return;
  drawPlots(lab, [
    .../** @type {[Feature, HTMLCanvasElement][]} */ ([...thumbs].map(([name, it]) => [featureAt(name), it])),
    [feature, canvas("plot-here")],
  ]);
}

follow(
  calc,
  (lab) => [lab.view, lab.view?.operands && lab.plots.isFinished(lab.view.operands.key), lab.plots.arrivals, lab.colours],
  drawThumbs,
);
follow(
  there,
  (lab) => [lab.view, lab.view?.operands && lab.plots.isFinished(lab.view.operands.key), lab.plots.arrivals, lab.colours],
  (lab) => drawPlots(lab, [[feature, canvas("plot-there")]]),
);

// A feature in a text.

/** @param {Feature} it @param {number} where */
function choose(it, where) {
  [feature, context] = [it, where];
  const { title, example } = contexts[context];
  for (const button of table.querySelectorAll("button"))
    button.setAttribute("aria-pressed", String(button.dataset.feature === nameOf(it) && Number(button.dataset.context) === where));
  tries.mark(TRIES.findIndex(([name, at]) => name === nameOf(it) && contextAt(at) === where));
  textAt("context", title);
  textAt("asked", example);
  textAt("plot-there-says", `in ${within(contexts[context])}`);
  askOf(there, example);
  drawThumbs();
  const lab = there.shared?.lab;
  if (lab) {
    drawPlots(lab, [[feature, canvas("plot-there")]]);
    aim(lab);
  }
}

const tries = choices(
  "tries",
  TRIES.map(
    ([name, at]) => `${featureAt(name).lookup ? "the lookup " : ""}“${featureAt(name).words}” in ${within(contexts[contextAt(at)])}`,
  ),
  (i) => choose(featureAt(TRIES[i][0]), contextAt(TRIES[i][1])),
);
document.getElementById("there-figure")?.addEventListener("reset", () => tries(0));

/** Points the button at the feature where the text on show asks. @param {ElementLab} lab */
function aim(lab) {
  const { view } = lab;
  const { example } = contexts[context];
  if (!view || view.prompt !== example) return;
  const last = view.graph.tokens.length - 1;
  const { kind, layer, index, position } = view.graph;
  const fires = kind.some(
    (each, node) => each === FEATURE && layer[node] === feature.layer && index[node] === feature.index && position[node] === last,
  );
  const key = `${nameOf(feature)}@${last}`;
  broken.steer = `${key}=x0`;
  broken.hidden = !fires;
  const what = `“${feature.words}”, layer ${feature.layer}`;
  textAt(
    "of-feature",
    fires
      ? `${what}, fires where the text asks. In ${within(contexts[context])} it does on ${percent(feature.fires[context])} of its sums.`
      : `${what}, is silent here for these two numbers: choose another one.`,
  );
  tell(lab);
}

// What came of it.

/** What was tried, by feature and context. @type {Map<string, HTMLElement>} */ const tried = new Map();
let said = "";

/** @param {ElementLab} lab */
function tell(lab) {
  const { view } = lab;
  const { example } = contexts[context];
  if (!view || view.prompt !== example) return;
  const [answer] = view.graph.answers;
  if (!answer) return;
  const was = answerText(view.graph, answer);
  const id = `${nameOf(feature)} ${context}`;
  const report = lab.isSteered && broken.held ? view.steered : undefined;
  if (!report) {
    const before = said && tried.has(id) ? `Mended: it says ${was} again. ` : `It says ${was}. Hold the button. `;
    return textAt("happened", before);
  }
  const now = shiftedAnswer(lab, report.answers[0]);
  const same = report.answers.map((shift) => shiftedAnswer(lab, shift)).find(({ text }) => text === was);
  said =
    now.text === was
      ? `Without “${feature.words}” it still says ${was}, but with ${percent(now.after)} in place of ${percent(now.before)}: here it is not this feature alone.`
      : `Without “${feature.words}” it says ${now.text}, ${percent(now.after)}, in place of ${was}` +
        `${same ? `, which falls from ${percent(same.before)} to ${percent(same.after)}` : ""}.`;
  textAt("happened", said);
  const cells = [`“${feature.words}”`, within(contexts[context]), was, `${now.text}, ${percent(now.after)}`];
  const row = html("tr", {}, ...cells.map((cell, i) => html(i === 0 ? "th" : "td", i === 0 ? { scope: "row" } : {}, cell)));
  const list = /** @type {HTMLTableElement} */ (document.getElementById("tried"));
  const known = tried.get(id);
  if (known) known.replaceWith(row);
  else list.tBodies[0].append(row);
  tried.set(id, row);
  list.hidden = false;
  const changed = [...list.rows].slice(1).filter(({ cells }) => !cells[3].textContent?.startsWith(`${cells[2].textContent},`)).length;
  textAt(
    "tried-intro",
    `Tried so far: ${counted(tried.size, "time")}, and ${changed === 1 ? "one answer was" : `${changed} answers were`} another one.`,
  );
}

follow(there, (lab) => [lab.view], aim);
follow(there, (lab) => [lab.view?.steered, lab.view?.steeredWhole, lab.address.steering, lab.view?.graph.whole], tell);

drawTable();
choose(feature, context);
