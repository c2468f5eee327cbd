// The model's most probable answers, each by its first token until all of it is known; a click explains one of them alone. With features
// set, before and after.

/** @import { Lab } from "./lab.js" */

import { html } from "./dom.js";
import { answerChance, answerText, explainedPart, percent } from "./format.js";
import { listedAnswers, listedShifts } from "./listed.js";
import { shiftedAnswer } from "./steer/shifted.js";

// characters: what the column of answers has room for, and from where on the first is set smaller
const LENGTHS = { least: 4, most: 26, words: 6, long: 14 };

/** @param {Lab} lab */
export function mountAnswers(lab) {
  const list = lab.part("answers");
  const caption = lab.part("answers-caption");

  /**
   * An answer: what it is called, what its first token is typed as, how probable it is, and what its graph explains. @typedef {{ text:
   * string, name: string, before: number, after: number | undefined, part: string | undefined }} Row
   */

  /** What to list: with features set, what was first before, too. @returns {Row[]} */
  function rows() {
    const { view, steered } = lab;
    if (!view) return [];
    const { graph } = view;
    if (!steered)
      return listedAnswers(graph.answers).map((answer) => ({
        text: answerText(graph, answer),
        name: answer.name,
        before: answerChance(graph, answer),
        after: undefined,
        part: explainedPart(graph, [answer]),
      }));
    const nameOf = (/** @type {number} */ id) => graph.answers.find((answer) => answer.id === id)?.name ?? `#${id}`;
    return listedShifts(steered.answers).map((shift) => ({
      ...shiftedAnswer(lab, shift),
      name: nameOf(shift.id),
      part: explainedPart({ whole: lab.steeredWhole?.after ?? graph.whole }, [shift]),
    }));
  }

  /** What the probabilities are of. */
  function captionText() {
    if (lab.steered ? lab.steeredWhole : lab.view?.graph.whole) return "Answer";
    return lab.manifest?.answers?.length && !lab.view?.recorded ? "Answer, first token" : "Next token";
  }

  function show() {
    const shown = rows();
    const longest = Math.max(...shown.map(({ text }) => text.length));
    list.style.setProperty("--token", `${0.61 * Math.min(Math.max(longest, LENGTHS.least), LENGTHS.most)}em`);
    list.classList.toggle("words", longest > LENGTHS.words);
    list.classList.toggle("long", (shown[0]?.text.length ?? 0) > LENGTHS.long);
    list.classList.toggle("steered", lab.steered !== undefined);
    caption.textContent = `${captionText()}${lab.steered ? ", steered" : ""}`;
    const { target } = lab.address;
    const focused = [...list.querySelectorAll("button")].indexOf(/** @type {HTMLButtonElement} */ (lab.focused));
    list.replaceChildren(
      ...shown.map(({ text, name, before, after, part }) => {
        const alone = target.kind === "tokens" && target.tokens.length === 1 && target.tokens[0] === name;
        const button = html(
          "button",
          {
            type: "button",
            class: "token",
            title: `${alone ? "Explain the top answers again" : `Explain “${text}” alone`}${part ? `: ${part}` : ""}`,
            "aria-pressed": String(alone),
          },
          text,
        );
        button.disabled = lab.view?.recorded !== undefined;
        button.addEventListener("click", () => lab.explain(alone ? { kind: "answers" } : { kind: "tokens", tokens: [name] }));
        const bars = after === undefined ? [bar("", before)] : [bar("before", before), bar("", after)];
        const share = after === undefined ? [percent(before)] : [html("span", { class: "was" }, `${percent(before)} → `), percent(after)];
        return html(
          "li",
          {},
          button,
          html("span", { class: "bars", "aria-hidden": "true" }, ...bars),
          html("span", { class: "share" }, ...share),
        );
      }),
    );
    list.querySelectorAll("button")[focused]?.focus({ preventScroll: true });
  }

  lab.bus.on("graph", show);
  for (const name of /** @type {const} */ (["steered", "answers"])) lab.bus.on(name, () => lab.whenReleased(list, show));
}

/** @param {string} kind @param {number} share */
function bar(kind, share) {
  const fill = html("i");
  fill.style.width = `${share * 100}%`;
  return html("span", { class: `bar ${kind}` }, fill);
}
