// Study 1: how 36 and 59 are added, any other two numbers too, and the circuit behind all of them.

/** @import { Story, StoryItem } from "../lab/engine-api.js" */
/** @import { ElementLab } from "../elements/element-lab.js" */
/** @import { Circuit, CircuitPart } from "./circuit.js" */

import { html } from "../lab/dom.js";
import { answerChance, answerText, counted, percent } from "../lab/format.js";
import { storyOf } from "../lab/story/told.js";
import { pathOf } from "../lab/story/words.js";
import { drawCircuit, drawnOf, LEAST } from "./circuit.js";
import { dataOf, elementAt, follow } from "./figures.js";
import { shareText } from "./measures.js";
import { numberBoxes } from "./number-boxes.js";

const story = elementAt("story");
const steps = /** @type {HTMLElement} */ (document.getElementById("steps"));

numberBoxes("numbers", story);

follow(
  story,
  (lab) => [lab.view, lab.view?.story, lab.view?.graph.whole],
  (lab) => {
    const { view } = lab;
    if (!view) return;
    const [answer] = view.graph.answers;
    if (answer) write("said", answerText(view.graph, answer));
    const told = storyOf(lab);
    if (told) sayCards(lab, told);
  },
);

/** Cards of some parts, by their names. @param {Story} told @param {(part: string) => boolean} isWanted @returns {StoryItem[]} */
function cards({ items }, isWanted) {
  return items.filter(({ kind, part }) => kind === "features" && part !== undefined && isWanted(part));
}

/** The names of cards, each in the colour of its path. @param {StoryItem[]} items */
function names(items) {
  return items.flatMap((item, i) => [
    ...(i === 0 ? [] : [i === items.length - 1 ? " and " : ", "]),
    html("span", { class: pathOf(item) || "exact" }, item.words),
  ]);
}

/** Says of the cards on show what they are: nothing is said that no card shows. @param {ElementLab} lab @param {Story} told */
function sayCards(lab, told) {
  const { graph, operands } = /** @type {NonNullable<ElementLab["view"]>} */ (lab.view);
  if (!operands) return;
  const { a, b } = operands;
  const [answer] = graph.answers;
  const one = cards(told, (part) => part.startsWith("first") || part.startsWith("second"));
  const both = cards(told, (part) => part.startsWith("both"));
  const sum = cards(told, (part) => part.startsWith("sum"));
  const lines = [
    one.length > 0 && html("li", {}, `Features of one number each read ${a} and ${b}: `, ...names(one), "."),
    both.length > 0 &&
      html("li", {}, "Lookups fire most where both numbers fit, as one looks up a sum that one has by heart: ", ...names(both), "."),
    sum.length > 0 && html("li", {}, "Others know something of the sum, whichever two numbers it is of: ", ...names(sum), "."),
    answer &&
      html(
        "li",
        {},
        "Together they leave one number: ",
        html("b", { class: "answer" }, answerText(graph, answer)),
        `, ${percent(answerChance(graph, answer))}.`,
      ),
  ];
  steps.replaceChildren(...lines.filter((line) => line !== false && line !== undefined));
  const path = (/** @type {string} */ name) => told.items.filter((item) => item.kind === "features" && pathOf(item) === name);
  const influence = (/** @type {StoryItem[]} */ items) => items.reduce((all, item) => all + item.influence, 0);
  const all = influence(told.items.filter(({ kind }) => kind === "features"));
  const [ones, magnitude] = [path("ones"), path("magnitude")];
  const share = (/** @type {StoryItem[]} */ items) => percent(influence(items) / (all || 1));
  document
    .getElementById("paths")
    ?.replaceChildren(
      html("span", { class: "ones" }, "The last-digit path"),
      ` (${counted(ones.length, "card")}) has ${share(ones)} of the influence of these cards, `,
      html("span", { class: "magnitude" }, "the path of sizes"),
      ` (${counted(magnitude.length, "card")}) ${share(magnitude)}. `,
      ...carrying(told, a, b),
    );
}

/** Whether any card reads if there is something to carry. @param {Story} told @param {number} a @param {number} b */
function carrying(told, a, b) {
  const reads = cards(told, () => true).filter(({ words }) => words.includes("ones sum"));
  const wanted = (a % 10) + (b % 10) >= 10 ? "School would have one carry a one here." : "Nothing is to be carried here.";
  if (reads.length === 0) return [`${wanted} No card is of a carry.`];
  return [`${wanted} How large the last digits are together is read by `, ...names(reads), ": as near to a carry as it comes."];
}

/** @param {string} id @param {...(Node | string)} words */
function write(id, ...words) {
  document.getElementById(id)?.replaceChildren(...words);
}

/** What stands in the file of all sums. @param {Circuit} circuit */
function tellAll(circuit) {
  const at = (/** @type {string} */ name) => circuit.tokens.find((each) => each.at === name)?.influence ?? 0;
  const late = at("end") >= at("second");
  write(
    "places",
    `Over all ${circuit.prompts.toLocaleString("en")} sums, ${percent(at("end"))} of the influence of features is at “=”, ${percent(at("second"))} at the `,
    `second number, ${percent(at("first"))} at the first, and ${percent(at("other"))} at all other tokens. `,
    late
      ? "The largest share is where the answer is asked for. "
      : "More of it is at the second number than where the answer is asked for. ",
    circuit.parts.some(({ part, at }) => part.startsWith("both") && at === "second")
      ? "The second number’s token sees the first one already, so lookups begin there: "
      : "At the numbers’ own tokens features read one number each, and the two come together at the “=”: ",
    "“All nodes” in the lab shows each feature above its token.",
  );
  const drawn = drawnOf(circuit).map((i) => circuit.parts[i]);
  const left = circuit.parts.filter((each) => !drawn.includes(each));
  const isPart = (/** @type {CircuitPart} */ { part }) => part !== "";
  const isNone = (/** @type {CircuitPart} */ { part }) => part === "";
  const all = (/** @type {CircuitPart[]} */ parts, /** @type {"features" | "influence"} */ of) =>
    parts.reduce((sum, each) => sum + each[of], 0);
  const features = (/** @type {CircuitPart[]} */ parts) => all(parts, "features");
  write(
    "all",
    `One graph is of one sum. Over all ${circuit.prompts.toLocaleString("en")} (${circuit.right.toLocaleString("en")} of them answered right) `,
    `${counted(circuit.features.length, "feature")} have ${percent(circuit.kept)} of the influence of all features on the right answer. By its operand plot a feature has a part in adding, `,
    `or none that is found: ${features(circuit.parts.filter(isPart))} have one. The cards count ${features(drawn)}: ${features(drawn.filter(isPart))} with a part, and `,
    `${features(drawn.filter(isNone))} without at the “=”. The other ${features(left)} are not drawn: ${features(left.filter(isNone))} without a part at the numbers’ own tokens, and `,
    `${features(left.filter(isPart))} in parts that have less than ${shareText(LEAST)} of the influence. Press a card to see its features.`,
  );
  write(
    "circuit-says",
    `The percentage on a card is its part’s share of the influence of all features, those too weak to be counted included: ${percent(all(drawn, "influence"))} on all cards together, `,
    `and the other ${percent(1 - all(drawn, "influence"))} in what is not drawn. `,
    "A line is the mean of the edges of all graphs (“expected residual attribution” in the paper), with attention patterns and norms held, so it tells nothing of why a head looks where it looks. ",
    html("code", { class: "command" }, circuit.command),
  );
  const place = document.getElementById("circuit");
  if (place) drawCircuit(place, circuit);
}

dataOf("circuit.json").then(tellAll, (error) => write("circuit-says", error.message));
