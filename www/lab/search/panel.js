// Search: one box for nodes, tokens, heads, answers, and features that are not in the graph; by the pattern of a combobox with a list.

/** @import { Lab } from "../lab.js" */
/** @import { Entry } from "./entries.js" */
/** @import { Sought } from "./matching.js" */
/** @import { Means } from "./silent.js" */

import { html } from "../dom.js";
import { counted } from "../format.js";
import { keyed } from "../keyed.js";
import { mountChoosing } from "./choosing.js";
import { absentFeatures, entriesOf, GROUPS } from "./entries.js";
import { grouped, soughtIn } from "./matching.js";
import { NameReader } from "./names.js";
import { optionOf } from "./row.js";

const HINT = "A name, a token, an answer, a feature as 147 or 2/147, a head as 1.0, error nodes by their layer.";

const SOON_MS = 150;
const UNANSWERED_MS = 600;

/** @param {Lab} lab @param {Means} means */
export function mountSearch(lab, means) {
  const choose = mountChoosing(lab, means);
  const names = new NameReader(lab);
  const list = html("div", { role: "listbox", class: "found", "data-part": "search-list", "aria-label": "Found" });
  const input = html("input", {
    type: "text",
    role: "combobox",
    "data-part": "search-input",
    "aria-label": "Search this graph and its model",
    "aria-autocomplete": "list",
    "aria-controls": lab.idOf(list),
    placeholder: "Search",
    maxlength: 200,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    enterkeyhint: "go",
  });
  const close = html("button", { type: "button", class: "quiet", title: "Esc does the same" }, "Close");
  const said = html("p", { class: "note", role: "status" });
  const reading = html("p", { class: "note" });
  const dialog = html(
    "dialog",
    { class: "search", "data-part": "search", "aria-label": "Search" },
    html("div", { class: "search-box" }, html("header", {}, input, close), list, html("footer", {}, said, reading)),
  );
  lab.part("screen").append(dialog);

  /** Of the graph on show. @type {Entry[]} */ let entries = [];
  /** What is in the list, in its order. @type {Map<string, { entry: Entry, option: HTMLElement }>} */ let found = new Map();
  /** The key of the one that Enter chooses. @type {string | undefined} */ let active;
  let options = 0;

  function open() {
    if (dialog.open) return;
    dialog.showModal();
    input.select();
    index();
  }

  /** Something of the graph is another. */
  function index() {
    if (!dialog.open) return;
    entries = entriesOf(lab);
    show();
  }

  /** @param {boolean} [anew] whether something else is typed, so that the best is chosen again */
  function show(anew = false) {
    const sought = soughtIn(input.value);
    const groups = sought ? grouped([...entries, ...absentFeatures(lab, sought)], sought, GROUPS) : [];
    found = new Map();
    const elements = keyed(list, groups, { key: ({ group }) => group, look: ({ group }) => group, make: ({ group }) => groupOf(group) });
    for (const { group, shown, count } of groups) {
      const element = /** @type {HTMLElement} */ (elements.get(group));
      const [heading, rows] = element.children;
      heading.children[1].textContent = count > shown.length ? `${shown.length} of ${count.toLocaleString("en")}` : "";
      const made = keyed(rows, shown, {
        key: ({ key }) => key,
        look: (entry) => lookOf(entry, /** @type {Sought} */ (sought)),
        make: (entry) => optionOf(lab, entry, /** @type {Sought} */ (sought), (options += 1)),
      });
      for (const entry of shown) found.set(entry.key, { entry, option: /** @type {HTMLElement} */ (made.get(entry.key)) });
    }
    list.hidden = found.size === 0;
    input.setAttribute("aria-expanded", String(found.size > 0));
    if (anew || active === undefined || !found.has(active)) [active] = found.keys();
    if (anew) list.scrollTop = 0;
    light();
    const count = groups.reduce((sum, each) => sum + each.count, 0);
    said.textContent = lab.view ? (sought ? sentence(count) : HINT) : "The graph is on its way; what is in it can be found then.";
    tellReading(sought);
  }

  /** @param {number} count */
  function sentence(count) {
    if (count > found.size) return `${counted(count, "match").replace("matchs", "matches")}; type more to have fewer.`;
    if (count > 0) return count === 1 ? "1 match." : `${count} matches.`;
    const more = lab.isLive ? "this graph, its prompt and its model’s features" : "this graph and its prompt";
    return `Nothing in ${more} is called “${input.value.trim()}”.`;
  }

  /** @param {Sought | undefined} sought */
  function tellReading(sought) {
    const { read, total } = names.progress ?? { read: 0, total: 0 };
    reading.textContent =
      sought && read < total
        ? lab.features.ready
          ? `Names of features not in this graph are being read: ${read.toLocaleString("en")} of ${total.toLocaleString("en")}.`
          : "Features not in this graph go by their numbers until the sample texts are read."
        : "";
  }

  /** @param {Entry} entry @param {Sought} sought */
  function lookOf({ texts, node }, { words }) {
    return [...texts, ...words, node, lab.colours, node !== undefined && lab.plot(node) !== undefined].join("|");
  }

  /** @param {string} group */
  function groupOf(group) {
    const name = html("span", {}, GROUPS[/** @type {keyof typeof GROUPS} */ (group)].name);
    const heading = html("div", { role: "presentation", class: "caption", "data-part": `search-${group}` }, name, html("span", {}));
    return html("div", { role: "group", "aria-labelledby": lab.idOf(heading) }, heading, html("div", { role: "presentation" }));
  }

  /** Shows which one Enter chooses. */
  function light() {
    for (const [key, { option }] of found) option.setAttribute("aria-selected", String(key === active));
    const option = active === undefined ? undefined : found.get(active)?.option;
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView?.({ block: "nearest" });
  }

  /** @param {number} by */
  function step(by) {
    const keys = [...found.keys()];
    if (keys.length === 0) return;
    active = keys[(keys.indexOf(active ?? "") + by + keys.length) % keys.length];
    light();
  }

  /** @param {string | undefined} key */
  function take(key) {
    const entry = key === undefined ? undefined : found.get(key)?.entry;
    if (!entry) return;
    dialog.close(); // the keyboard goes back to where it was, unless what is chosen takes it
    choose(entry);
  }

  input.addEventListener("input", () => {
    show(true);
    read();
  });
  dialog.addEventListener("keydown", (event) => {
    event.stopPropagation(); // of what lies beneath nothing is meant
    if (event.key === "Escape") {
      event.preventDefault();
      dialog.close();
    }
    if (event.target !== input || event.isComposing) return;
    if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(-1);
    else if (event.key === "Enter") take(active);
    else return;
    event.preventDefault();
  });
  const keyAt = (/** @type {Event} */ { target }) =>
    target instanceof Element ? /** @type {HTMLElement | null} */ (target.closest("[role=option]"))?.dataset.key : undefined;
  list.addEventListener("pointerdown", (event) => event.pointerType === "mouse" && event.preventDefault()); // one goes on typing
  list.addEventListener("click", (event) => take(keyAt(event)));
  list.addEventListener("pointermove", (event) => {
    const key = keyAt(event);
    if (key === undefined || key === active || event.pointerType === "touch") return;
    active = key;
    light();
  });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("pointerdown", (event) => event.target === dialog && dialog.close());
  lab.part("search-begin").addEventListener("click", open);

  let next = 0;
  /** Goes on reading names while somebody looks for one; where all of some were known already, nobody answers. */
  function read() {
    clearTimeout(next);
    const { progress } = names;
    if (!dialog.open || !soughtIn(input.value) || !progress || progress.read >= progress.total) return;
    names.next();
    next = window.setTimeout(read, UNANSWERED_MS);
  }

  const { features, plots } = lab;
  lab.watch(() => [lab.view, lab.view?.pruned, lab.view?.graph.whole, lab.view?.story, lab.engine], index);
  // Names and plots come many times a second.
  let waiting = 0;
  lab.watch(
    () => [lab.arrangement, lab.colours, features.names, features.ready, plots.arrivals],
    () => {
      if (dialog.open) waiting ||= window.setTimeout(() => void (index(), (waiting = 0)), SOON_MS);
    },
  );
  lab.watch(() => [features.names, features.ready], read);
}
