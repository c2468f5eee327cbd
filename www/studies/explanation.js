// Study 3: what the model says about how it added, token by token, beside what it did; which features serve both, and what becomes of
// either without them.

/** @import { Said } from "../lab/messages.js" */
/** @import { ElementLab } from "../elements/element-lab.js" */
/** @import { View } from "../lab/view.js" */

import { html } from "../lab/dom.js";
import { answerText, counted, percent, visible } from "../lab/format.js";
import { FEATURE } from "../lab/kinds.js";
import { shiftedAnswer } from "../lab/steer/shifted.js";
import { keyOfNode } from "../lab/steer/steering.js";
import { elementAt, follow, textAt } from "./figures.js";
import { bar, command, fileOf, shareText } from "./measures.js";

/** @typedef {{ layer: number, index: number, words: string, part: string, shared: boolean }} Named */
/** @typedef {{ features: number, answer_changes: number, explanation_changes: number, numbers_change: number }} SwitchedOff */
/**
 * @typedef {object} Explained
 * @property {string} command @property {number} sums @property {number} right
 * @property {number} answer_features @property {number} explanation_features @property {number} shared
 * @property {number} shared_influence @property {number} explanation_of_shared
 * @property {Record<"answer_only" | "explanation_only" | "shared" | "random", SwitchedOff>} off
 * @property {{ prompt: string, tokens: { text: string, said: boolean, features: Named[] }[] }} example
 */

const FIRST = 3; // number of the explanation that is chosen to begin with
const END = /So it is \d+\./;
const MOST = 8; // features named

const explained = /** @type {Explained} */ (await fileOf("explanations.json"));
const [answer, said, rest] = ["answer", "said", "rest"].map(elementAt);
const [breakAnswer, breakSaid] = ["break-answer", "break-said"].map(
  (id) => /** @type {import("../elements/atto-break.js").AttoBreak} */ (elementAt(id)),
);
const numbers = /** @type {HTMLFormElement} */ (document.getElementById("numbers"));
const told = /** @type {HTMLElement} */ (document.getElementById("told"));

// What it says.

/** A piece of what is said, and the prompt in front of it. @typedef {{ text: string, before: string }} Piece */
/** Of the sum on show. @type {Piece[]} */ let pieces = [];
/** Which of its numbers is chosen. */ let chosen = FIRST;

/** @param {string} name */
const input = (name) => /** @type {HTMLInputElement} */ (numbers.elements.namedItem(name));

numbers.addEventListener("submit", (event) => event.preventDefault());
numbers.addEventListener("input", () => {
  const [a, b] = ["a", "b"].map((name) => Number(input(name).value));
  if (![a, b].every((each) => Number.isInteger(each) && each >= 0 && each <= 99)) return;
  pieces = [];
  answer.setAttribute("prompt", `calc: ${a}+${b}=`);
});
document.getElementById("both")?.addEventListener("reset", () => {
  chosen = FIRST;
});

/** What a lab's model goes on to say, as far as it is known and can be typed. @param {View | undefined} view @returns {Piece[]} */
function piecesOf(view) {
  let before = view?.prompt ?? "";
  /** @type {Piece[]} */ const found = [];
  for (const { text, prompt } of /** @type {Said[]} */ (view?.continuation?.said ?? [])) {
    found.push({ text, before });
    if (prompt === undefined) break;
    before = prompt;
  }
  return found;
}

/** Up to the end of the explanation. @param {Piece[]} all */
function untilEnd(all) {
  let text = "";
  for (const [i, piece] of all.entries()) {
    text += piece.text;
    if (END.test(text)) return { pieces: all.slice(0, i + 1), ended: true };
  }
  return { pieces: all, ended: false };
}

/** Follows the answer's own text, and where that is as long as one is computed, goes on from its end. */
function listen() {
  const [first, more] = [answer.shared?.lab, rest.shared?.lab];
  if (!first?.view || first.view.early) return;
  let all = piecesOf(first.view);
  const last = first.view.continuation?.said.at(-1)?.prompt;
  if (first.view.continuation?.done && last !== undefined && !untilEnd(all).ended) {
    if (more?.view && more.view.prompt === last) all = [...all, ...piecesOf(more.view)];
    else if (rest.getAttribute("prompt") !== last) rest.setAttribute("prompt", last);
  }
  ({ pieces: all } = untilEnd(all));
  if (all.map(({ text }) => text).join() === pieces.map(({ text }) => text).join() && pieces[0]?.before === all[0]?.before) return;
  pieces = all;
  drawTold();
}

