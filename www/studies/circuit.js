// The circuit behind all sums, from a file that a command writes: parts of features as cards, what flows between them, and the features
// of the part that one presses.

/** @import { Story } from "../lab/engine-api.js" */

import { html, onResize, svg } from "../lab/dom.js";
import { counted, percent } from "../lab/format.js";
import { flowsOf } from "../lab/story/flows.js";
import { PARTS, pathOf, ROWS } from "../lab/story/words.js";

/** @typedef {{ layer: number, index: number, at: string, words: string, part: string, share: number, influence: number, answer: number }} CircuitFeature */
/** @typedef {{ part: string, at: string, layers: number[], features: number, influence: number, answer: number }} CircuitPart */
/**
 * @typedef {object} Circuit
 * @property {string} command
 * @property {number} prompts
 * @property {number} right
 * @property {number} kept share of all features’ influence that the listed ones have
 * @property {CircuitFeature[]} features
 * @property {[number, number, number][]} edges source, target, mean weight
 * @property {CircuitPart[]} parts
 * @property {[number, number, number, number][]} flows source, target, mean weight, share of influence
 * @property {{ at: string, influence: number }[]} tokens
 */

/** Of all influence that a card has. */
export const LEAST = 0.02;
const LISTED = 8; // features of a part
const ALWAYS = 0.9; // of the sums: what fires on so many tells them apart only by how strongly it fires
const NO_PART = "no part found";
const AT = /** @type {Record<string, string>} */ ({ first: "at the first number", second: "at the second number", end: "at “=”" });
const COLUMNS = ["first", "second", "end"];
const ANSWER = { part: "", at: "answer", layers: [], features: 0, influence: 1, answer: 0 };

/** The row of a part, from one number up to the sum. @param {CircuitPart} part */
function rowOf({ part, at }) {
  if (at === "answer") return 4;
  if (part.startsWith("sum")) return 3;
  return part.startsWith("both") || part === "" ? 2 : 1;
}

/** The parts that have a card, by their places. Features without a part have one where the two numbers come together. @param {Circuit} circuit */
export function drawnOf({ parts }) {
  return [...parts.keys()].filter((i) => parts[i].influence >= LEAST && (parts[i].part !== "" || parts[i].at === "end"));
}

/** @param {HTMLElement} place @param {Circuit} circuit */
export function drawCircuit(place, circuit) {
  const kept = drawnOf(circuit);
  const parts = [...kept.map((i) => circuit.parts[i]), ANSWER];
  const numberOf = new Map(kept.map((part, i) => [part, i]));
  /** @type {[number, number, number][]} */
  const flows = circuit.flows
    .filter(([source, target]) => numberOf.has(source) && numberOf.has(target))
    .map(([source, target, weight, share]) => [
      /** @type {number} */ (numberOf.get(source)),
      /** @type {number} */ (numberOf.get(target)),
      Math.sign(weight) * share,
    ]);
  // What a part adds to the right answer is a share of all influence, as flows are.
  parts.slice(0, -1).forEach((part, i) => rowOf(part) === 3 && flows.push([i, parts.length - 1, part.answer]));
  flows.sort((a, b) => Math.abs(b[2]) - Math.abs(a[2]));
  const items = parts.map((part) => ({ row: rowOf(part) }));
  const told = /** @type {Story} */ (/** @type {unknown} */ ({ items, flows }));

  const arrows = svg("svg", { class: "story-flows", "aria-hidden": "true" });
  const list = html("div", { class: "circuit-features", "aria-live": "polite" });
  /** @type {number | undefined} */ let lit;
  // The lookup of last digits to begin with, which is what surprises.
  let chosen = Math.max(
    parts.findIndex(({ part }) => part === "both ones"),
    0,
  );
  const cards = parts.map((part, i) => cardOf(part, () => choose(i)));
  const rows = [4, 3, 2, 1].map((row) => {
    const own = [...parts.keys()].filter((i) => rowOf(parts[i]) === row);
    own.sort((a, b) => COLUMNS.indexOf(parts[a].at) - COLUMNS.indexOf(parts[b].at) || pathOf(parts[a]).localeCompare(pathOf(parts[b])));
    return html("div", { class: "story-row in-line" }, html("span", { class: "row-name" }, ROWS.numbers[row]), ...own.map((i) => cards[i]));
  });
  const story = html("div", { class: "story" }, arrows, ...rows);
  place.replaceChildren(story, list);

  const draw = () => {
    const { left, top } = story.getBoundingClientRect();
    arrows.setAttribute("width", String(story.clientWidth));
    arrows.setAttribute("height", String(story.scrollHeight));
    const boxOf = (/** @type {number} */ i) => {
      const box = cards[i].getBoundingClientRect();
      return { x: box.x + box.width / 2 - left, y: box.y + box.height / 2 - top, width: box.width, height: box.height };
    };
    arrows.replaceChildren(...flowsOf(told, boxOf, lit));
  };
  /** @param {number | undefined} i */
  const light = (i) => {
    lit = i;
    story.classList.toggle("lit", i !== undefined);
    const near = new Set(flows.flatMap(([source, target]) => (source === i || target === i ? [source, target] : [])));
    cards.forEach((card, each) => card.classList.toggle("near", each === i || near.has(each)));
    draw();
  };
  /** @param {number} i */
  const choose = (i) => {
    if (i === parts.length - 1) return;
    chosen = i;
    cards.forEach((card, each) => card.setAttribute("aria-pressed", String(each === chosen)));
    cards.forEach((card, each) => card.classList.toggle("selected", each === chosen));
    list.replaceChildren(...featuresOf(circuit, parts[chosen]));
  };
  cards.forEach((card, i) => {
    card.addEventListener("pointerenter", () => light(i));
    card.addEventListener("focus", () => light(i));
    card.addEventListener("blur", () => light(undefined));
  });
  story.addEventListener("pointerleave", () => light(undefined));
  choose(chosen);
  onResize(story, draw);
}

