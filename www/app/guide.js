// The guide: 36+59 in five short steps, which one can leave at any time. It points at things; it never stands before them.

/** @import { App } from "./app.js" */

import { byId, html } from "./dom.js";
import { FEATURE } from "./kinds.js";
import { stored, store } from "./storage.js";

const KEY = "attograph-guide-seen";
const PROMPT = "calc: 36+59=";

/**
 * @typedef {object} Step
 * @property {string} title
 * @property {string} text
 * @property {(app: App) => number | undefined} at the node to look at, if it is there
 */

/** @type {Step[]} */
const STEPS = [
  {
    title: "A model adds",
    text: "At the bottom stand the tokens of the prompt, at the top what the model says next: 95. In between are the features that fired. Nobody wrote down how to add; the graph shows how this model came to do it.",
    at: (app) => app.answerNode,
  },
  {
    title: "It reads the numbers",
    text: "Over 59 the first features read the second number. Each picture shows for which pairs of numbers a feature fires: columns mean that only the second number counts. Some read its last digit, some its rough size.",
    at: (app) => mostInfluential(app, (label, position) => position === app.view?.operands?.bPosition && /^b/.test(label), (position) => position === app.view?.operands?.bPosition),
  },
  {
    title: "One path knows the last digit",
    text: "This feature fires where the sum ends in 5: stripes along the diagonals. It pushes up every answer that ends in 5, and cannot tell 95 from 85.",
    at: (app) => mostInfluential(app, (label) => /sum = _/.test(label), (position) => position === lastOf(app)),
  },
  {
    title: "One path knows the rough size",
    text: "This one fires where the sum is near 95: a broad band. It pushes up 93 and 97 as well, and cannot tell them apart.",
    at: (app) => mostInfluential(app, (label) => /sum ~/.test(label), (position) => position === lastOf(app)),
  },
  {
    title: "Both meet in the answer",
    text: "A number near 95 that ends in 5 can only be 95. No step of this carries a one, though the model tells just that when asked. Now change the prompt, click on a feature and switch it off, and press Grade to see how far this graph can be trusted.",
    at: (app) => app.answerNode,
  },
];

/** @param {App} app */
function lastOf(app) {
  return (app.view?.graph.tokens.length ?? 1) - 1;
}

/**
 * The most influential feature on show with such a label; while labels are not known, or none fits, the most influential at such a place.
 * @param {App} app @param {(label: string, position: number) => boolean} fits @param {(position: number) => boolean} stands
 */
function mostInfluential(app, fits, stands) {
  const { view } = app;
  if (!view) return undefined;
  const { graph, pruned } = view;
  const features = Array.from(pruned.nodes).filter((node) => graph.kind[node] === FEATURE).sort((a, b) => graph.influence[a] - graph.influence[b]);
  return features.find((node) => fits(app.labelOf(node) ?? "", graph.position[node])) ?? features.find((node) => stands(graph.position[node]));
}

/** @param {App} app */
export function mountGuide(app) {
  const box = byId("guide");
  const begin = byId("guide-begin");
  let step = -1;
  /** Id of the node that the guide selected last. @type {string | undefined} */ let pointed;

  const isOn = () => step >= 0;

  function start() {
    step = 0;
    if (app.prompt !== PROMPT) app.goTo(PROMPT);
    show(true);
  }

  function leave() {
    const hadFocus = box.contains(document.activeElement);
    step = -1;
    store(KEY, true);
    box.hidden = true;
    app.select(undefined);
    if (hadFocus) begin.focus();
  }

  /** @param {boolean} [focus] whether the reader asked for this step */
  function show(focus = false) {
    box.hidden = !isOn();
    if (!isOn()) return;
    const { title, text, at } = STEPS[step];
    const last = step === STEPS.length - 1;
    const next = html("button", { type: "button", class: "main" }, last ? "Done" : "Next");
    const back = html("button", { type: "button", class: "quiet" }, "Back");
    const close = html("button", { type: "button", class: "quiet", "aria-label": "Leave the guide" }, "Leave");
    next.addEventListener("click", () => go(step + 1));
    back.addEventListener("click", () => go(step - 1));
    close.addEventListener("click", leave);
    back.disabled = step === 0;
    box.replaceChildren(
      html("header", {}, html("h2", { tabindex: -1 }, title), html("span", { class: "count" }, `${step + 1} of ${STEPS.length}`)),
      html("p", {}, text),
      html("div", { class: "ways" }, back, next, close),
    );
    if (focus) next.focus({ preventScroll: true });
    const node = at(app);
    // Who looks at something else meanwhile goes on looking at it.
    const free = focus || app.selected === undefined || app.address.selected === pointed;
    if (node === undefined || !free) return;
    if (node !== app.selected) app.select(node);
    pointed = app.address.selected;
  }

  /** @param {number} to */
  function go(to) {
    if (to >= STEPS.length) return leave();
    step = Math.max(0, to);
    show(true);
  }

  begin.addEventListener("click", start);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    leave();
  });
  // Whoever types a prompt of their own is past the guide.
  app.bus.on("prompt", () => isOn() && app.prompt !== PROMPT && leave());
  app.bus.on("manifest", () => {
    const here = app.manifest?.examples.some(({ prompt }) => prompt === PROMPT) ?? false;
    begin.hidden = !here;
    const first = here && app.address.prompt === undefined && app.address.selected === undefined && stored(KEY) !== true;
    if (first) step = 0;
  });
  app.bus.on("graph", () => isOn() && show());
  app.bus.on("plots", () => isOn() && show());
}
