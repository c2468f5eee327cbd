// The guide: 36+59 in a few short steps, which one can leave at any time. It points at things; it never stands before them.

/** @import { Lab } from "./lab.js" */

import { html } from "./dom.js";
import { isForGuide, GUIDE_KEY as KEY, GUIDE_PROMPT as PROMPT } from "./guide-key.js";
import { STEPS } from "./guide-steps.js";
import { store } from "./storage.js";

/** @param {Lab} lab */
export function mountGuide(lab) {
  const box = lab.part("guide");
  const begin = lab.part("guide-begin");
  let step = -1;
  /** The reader’s own prompt, to come back to. @type {string | undefined} */ let own;
  /** Id of the node that the guide selected last. @type {string | undefined} */ let pointed;

  // These stay from step to step, and with them the keyboard's place.
  const title = html("h2");
  const count = html("span", { class: "count" });
  const text = html("p");
  const next = html("button", { type: "button", class: "main" });
  const back = html("button", { type: "button", class: "quiet" }, "Back");
  const close = html("button", { type: "button", class: "quiet", "aria-label": "Leave the guide" }, "Leave");
  box.append(html("header", {}, title, count), text, html("div", { class: "ways" }, back, next, close));

  const isOn = () => step >= 0;

  /** Keys of the features that the step on show set. @type {string[]} */ let set = [];

  /** Lets go of what a step set. */
  function release() {
    const kept = set.filter((key) => key in lab.address.steering.set);
    set = [];
    if (kept.length > 0) lab.steerTo(kept, undefined);
  }

  /** Sets what the step sets, once it is known what that is. */
  function setFeatures() {
    const wanted = set.length === 0 ? STEPS[step].set?.(lab) : undefined;
    if (!wanted) return;
    set = Object.keys(wanted);
    for (const [key, value] of Object.entries(wanted)) lab.steerTo([key], value);
  }

  const promptOf = (/** @type {number} */ at) => STEPS[at].prompt ?? PROMPT;

  function start() {
    if (!isOn()) own = lab.prompt;
    go(0);
    next.focus({ preventScroll: true });
  }

  function leave() {
    const hadFocus = box.contains(lab.focused);
    const home = lab.prompt === promptOf(step) ? own : undefined;
    step = -1;
    own = undefined;
    release();
    store(KEY, true);
    box.hidden = true;
    lab.select(undefined);
    if (home !== undefined && home !== lab.prompt) lab.goTo(home);
    if (hadFocus) begin.focus();
  }

  /** Whether what the step points at is still to be brought into sight. */ let sought = false;
  /** @param {boolean} [asked] whether the reader asked for this step */
  function show(asked = false) {
    sought ||= asked;
    box.hidden = !isOn();
    if (!isOn()) return;
    const last = step === STEPS.length - 1;
    const { text: says, node } = STEPS[step].say(lab);
    title.textContent = STEPS[step].title;
    count.textContent = `${step + 1} of ${STEPS.length}`;
    if (text.textContent !== says) text.textContent = says;
    next.textContent = last ? "Done" : "Next";
    // Not disabled: that would take the keyboard away.
    back.setAttribute("aria-disabled", String(step === 0));
    setFeatures();
    // Who looks at something else meanwhile goes on looking at it.
    const free = asked || lab.selected === undefined || lab.address.selected === pointed;
    if (!free) return;
    if (node !== lab.selected) lab.select(node);
    pointed = lab.address.selected;
    if (!sought || node === undefined || lab.view?.prompt !== promptOf(step)) return;
    sought = false;
    const story = lab.part("story");
    const here = story.hidden
      ? lab.part("stage").querySelector(`.node[data-id="${CSS.escape(pointed ?? "")}"]`)
      : story.querySelector(".story-card.selected");
    here?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** @param {number} to */
  function go(to) {
    if (to >= STEPS.length) return leave();
    step = Math.max(0, to);
    release();
    if (lab.prompt !== promptOf(step)) lab.goTo(promptOf(step));
    show(true);
  }

  next.addEventListener("click", () => go(step + 1));
  back.addEventListener("click", () => step > 0 && go(step - 1));
  close.addEventListener("click", leave);
  begin.addEventListener("click", start);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    leave();
  });
  // Whoever types a prompt of their own is past the guide.
  lab.watch(
    () => lab.prompt,
    () => isOn() && lab.prompt !== promptOf(step) && leave(),
  );
  lab.watch(
    () => lab.manifest,
    () => void (!isOn() && isForGuide(lab) && (step = 0)),
  );
  lab.watch(
    () => [lab.view, lab.view?.pruned, lab.view?.steered, lab.view?.continuation, lab.plots.arrivals, lab.arrangement],
    () => isOn() && show(),
  );
}