const isNumber = (/** @type {Piece} */ { text }) => /^\d+$/.test(text.trim());

function drawTold() {
  const prompt = pieces[0]?.before ?? "";
  let count = 0;
  const parts = pieces.map((piece) => {
    if (!isNumber(piece)) return piece.text;
    const place = count++;
    const button = html("button", { type: "button", "data-number": place, "aria-pressed": String(place === chosen) }, piece.text);
    button.addEventListener("click", () => {
      chosen = place;
      drawTold();
    });
    return button;
  });
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.number : undefined;
  told.replaceChildren(html("span", { class: "given" }, prompt), ...parts);
  if (focused !== undefined) /** @type {HTMLElement | null} */ (told.querySelector(`[data-number="${focused}"]`))?.focus();
  const piece = pieces.filter(isNumber)[chosen];
  if (piece) said.setAttribute("prompt", piece.before);
  textAt("says", piece ? `“${piece.text}”` : "it");
}

for (const element of [answer, rest]) follow(element, (lab) => [lab.view, lab.view?.continuation], listen);

// What both use.

/** The features at the last token, by layer and index, of a graph or of what is on show of it. @param {View} view @param {ArrayLike<number>} [nodes] */
function lastOf({ graph }, nodes = graph.kind.map((_, node) => node)) {
  const last = graph.tokens.length - 1;
  const found = Array.from(nodes).filter((node) => graph.kind[node] === FEATURE && graph.position[node] === last);
  return new Map(found.map((node) => [`${graph.layer[node]}/${graph.index[node]}`, node]));
}

function compare() {
  const [here, there] = [answer.shared?.lab, said.shared?.lab];
  if (!here?.view || !there?.view || here.view.early) return;
  const [at, atSaid] = [
    lastOf(here.view, Uint32Array.from(here.view.graph.kind.keys())),
    lastOf(there.view, Uint32Array.from(there.view.graph.kind.keys())),
  ];
  const common = [...atSaid.keys()].filter((key) => at.has(key));
  const on = [...lastOf(there.view, there.view.pruned.nodes)];
  on.sort(([, a], [, b]) => /** @type {View} */ (there.view).graph.influence[a] - /** @type {View} */ (there.view).graph.influence[b]);
  there.worker.wantPlots(on.map(([, node]) => node));
  here.worker.wantPlots(on.flatMap(([key]) => at.get(key) ?? []));
  const chips = on.slice(0, MOST).map(([key, node]) => {
    const same = at.get(key);
    return html("span", { class: same === undefined ? "chip" : "chip both" }, same === undefined ? there.nameOf(node) : here.nameOf(same));
  });
  const [first] = there.view.graph.answers;
  const word = first ? `“${visible(first.token)}”` : "this";
  document
    .getElementById("in-common")
    ?.replaceChildren(
      `${counted(at.size, "feature")} fire at the “=”, ${atSaid.size} where ${word} is said; ${common.length} are the same. With most influence on ${word}, dark ones of both: `,
      ...chips,
    );
  /** @param {View} view @param {Map<string, number>} places */
  const set = ({ graph }, places) => common.map((key) => `${keyOfNode(graph, /** @type {number} */ (places.get(key)))}=x0`).join(",");
  breakAnswer.steer = set(here.view, at);
  breakSaid.steer = set(there.view, atSaid);
  breakAnswer.hidden = breakSaid.hidden = common.length === 0;
  tell(here);
  tell(there);
}

for (const element of [answer, said])
  follow(element, (lab) => [lab.view, lab.view?.pruned, lab.plots.arrivals, lab.features.names, lab.view?.graph.whole], compare);

follow(
  answer,
  (lab) => [lab.view, lab.view?.graph.whole],
  ({ view }) => {
    if (!view) return;
    if (view.operands)
      for (const name of /** @type {const} */ (["a", "b"]))
        if (document.activeElement !== input(name)) input(name).value = String(view.operands[name]);
    const [first] = view.graph.answers;
    textAt("did", first ? `“${answerText(view.graph, first)}” at the “=”` : "the answer");
  },
);

