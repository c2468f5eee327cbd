// The guide: 36+59 in a few short steps, which one can leave at any time. It points at things; it never stands before them.

/** @import { App } from "./app.js" */

import { byId, html } from "./dom.js";
import { GUIDE_KEY as KEY, GUIDE_PROMPT as PROMPT } from "./guide-key.js";
import { sizeFeature, STEPS } from "./guide-steps.js";
import { keyOfNode } from "./steer/steering.js";
import { stored, store } from "./storage.js";

const OPPOSITE = "x-1";

/** @param {App} app */
export function mountGuide(app) {
  const box = byId("guide");
  const begin = byId("guide-begin");
  let step = -1;
  /** Id of the node that the guide selected last. @type {string | undefined} */ let pointed;

  // These stay from step to step, and with them the keyboard's place.
  const title = html("h2");
  const count = html("span", { class: "count" });
  const text = html("p");
  const next = html("button", { type: "button", class: "main" });
  const back = html("button", { type: "button", class: "quiet" }, "Back");
  const turn = html("button", { type: "button", class: "quiet" });
  const close = html("button", { type: "button", class: "quiet", "aria-label": "Leave the guide" }, "Leave");
  box.append(html("header", {}, title, count), text, html("div", { class: "ways" }, back, next, turn, close));

  const isOn = () => step >= 0;

  /** What the last step sets: the feature that knows the rough size. */
  function turned() {
    const { operands, graph } = app.view ?? {};
    const feature = operands && sizeFeature(app, operands.a + operands.b);
    const key = feature && graph && keyOfNode(graph, feature.node);
    return key === undefined ? undefined : { key, set: app.address.steering.set[key] === OPPOSITE };
  }

  function start() {
    step = 0;
    if (app.prompt !== PROMPT) app.goTo(PROMPT);
    show(true);
    next.focus({ preventScroll: true });
  }

  function leave() {
    const hadFocus = box.contains(document.activeElement);
    const opposite = turned();
    if (step === STEPS.length - 1 && opposite?.set) app.steerTo([opposite.key], undefined);
    step = -1;
    store(KEY, true);
    box.hidden = true;
    app.select(undefined);
    if (hadFocus) begin.focus();
  }

  /** @param {boolean} [asked] whether the reader asked for this step */
  function show(asked = false) {
    box.hidden = !isOn();
    if (!isOn()) return;
    const last = step === STEPS.length - 1;
    const { text: says, node } = STEPS[step].say(app);
    title.textContent = STEPS[step].title;
    count.textContent = `${step + 1} of ${STEPS.length}`;
    if (text.textContent !== says) text.textContent = says;
    next.textContent = last ? "Done" : "Next";
    // Not disabled: that would take the keyboard away.
    back.setAttribute("aria-disabled", String(step === 0));
    const opposite = last ? turned() : undefined;
    turn.hidden = opposite === undefined;
    turn.textContent = opposite?.set ? "Let it go" : "Write its opposite";
    // Who looks at something else meanwhile goes on looking at it.
    const free = asked || app.selected === undefined || app.address.selected === pointed;
    if (!free) return;
    if (node !== app.selected) app.select(node);
    pointed = app.address.selected;
    if (asked && node !== undefined)
      byId("stage")
        .querySelector(`.node[data-id="${CSS.escape(pointed ?? "")}"]`)
        ?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** @param {number} to */
  function go(to) {
    if (to >= STEPS.length) return leave();
    step = Math.max(0, to);
    show(true);
  }

  next.addEventListener("click", () => go(step + 1));
  back.addEventListener("click", () => step > 0 && go(step - 1));
  close.addEventListener("click", leave);
  turn.addEventListener("click", () => {
    const opposite = turned();
    if (opposite) app.steerTo([opposite.key], opposite.set ? undefined : OPPOSITE);
  });
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
    const first = here && app.address.prompt === undefined && app.address.selected === undefined && stored(KEY) !== true;
    if (first && !isOn()) step = 0;
  });
  for (const name of /** @type {const} */ (["graph", "pruned", "plots", "arrangement", "steered"]))
    app.bus.on(name, () => isOn() && show());
}
