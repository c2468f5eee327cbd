// The model's most probable next tokens; a click explains one of them alone. With features set, before and after.

/** @import { App } from "./app.js" */

import { byId, html } from "./dom.js";
import { percent, visible } from "./format.js";
import { whenReleased } from "./press.js";

const SHOWN = 5;
const LENGTHS = { least: 4, most: 14 }; // characters that the tokens' column has room for

/** @param {App} app */
export function mountAnswers(app) {
  const list = byId("answers");
  const caption = byId("answers-caption");

  /** What to list: with features set, what was first before, too. @returns {{ token: string, name: string, before: number, after: number | undefined }[]} */
  function rows() {
    const { view, steered } = app;
    if (!steered) return (view?.graph.answers ?? []).slice(0, SHOWN).map(({ token, name, probability }) => ({ token, name, before: probability, after: undefined }));
    const first = steered.answers.slice(0, SHOWN);
    const was = steered.answers.reduce((best, each) => (each.before > best.before ? each : best));
    if (!first.includes(was)) first[SHOWN - 1] = was;
    const nameOf = (/** @type {number} */ id) => view?.graph.answers.find((answer) => answer.id === id)?.name ?? `#${id}`;
    return first.map(({ token, id, before, after }) => ({ token, name: nameOf(id), before, after }));
  }

  function show() {
    const shown = rows();
    const longest = Math.max(...shown.map(({ token }) => visible(token).length));
    list.style.setProperty("--token", `${0.61 * Math.min(Math.max(longest, LENGTHS.least), LENGTHS.most)}em`);
    list.classList.toggle("words", longest > 6);
    list.classList.toggle("steered", app.steered !== undefined);
    caption.textContent = app.steered ? "Next token, steered" : "Next token";
    const { target } = app.address;
    list.replaceChildren(
      ...shown.map(({ token, name, before, after }) => {
        const alone = target.kind === "tokens" && target.tokens.length === 1 && target.tokens[0] === name;
        const button = html("button", { type: "button", class: "token", title: alone ? "Explain the top answers again" : `Explain “${visible(token)}” alone`, "aria-pressed": String(alone) }, visible(token));
        button.disabled = app.view?.recorded !== undefined;
        button.addEventListener("click", () => app.explain(alone ? { kind: "answers" } : { kind: "tokens", tokens: [name] }));
        const bars = after === undefined ? [bar("", before)] : [bar("before", before), bar("", after)];
        const share = after === undefined ? [percent(before)] : [html("span", { class: "was" }, `${percent(before)} → `), percent(after)];
        return html("li", {}, button, html("span", { class: "bars", "aria-hidden": "true" }, ...bars), html("span", { class: "share" }, ...share));
      }),
    );
  }

  app.bus.on("graph", show);
  app.bus.on("steered", () => whenReleased(list, show));
}

/** @param {string} kind @param {number} share */
function bar(kind, share) {
  const fill = html("i");
  fill.style.width = `${share * 100}%`;
  return html("span", { class: `bar ${kind}` }, fill);
}
