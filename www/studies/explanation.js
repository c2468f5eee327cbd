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
import { askOf, elementAt, follow, textAt } from "./figures.js";
import { numberBoxes } from "./number-boxes.js";

const FIRST = 3; // number of the explanation that is chosen to begin with
const END = /So it is \d+\./;
const MOST = 8; // features named

const [answer, said] = ["answer", "said"].map(elementAt);
const [breakAnswer, breakSaid] = ["break-answer", "break-said"].map(
  (id) => /** @type {import("../elements/atto-break.js").AttoBreak} */ (elementAt(id)),
);
const told = /** @type {HTMLElement} */ (document.getElementById("told"));

// What it says.

/** A piece of what is said, and the prompt in front of it. @typedef {{ text: string, before: string }} Piece */
/** Of the sum on show. @type {Piece[]} */ let pieces = [];
/** Which of its numbers is chosen. */ let chosen = FIRST;

numberBoxes("numbers", answer, () => {
  pieces = [];
});
document.getElementById("both")?.addEventListener("reset", () => {
  chosen = FIRST;
  drawTold();
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

/** What comes behind the answer's own text, by the prompt that it goes on from. @type {Map<string, Piece[]>} */
const beyond = new Map();
/** The element that asks for it, as long as it is wanted: what it does beside that would only take time. @type {HTMLElement | undefined} */
let asking;

/** Asks how a text goes on, of which a lab computes only so much. @param {string} prompt */
function askBeyond(prompt) {
  if (asking?.getAttribute("prompt") === prompt) return;
  asking?.remove();
  const element = /** @type {typeof answer} */ (document.createElement("atto-answers"));
  for (const [name, value] of Object.entries({ model: "addition", prompt, loading: "visible" })) element.setAttribute(name, value);
  asking = element;
  document.getElementById("rest")?.append(element);
  follow(
    element,
    ({ view }) => [view, view?.continuation],
    ({ view }) => {
      if (view?.prompt !== prompt || !view.continuation) return;
      beyond.set(prompt, piecesOf(view));
      const { done, said } = view.continuation;
      listen();
      const ended = untilEnd(pieces).ended || (done && piecesOf(view).length === said.length);
      if (!ended || asking !== element) return;
      asking = undefined;
      queueMicrotask(() => element.remove());
    },
  );
}

/** Follows the answer's own text, and where that is as long as one is computed, goes on from its end. */
function listen() {
  const view = answer.shared?.lab?.view;
  if (!view || view.early) return;
  let all = piecesOf(view);
  const last = view.continuation?.said.at(-1)?.prompt;
  if (view.continuation?.done && last !== undefined && !untilEnd(all).ended) {
    const more = beyond.get(last);
    if (more) all = [...all, ...more];
    else askBeyond(last);
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
      // On a phone its story stands far below.
      const story = said.parentElement;
      if (story && story.getBoundingClientRect().top > 0.7 * innerHeight) story.scrollIntoView({ block: "start" });
    });
    return button;
  });
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.number : undefined;
  told.replaceChildren(html("span", { class: "given" }, prompt), ...parts);
  if (focused !== undefined) /** @type {HTMLElement | null} */ (told.querySelector(`[data-number="${focused}"]`))?.focus();
  const piece = pieces.filter(isNumber)[chosen];
  if (piece) askOf(said, piece.before);
  textAt("says", piece ? `“${piece.text}”` : "it");
}

follow(answer, (lab) => [lab.view, lab.view?.continuation], listen);

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
  if (!there.view.prompt.startsWith(here.view.prompt)) {
    // The one of before stands until this sum's explanation is known.
    breakAnswer.hidden = breakSaid.hidden = true;
    return textAt("in-common", "…");
  }
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
      `${counted(at.size, "feature")} fire at the “=”, ${atSaid.size} where ${word} is said; ${common.length} are the same. With most influence on ${word}, filled ones are of both: `,
      ...chips,
    );
  /** @param {View} view @param {Map<string, number>} places */
  const set = ({ graph }, places) => common.map((key) => `${keyOfNode(graph, /** @type {number} */ (places.get(key)))}=x0`).join(",");
  breakAnswer.steer = set(here.view, at);
  breakSaid.steer = set(there.view, atSaid);
  breakAnswer.hidden = breakSaid.hidden = common.length === 0;
  showOutcome(here);
  showOutcome(there);
}

for (const element of [answer, said])
  follow(element, (lab) => [lab.view, lab.view?.pruned, lab.plots.arrivals, lab.features.names, lab.view?.graph.whole], compare);

follow(
  answer,
  (lab) => [lab.view, lab.view?.graph.whole],
  ({ view }) => {
    if (!view) return;
    const [first] = view.graph.answers;
    textAt("did", first ? `“${answerText(view.graph, first)}” at the “=”` : "the answer");
  },
);

// What came of it.

/** @param {ElementLab} lab */
function showOutcome(lab) {
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
for (const element of [answer, said])
  follow(element, (lab) => [lab.view?.steered, lab.view?.steeredWhole, lab.address.steering], showOutcome);

// What was said of another graph goes with it.
for (const element of [answer, said])
  follow(
    element,
    (lab) => [lab.view],
    () => textAt("happened", ""),
  );

// Its figures may be lost, and the rest works.
void import("./explanation-figures.js").catch(() => {});