/** @param {CircuitPart} part @param {() => void} choose */
function cardOf(part, choose) {
  const { at, features, influence } = part;
  const path = pathOf(part);
  const [title, detail] =
    at === "answer" ? ["the right answer", ""] : [PARTS[part.part] ?? NO_PART, `${counted(features, "feature")} ${AT[at]}`];
  const card = html(
    "button",
    { type: "button", class: `story-card${path ? ` ${path}` : ""}${at === "answer" ? " of-answer" : ""}` },
    html(
      "span",
      { class: "words" },
      html("span", { class: "title" }, title),
      detail ? html("span", { class: "detail" }, detail) : undefined,
    ),
    at === "answer" ? undefined : html("span", { class: "times", title: "of the influence of all features" }, percent(influence)),
  );
  card.addEventListener("click", choose);
  return card;
}

/** Names, each once; behind it how many have it. @param {string[]} names */
function eachOnce(names) {
  return [...new Set(names)].map((name) => {
    const count = names.filter((each) => each === name).length;
    return count === 1 ? name : `${name} (${count === 2 ? "two" : count} features)`;
  });
}

/** The most influential features of a part, and what each feeds most. @param {Circuit} circuit @param {CircuitPart} part */
function featuresOf({ features, edges }, { part, at }) {
  const own = [...features.keys()].filter((i) => features[i].part === part && features[i].at === at);
  own.sort((a, b) => features[b].influence - features[a].influence);
  const feeds = (/** @type {number} */ i) =>
    edges
      .filter(([source, target]) => source === i && features[target].words)
      .sort((a, b) => Math.abs(b[2]) - Math.abs(a[2]))
      .slice(0, 3)
      .map(([, target, weight]) => `${weight < 0 ? "− " : ""}${features[target].words}`);
  const head = ["Feature", "active on, of all sums", "feeds most"].map((each) => html("th", { scope: "col" }, each));
  const isAlways = (/** @type {number} */ i) => part !== "" && features[i].share >= ALWAYS;
  const most = own.slice(0, LISTED);
  const always = most.filter(isAlways);
  const rows = [...most.filter((i) => !isAlways(i)), ...always].map((i) => {
    const { layer, index, words, share } = features[i];
    const name = html("th", { scope: "row", title: `Layer ${layer}, feature ${index}` }, words || `layer ${layer}, feature ${index}`);
    return html(
      "tr",
      {},
      name,
      html("td", {}, percent(share)),
      html("td", { class: "words" }, eachOnce(feeds(i)).join("; ") || "the answer"),
    );
  });
  const left = own.length - rows.length;
  return [
    html("h3", {}, `${PARTS[part] ?? NO_PART}, ${AT[at]}`),
    html("table", { class: "figures" }, html("thead", {}, html("tr", {}, ...head)), html("tbody", {}, ...rows)),
    ...(always.length > 0 ? [html("p", { class: "note" }, whyHere(always.length, PARTS[part]))] : []),
    ...(left > 0 ? [html("p", { class: "note" }, `and ${counted(left, "feature")} more, of less influence`)] : []),
  ];
}

/** Why features that are active on nearly all sums stand on a card. @param {number} count the last of the table @param {string} part */
function whyHere(count, part) {
  const [who, they, their] = count === 1 ? ["The last one is", "it stands", "its"] : [`The last ${count} are`, "they stand", "their"];
  return `${who} active on nearly all sums; ${they} here because ${their} activation, by the operand plot, follows “${part}”.`;
}
