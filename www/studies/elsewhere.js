// Study 2: the features that find a sum, in the other texts that ask for one; and what becomes of these when they write the opposite.

/** @import { Feature } from "./contexts.js" */
/** @import { ElementLab } from "../elements/element-lab.js" */

import { FEATURE } from "../lab/kinds.js";
import { contextAt, contexts, featureAt, features, measured, nameOf, sums, within } from "./contexts.js";
import { mountTable } from "./elsewhere-table.js";
import { mountTried } from "./elsewhere-tried.js";
import { drawPlots } from "./feature-plots.js";
import { askOf, choices, elementAt, follow, textAt } from "./figures.js";
import { command, shareText } from "./measures.js";

const MANY = 4; // contexts that a feature serves
/** What is worth a try, by feature and context. @type {[string, string][]} */
const TRIES = [
  ["2/135", "cost"],
  ["2/135", "journal"],
  ["1/140", "journal"],
  ["3/361", "journal"],
  ["3/39", "book"],
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
      `Of the ${lookups.length} lookups, which fire most where both numbers fit, ${lookups.filter(({ serves }) => serves === contexts.length).length} serve all. `,
    command(measured),
  );
textAt(
  "reading",
  "Of the sums on which a feature fires at the “=” of calc: a+b=, the share on which it fires at the answer of the other text, too. " +
    `${sums.toLocaleString("en")} sums of each text, in all its wordings. Rows are in the order of how many texts a feature serves, then of its shares: ` +
    "at first some at equal steps from the first to the last, and those that the buttons below try. Press a circle to try that feature in that text.",
);

const table = mountTable({ chosen: () => ({ feature, context }), choose, drawn: () => drawThumbs(), first: TRIES.map(([name]) => name) });

// The plots.

const canvas = (/** @type {string} */ id) => /** @type {HTMLCanvasElement} */ (document.getElementById(id));

function drawThumbs() {
  const lab = calc.shared?.lab;
  if (!lab) return;
  drawPlots(lab, [
    .../** @type {[Feature, HTMLCanvasElement][]} */ ([...table.thumbs()].map(([name, it]) => [featureAt(name), it])),
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
  table.mark();
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
  broken.steer = `${key}=x-1`;
  broken.hidden = !fires;
  const what = `“${feature.words}”, layer ${feature.layer}`;
  textAt(
    "of-feature",
    fires
      ? `${what}, fires where the text asks. In ${within(contexts[context])} it does on ${shareText(feature.fires[context])} of its sums.`
      : `${what}, is silent here for these two numbers: choose another one.`,
  );
  showTried(lab);
}

// What came of it.

const showTried = mountTried(broken, () => ({ feature, context }));

follow(there, (lab) => [lab.view], aim);
follow(there, (lab) => [lab.view?.steered, lab.view?.steeredWhole, lab.address.steering, lab.view?.graph.whole], showTried);

table.draw();
choose(feature, context);