// What came of it.

/** @param {ElementLab} lab */
function tell(lab) {
  const { view } = lab;
  const held = lab === answer.shared?.lab ? breakAnswer.held : breakSaid.held;
  const report = lab.isSteered && held ? view?.steered : undefined;
  if (!view || !report) return;
  const [now] = report.answers.map((shift) => shiftedAnswer(lab, shift));
  const was = view.graph.answers[0] && answerText(view.graph, view.graph.answers[0]);
  const where = lab === answer.shared?.lab ? "at the “=”" : "at this token of the explanation";
  const off = counted(Object.keys(lab.address.steering.set).length, "feature");
  textAt(
    "happened",
    now.text === was
      ? `With the ${off} of both off ${where}, the model still says ${was}, ${percent(now.after)}; it was ${percent(now.before)}.`
      : `With the ${off} of both off ${where}, the model says ${now.text}, ${percent(now.after)}, in place of ${was}.`,
  );
}
for (const element of [answer, said]) follow(element, (lab) => [lab.view?.steered, lab.view?.steeredWhole, lab.address.steering], tell);

// What was measured.

const whole = (/** @type {number} */ it) => String(Math.round(it));
document
  .getElementById("shared")
  ?.replaceChildren(
    `Over ${explained.sums} sums that the model was not trained on, with ${shareText(explained.right)} of the explanations right in every number: ` +
      `${whole(explained.answer_features)} features fire where the answer is said, ${whole(explained.explanation_features)} at one or another number of the ` +
      `explanation, ${whole(explained.shared)} at both. Those of both carry ${shareText(explained.shared_influence)} of the influence that features at the “=” have on the ` +
      `answer. The other way it is less: of the influence on the explanation’s numbers, ${shareText(explained.explanation_of_shared)} comes from features that ` +
      "fire at the “=”. For 36 and 59, number by number:",
    command(explained.command),
  );

const spoken = explained.example.tokens.filter(({ said, text }) => said && /^\d+$/.test(text.trim()));
document
  .querySelector("#by-number tbody")
  ?.replaceChildren(
    ...spoken.map(({ text, features }, i) =>
      html(
        "tr",
        {},
        html("th", { scope: "row" }, html("b", { class: "answer" }, text), i === 0 ? " the answer" : ""),
        html(
          "td",
          {},
          ...features.map(({ words, shared, layer, index }) =>
            html("span", { class: shared ? "chip both" : "chip", title: `layer ${layer}, feature ${index}` }, words),
          ),
        ),
      ),
    ),
  );

const { off } = explained;
/** @type {[keyof Explained["off"], string][]} */
const SETS = [
  ["answer_only", "of the answer alone"],
  ["explanation_only", "of the explanation alone"],
  ["shared", "of both"],
  ["random", "as many as of both, at random"],
];
textAt(
  "without",
  `In the same ${explained.sums} texts, features were switched off at every token where they fire, with attention patterns held, and the text left as it was.`,
);
document
  .querySelector("#off tbody")
  ?.replaceChildren(
    ...SETS.map(([name, words]) =>
      html(
        "tr",
        {},
        html("th", { scope: "row" }, words, html("small", {}, `${counted(Math.round(off[name].features), "feature")}`)),
        html("td", {}, bar(off[name].answer_changes, shareText(off[name].answer_changes))),
        html("td", {}, bar(off[name].numbers_change, shareText(off[name].numbers_change), "live")),
      ),
    ),
  );
textAt(
  "off-says",
  `Without the features of both, ${shareText(off.shared.answer_changes)} of the answers are others, and ${shareText(off.shared.numbers_change)} of the explanation’s numbers; ` +
    `as many at random change ${shareText(off.random.answer_changes)} and ${shareText(off.random.numbers_change)}. ` +
    (off.explanation_only.answer_changes > off.random.answer_changes
      ? `The features of the explanation alone are ${whole(off.explanation_only.features)}, and ${shareText(off.explanation_only.answer_changes)} of the answers are others without them: not ` +
        "because of what fires in the explanation, which comes later, but because the same features fire before the “=”, too."
      : ""),
);
