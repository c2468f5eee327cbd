// The example prompts by topic, and those asked last, in a menu.

/** @import { Lab } from "./lab.js" */
/** @import { Example } from "./messages.js" */

import { html } from "./dom.js";
import { recentPrompts } from "./history.js";

/** @type {Record<string, number>} */
const STEPS = { ArrowUp: -1, ArrowDown: 1 };

/** @param {Lab} lab */
export function mountExamples(lab) {
  /** @type {HTMLDetailsElement} */ const menu = lab.part("examples");
  const topics = lab.part("topics");
  const current = lab.part("example");
  const summary = /** @type {HTMLElement} */ (menu.firstElementChild);
  /** In the menu's order. @type {Map<HTMLButtonElement, Example>} */
  const examples = new Map();

  /** @param {Example} example */
  function entry(example) {
    const button = html("button", { type: "button", title: example.prompt }, example.title);
    examples.set(button, example);
    button.addEventListener("click", () => {
      menu.open = false;
      summary.focus();
      lab.goTo(example.prompt);
    });
    return html("li", {}, button);
  }

  function mark() {
    current.textContent = "";
    for (const [button, { prompt, title }] of examples) {
      const here = prompt === lab.prompt;
      button.setAttribute("aria-pressed", String(here));
      if (here) current.textContent = `: ${title}`;
    }
  }

  function fill() {
    examples.clear();
    const groups = Map.groupBy(lab.manifest?.examples ?? [], ({ topic }) => topic);
    const sections = Array.from(groups, ([topic, each]) => html("section", {}, html("h2", {}, topic), html("ul", {}, ...each.map(entry))));
    const recent = recentPrompts(lab).map((prompt) => entry({ topic: "", title: prompt, prompt, ids: [] }));
    const last = recent.length > 0 ? [html("section", { class: "recent" }, html("h2", {}, "Asked last"), html("ul", {}, ...recent))] : [];
    topics.replaceChildren(...sections, ...last);
    menu.hidden = examples.size === 0;
    mark();
  }
  lab.watch(() => lab.manifest, fill);
  lab.watch(() => lab.prompt, mark);

  menu.addEventListener("toggle", () => {
    if (!menu.open) return;
    fill();
    const buttons = [...examples.keys()];
    (buttons.find((button) => button.ariaPressed === "true") ?? buttons[0])?.focus();
  });
  topics.addEventListener("keydown", (event) => {
    const buttons = [...examples.keys()];
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (lab.focused));
    const step = STEPS[event.key];
    if (!step || at < 0) return;
    buttons[(at + step + buttons.length) % buttons.length].focus();
    event.preventDefault();
  });
}
