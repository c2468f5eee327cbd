// Study 4: a sum’s last digit and its size switched off and replaced, and a diagnosis inhibited; each held against what was to be expected.

/** @import { ElementLab } from "../elements/element-lab.js" */
/** @import { StoryItem } from "../lab/engine-api.js" */
/** @import { Graph } from "../lab/messages.js" */

import { html } from "../lab/dom.js";
import { answerText } from "../lab/format.js";
import { FEATURE } from "../lab/kinds.js";
import { keyOfNode, numberText } from "../lab/steer/steering.js";
import { storyOf } from "../lab/story/told.js";
import { leftOf, numberOf, saysOfSum, saysOfSwap } from "./broken.js";
import { askOf, at, elementAt, follow } from "./figures.js";
import { saysOfQuestion } from "./inhibited.js";
import { fillMeasures } from "./measures.js";
import { numberBoxes } from "./number-boxes.js";
import { trial } from "./trials.js";

const story = elementAt("story");
const other = elementAt("other");
const LOOKUP = "both ones";

void fillMeasures();

// Two sums, each with its boxes.

numberBoxes("numbers", story);
numberBoxes("others", other);
at("sums").addEventListener("click", (event) => {
  if (event.target instanceof HTMLButtonElement) askOf(story, `calc: ${event.target.value}=`);
});

/** Features of a story’s cards of some parts. @param {ElementLab | undefined} lab @param {string} parts as a button has them: `both ones; sum ones` */
function featuresOfParts(lab, parts) {
  const [graph, told] = [lab?.view?.graph, lab && storyOf(lab)];
  if (!graph || !told) return [];
  return nodesOf(graph, told.items, (item) => parts.split("; ").includes(item.part ?? "")).map((node) => ({
    node,
    key: /** @type {string} */ (keyOfNode(graph, node)),
  }));
}

/** @param {Graph} graph @param {StoryItem[]} items @param {(item: StoryItem) => boolean} isWanted */
function nodesOf(graph, items, isWanted) {
  return items.filter(isWanted).flatMap(({ nodes }) => nodes.filter((node) => graph.kind[node] === FEATURE));
}

/** What the sum on show is, and what the model says of it. @param {ElementLab | undefined} lab */
function sumOf(lab) {
  const view = lab?.view;
  const first = view?.graph.answers[0];
  if (!view?.operands || !first) return undefined;
  return { text: `${view.operands.a}+${view.operands.b}`, answer: answerText(view.graph, first) };
}

const ones = trial("ones", story, {
  expected: () => "Expected: the last digit goes, the size stays.",
  says: ({ was, now }) => saysOfSum(was, now, { digit: false, size: true }),
});
trial("size", story, {
  expected: () => "Expected: the size goes, the last digit stays.",
  says: ({ was, now }) => saysOfSum(was, now, { digit: true, size: false }),
});

// As many others at random.

/** What came of each press on a set of its own. @type {{ digit: boolean, size: boolean, same: boolean }[]} */
const presses = [];

/** What the first button switches off. @param {ElementLab | undefined} lab */
const digitsOf = (lab) => featuresOfParts(lab, ones.button.parts ?? "");

