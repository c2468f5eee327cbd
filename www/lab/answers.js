// The model's most probable answers, each by its first token until all of it is known; a click explains one of them alone. With features
// set, before and after.

/** @import { Lab } from "./lab.js" */

import { html } from "./dom.js";
import { answerChance, answerText, explainedPart, percent } from "./format.js";
import { keyed } from "./keyed.js";
import { listedAnswers, listedShifts } from "./listed.js";
import { shiftedAnswer } from "./steer/shifted.js";

// characters: what the column of answers has room for, and from where on the first is set smaller
const LENGTHS = { least: 4, most: 26, words: 6, long: 14 };

/**
 * An answer: what it is called, what its first token is typed as, how probable it is, what its graph explains, and whether it alone is
 * explained. @typedef {{ text: string, name: string, before: number, after: number | undefined, part: string | undefined, alone: boolean
 * }} Row
 */

/**
 * @param {Lab} lab
 * @param {(lab: Lab, given: Row, other: Row) => HTMLElement} [beside] makes what stands beside each answer that was not given
 */
export function mountAnswers(lab, beside) {
  const list = lab.part("answers");
  const caption = lab.part("answers-caption");

  /** What to list: with features set, what was first before, too. @returns {Row[]} */
  function rows() {
    const { view } = lab;
    if (!view) return [];
    const { graph, steered } = view;
    const { target } = lab.address;
    const isAlone = (/** @type {string} */ name) => target.kind === "tokens" && target.tokens.length === 1 && target.tokens[0] === name;
    if (!steered) {
      const [given, ...others] = listedAnswers(graph.answers).map((answer) => ({
        text: answerText(graph, answer),
        name: answer.name,
        before: answerChance(graph, answer),
        after: undefined,
        part: explainedPart(graph, [answer]),
        alone: isAlone(answer.name),
      }));
      // A whole answer can be less probable than one whose first token is less probable than its own.
      return given ? [given, ...others.sort((a, b) => b.before - a.before)] : [];
    }
    const nameOf = (/** @type {number} */ id) => graph.answers.find((answer) => answer.id === id)?.name ?? `#${id}`;
    return listedShifts(steered.answers).map((shift) => ({
      ...shiftedAnswer(lab, shift),
      name: nameOf(shift.id),
      part: explainedPart({ whole: view.steeredWhole?.after ?? graph.whole }, [shift]),
      alone: isAlone(nameOf(shift.id)),
    }));
  }

  /** What the probabilities are of. */
  function captionText() {
    const { view } = lab;
    if (view?.steered ? view.steeredWhole : view?.graph.whole) return "Answer";
    return lab.manifest?.answers?.length && !view?.recorded ? "Answer, first token" : "Next token";
  }

  function show() {
    const shown = rows();
    const longest = Math.max(...shown.map(({ text }) => text.length));
    list.style.setProperty("--token", `${0.61 * Math.min(Math.max(longest, LENGTHS.least), LENGTHS.most)}em`);
    list.classList.toggle("words", longest > LENGTHS.words);
    list.classList.toggle("long", (shown[0]?.text.length ?? 0) > LENGTHS.long);
    const steered = lab.view?.steered !== undefined;
    list.classList.toggle("steered", steered);
    const moves = shown.some(({ before, after = before }) => percent(after) !== percent(before));
    caption.textContent = steered && !moves ? "Steered: no change" : `${captionText()}${steered ? ", steered" : ""}`;
    const disabled = lab.view?.recorded !== undefined;
    // The graph is of the answers as they were before features were set.
    const [given] = disabled || steered ? [] : shown;
    // By their places: who is at the first answer stays at the first.
    keyed(list, shown, {
      key: (_, place) => place,
      look: (row) => JSON.stringify([row, disabled, given, lab.address.target]),
      make: (row) => entry(row, disabled, given === row ? undefined : given),
    });
  }

  /** @param {Row} row @param {boolean} disabled @param {Row | undefined} given the answer that was given in its place */
  function entry(row, disabled, given) {
    const { text, name, before, after, part, alone } = row;
    const button = html(
      "button",
      {
        type: "button",
        class: "token",
        title: `${alone ? "Explain the top answers again" : `Explain “${text}” alone`}${part ? `: ${part}` : ""}`,
        "aria-pressed": String(alone),
        disabled,
      },
      text,
    );
    button.addEventListener("click", () => lab.explain(alone ? { kind: "answers" } : { kind: "tokens", tokens: [name] }));
    const bars = after === undefined ? [bar("", before)] : [bar("before", before), bar("", after)];
    const share = after === undefined ? [percent(before)] : [html("span", { class: "was" }, `${percent(before)} → `), percent(after)];
    return html(
      "li",
      {},
      button,
      html("span", { class: "bars", "aria-hidden": "true" }, ...bars),
      html("span", { class: "share" }, ...share),
      given && beside?.(lab, given, row),
    );
  }

  lab.draw(list, show);
}

/** @param {string} kind @param {number} share */
function bar(kind, share) {
  const fill = html("i");
  fill.style.width = `${share * 100}%`;
  return html("span", { class: `bar ${kind}` }, fill);
}
