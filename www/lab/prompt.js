// The prompt box, which grows with its text; the prompt's tokens, and those that the model would go on with.

/** @import { Lab } from "./lab.js" */
/** @import { Graph, Said } from "./messages.js" */

import { html, onResize, stopWhereItScrolls, term } from "./dom.js";
import { percent, visible } from "./format.js";
import { keyed } from "./keyed.js";
import { TOKEN } from "./kinds.js";
import { CUT, cutPrompt, MOST_CHARACTERS } from "./prompt-length.js";

const MOST_TOKENS = 1000; // of a longer prompt the first and the last are shown
const LONG = 60; // characters; longer prompts are set smaller
const BARE = "← has no features here: this model has no special token to put in front of a prompt";

/** A token of the prompt, or of what comes after. @typedef {{ key: string, look: unknown, make: () => HTMLElement }} Entry */

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
    fitSoon();
  };
  let fitting = 0;
  /** With the next frame: measured at a key, the page would be laid out before anybody is asked. */
  const fitSoon = () => {
    cancelAnimationFrame(fitting);
    fitting = requestAnimationFrame(fit);
  };
  let width = 0;
  onResize(
    input,
    () => {
      if (input.clientWidth !== width) fit();
      width = input.clientWidth;
    },
    lab.lifetime,
  );

  function showTokens() {
    const { view } = lab;
    const all = view?.graph.tokens ?? [];
    const numbers = numbersOf(view?.graph);
    /** @param {number} position @returns {Entry} */
    const chip = (position) => {
      const [text, title] = [visible(all[position]), `Token ${position}${numbers.get(position) ?? ""}`];
      return {
        key: `token ${position}`,
        look: `${title} ${text}`,
        make: () => html("li", { title }, text, html("small", {}, String(position))),
      };
    };
    const places = [...all.keys()];
    const left = Math.max(0, all.length - MOST_TOKENS);
    const first = left ? MOST_TOKENS / 2 : all.length;
    const entries = places.slice(0, first).map(chip);
    if (left) entries.push({ key: "left", look: left, make: () => html("li", {}, `… ${left.toLocaleString("en")} more …`) });
    entries.push(...places.slice(first + left).map(chip), ...more());
    if (view?.bare) entries.splice(1, 0, { key: "bare", look: "", make: () => html("li", { class: "bare" }, BARE) });
    keyed(tokens, entries, { key: ({ key }) => key, look: ({ look }) => look, make: ({ make }) => make() });
    moveStop(stop, false);
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

  /** What the model goes on to say. @returns {Entry[]} */
  function more() {
    const { continuation } = lab.view ?? {};
    if (!continuation || continuation.tokens.length === 0) return [];
    const said = continuation.said.map((each, i) => ({ key: `said ${i}`, look: JSON.stringify(each), make: () => saidEntry(each) }));
    // With features set it goes on in another way, which the steering panel tells.
    const name = lab.view?.steered ? "goes on, unsteered" : "goes on";
    const goesOn = { key: "goes on", look: name, make: () => html("li", { class: "goes-on" }, term("continuation", name)) };
    const waiting = { key: "waiting", look: "", make: () => html("li", { class: "said", "aria-hidden": "true" }, "…") };
    return [goesOn, ...said, ...(continuation.done ? [] : [waiting])];
  }

  /** @param {Said} said */
  function saidEntry({ text, probabilities, prompt, whole }) {
    const why = whole ? "no text that can be typed becomes just these tokens" : "a part of a character, which cannot be typed";
    const title = `${probabilities.map(percent).join(", ")}: ${prompt === undefined ? why : "add to the prompt as far as here"}`;
    const button = html("button", { type: "button", title, "aria-disabled": String(prompt === undefined) }, visible(text));
    button.addEventListener("click", () => prompt !== undefined && lab.goTo(prompt));
    return html("li", { class: "said" }, button);
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
  lab.watch(
    () => lab.prompt,
    () => {
      const isExample = input.value === "" && lab.address.prompt === undefined;
      show(lab.prompt);
      // What whoever stands in the empty box types next takes the example's place, and is not added to it.
      if (isExample && lab.focused === input) input.select();
    },
  );
  lab.watch(() => [lab.view, lab.view?.continuation, lab.view?.steered !== undefined], showTokens);
}