/** Other features that fire at the same tokens in the same layers as those of the last digit. @param {ElementLab} lab */
function atRandom(lab) {
  const { graph } = /** @type {NonNullable<ElementLab["view"]>} */ (lab.view);
  const taken = new Set(digitsOf(lab).map(({ node }) => node));
  return [...taken].flatMap((node) => {
    const others = [...graph.kind.keys()].filter(
      (each) =>
        graph.kind[each] === FEATURE &&
        graph.layer[each] === graph.layer[node] &&
        graph.position[each] === graph.position[node] &&
        !taken.has(each),
    );
    if (others.length === 0) return [];
    const drawn = others[Math.floor(Math.random() * others.length)];
    taken.add(drawn);
    return [`${keyOfNode(graph, drawn)}=x0`];
  });
}
/** How many were drawn, and of how many: fewer may fire there. */
let drawn = { many: 0, of: 0 };
const howMany = () => (drawn.many < drawn.of ? ` These are ${drawn.many}, in place of ${drawn.of}: no more others fire there.` : "");
const random = trial("random", story, {
  expected: () => `Expected: little.${howMany()}`,
  says: ({ was, now }) => saysOfSum(was, now, { digit: true, size: true }) + howMany(),
  told: ({ was, now }) => {
    const [before, after] = [numberOf(was), numberOf(now)];
    if (before === undefined) return;
    presses.push(after === undefined ? { digit: false, size: false, same: false } : { ...leftOf(before, after), same: before === after });
    const all = presses.length;
    const share = (/** @type {(press: typeof presses[0]) => boolean} */ isOne) => `${presses.filter(isOne).length} of ${all}`;
    at("tally").textContent =
      `Random features so far: of ${all} ${all === 1 ? "press" : "presses"} the answer stayed in ${share(({ same }) => same)}, ` +
      `its last digit in ${share(({ digit }) => digit)}, its size in ${share(({ size }) => size)}.`;
  },
});
const draw = () => {
  const lab = story.shared?.lab;
  if (random.button.held) return; // those that are off stay the ones that are told of
  const keys = lab?.view && storyOf(lab) ? atRandom(lab) : [];
  drawn = { many: keys.length, of: digitsOf(lab).length };
  random.button.steer = keys.join(",") || undefined;
  if (!at("random").querySelector("p.told")) random.wait();
};
follow(story, (lab) => [lab.view, lab.view?.story], draw);
at("random").addEventListener("break", (event) => {
  if (!(/** @type {CustomEvent} */ (event).detail.held)) draw();
});

// Another sum’s lookup in this one’s place.

const swap = trial("swap", story, {
  expected: () => {
    const [own, put] = [sumOf(story.shared?.lab), sumOf(other.shared?.lab)];
    if (!own || !put) return "";
    return `Expected: the last digit of ${put.text}=${put.answer}, the size of ${own.text}=${own.answer}.`;
  },
  says: ({ was, now }) => saysOfSwap(was, now, sumOf(other.shared?.lab)?.answer ?? ""),
});
const put = () => {
  const [lab, from] = [story.shared?.lab, other.shared?.lab];
  const { graph } = from?.view ?? {};
  const [own, theirs] = [featuresOfParts(lab, LOOKUP), featuresOfParts(from, LOOKUP)];
  const settings = new Map(own.map(({ key }) => [key, "x0"]));
  for (const { key, node } of theirs) settings.set(key, numberText(/** @type {Graph} */ (graph).activation[node]));
  const isReady = own.length > 0 && theirs.length > 0;
  swap.button.steer = isReady ? [...settings].map(([key, value]) => `${key}=${value}`).join(",") : undefined;
  at("into").textContent = sumOf(lab)?.text ?? "";
  if (!swap.button.held) swap.wait();
};
for (const element of [story, other]) follow(element, (lab) => [lab.view, lab.view?.story], put);

// A diagnosis.

const ill = elementAt("ill");
const inhibit = trial("inhibit", ill, {
  expected: () => `Expected: with “${inhibit?.button.words}” inhibited it asks for something else.`,
  says: saysOfQuestion,
});
at("vignettes").addEventListener("click", (event) => {
  const button = event.target;
  const prompt = button instanceof HTMLButtonElement && ill.shared?.lab?.manifest?.examples[Number(button.value)]?.prompt;
  if (!prompt) return;
  inhibit.button.words = /** @type {HTMLButtonElement} */ (button).dataset.words;
  askOf(ill, prompt);
});
follow(
  ill,
  (lab) => [lab.view, lab.manifest],
  ({ view, manifest }) => {
    const prompt = view?.prompt ?? "";
    at("text").replaceChildren(prompt, html("span", { class: "blank" }, " …"));
    for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("#vignettes button"))) {
      const isShown = manifest?.examples[Number(button.value)]?.prompt === prompt;
      button.setAttribute("aria-pressed", String(isShown));
      if (isShown && inhibit.button.words !== button.dataset.words) inhibit.button.words = button.dataset.words; // as after a reset
    }
  },
);
