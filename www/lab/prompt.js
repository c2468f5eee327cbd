// The prompt box, which grows with its text; the prompt's tokens, and those that the model would go on with.

/** @import { Lab } from "./lab.js" */
/** @import { Graph } from "./messages.js" */

import { html, onResize, stopWhereItScrolls } from "./dom.js";
import { percent, visible } from "./format.js";
import { TOKEN } from "./kinds.js";
import { CUT, cutPrompt, MOST_CHARACTERS } from "./prompt-length.js";
import { term } from "./terms.js";

const MOST_TOKENS = 1000; // of a longer prompt the first and the last are shown
const LONG = 60; // characters; longer prompts are set smaller

/** Numbers of tokens by position, by which they can be named where their text cannot be typed. @param {Graph | undefined} graph */
function numbersOf(graph) {
  /** @type {Map<number, string>} */
  const numbers = new Map();
  graph?.kind.forEach((kind, node) => kind === TOKEN && numbers.set(graph.position[node], `, #${graph.index[node]}`));
  return numbers;
}

/** @param {Lab} lab */
export function mountPrompt(lab) {
  /** @type {HTMLTextAreaElement} */
  const input = lab.part("prompt");
  const tokens = stopWhereItScrolls(lab.part("tokens"));

  const fit = () => {
    input.classList.toggle("long", input.value.length > LONG);
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight + input.offsetHeight - input.clientHeight}px`;
  };
  /** @param {string | undefined} prompt */
  const show = (prompt) => {
    if (prompt !== undefined && prompt !== input.value) input.value = prompt;
    fit();
  };
  let width = 0;
  onResize(input, () => {
    if (input.clientWidth !== width) fit();
    width = input.clientWidth;
  });

  function showTokens() {
    const { view } = lab;
    const all = view?.graph.tokens ?? [];
    const numbers = numbersOf(view?.graph);
    const chip = (/** @type {number} */ position) =>
      html("li", { title: `Token ${position}${numbers.get(position) ?? ""}` }, visible(all[position]), html("small", {}, String(position)));
    const places = [...all.keys()];
    const left = Math.max(0, all.length - MOST_TOKENS);
    const first = left ? MOST_TOKENS / 2 : all.length;
    const gap = left ? [html("li", {}, `… ${left.toLocaleString("en")} more …`)] : [];
    const before = places.slice(0, first).map(chip);
    if (view?.bare)
      before.splice(
        1,
        0,
        html("li", { class: "bare" }, "← has no features here: this model has no special token to put in front of a prompt"),
      );
    const focused = [...said()].some((button) => button === lab.focused);
    tokens.replaceChildren(...before, ...gap, ...places.slice(first + left).map(chip), ...more());
    moveStop(stop, focused);
  }

  /** Which of the tokens that it goes on with is the one tab stop. */
  let stop = 0;
  const said = () => /** @type {NodeListOf<HTMLButtonElement>} */ (tokens.querySelectorAll(".said button"));
  /** @param {number} to @param {boolean} focus */
  function moveStop(to, focus) {
    const buttons = said();
    stop = Math.max(0, Math.min(buttons.length - 1, to));
    buttons.forEach((button, i) => (button.tabIndex = i === stop ? 0 : -1));
    if (focus) buttons[stop]?.focus();
  }
  tokens.addEventListener("keydown", (event) => {
    const buttons = said();
    const at = [...buttons].indexOf(/** @type {HTMLButtonElement} */ (lab.focused));
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    moveStop(to, true);
    event.preventDefault();
  });

  /** What the model goes on to say. */
  function more() {
    const { continuation, view } = lab;
    if (!continuation || !view || continuation.tokens.length === 0) return [];
    const said = continuation.said.map(({ text, probabilities, prompt, whole }) => {
      const why = whole ? "no text that can be typed becomes just these tokens" : "a part of a character, which cannot be typed";
      const title = `${probabilities.map(percent).join(", ")}: ${prompt === undefined ? why : "add to the prompt as far as here"}`;
      const button = html("button", { type: "button", title, "aria-disabled": String(prompt === undefined) }, visible(text));
      button.addEventListener("click", () => prompt !== undefined && lab.goTo(prompt));
      return html("li", { class: "said" }, button);
    });
    const waiting = continuation.done ? [] : [html("li", { class: "said", "aria-hidden": "true" }, "…")];
    return [html("li", { class: "goes-on" }, term("continuation", "goes on")), ...said, ...waiting];
  }

  // The browser cuts what is pasted, which is quick, one character later than it is cut here: so it shows that something was.
  input.maxLength = MOST_CHARACTERS + 1;
  input.addEventListener("input", () => {
    const text = cutPrompt(input.value);
    const cut = text !== input.value;
    if (cut) input.value = text;
    lab.ask(text);
    if (cut) lab.bus.emit("notice", CUT);
  });
  input.addEventListener("keydown", (event) => {
    // Every key is answered at once, so there is nothing to send off. Shift makes a new line.
    if (event.key === "Enter" && !event.shiftKey) event.preventDefault();
  });
  lab.bus.on("prompt", () => show(lab.prompt));
  lab.bus.on("manifest", () => {
    const empty = input.value === "";
    show(lab.prompt);
    // What whoever stands in the empty box types next takes the example's place, and is not added to it.
    if (empty && lab.focused === input) input.select();
  });
  lab.bus.on("graph", () => {
    if (lab.view?.recorded) show(lab.view.prompt);
    showTokens();
  });
  lab.bus.on("continuation", showTokens);
  show(lab.address.prompt);
}
