// The speaker window: notes, what comes next, and how long it has been; in step with the stage by a channel of its own.

import { html } from "../lab/dom.js";

export const CHANNEL = "attograph-talk";

/**
 * @typedef {object} Told what the stage tells of a step
 * @property {string} title
 * @property {number} at
 * @property {number} count
 * @property {string} caption
 * @property {string} notes
 * @property {string} next the next step's caption; empty: it is the last
 * @property {number} begun when the talk began, in milliseconds since 1970
 * @property {boolean} blank
 * @property {boolean} strayed whether the page shows something else than the step
 */

/** @type {Record<string, string>} */
const KEYS = {
  ArrowRight: "next",
  ArrowDown: "next",
  PageDown: "next",
  " ": "next",
  ArrowLeft: "back",
  ArrowUp: "back",
  PageUp: "back",
  Home: "first",
  End: "last",
  b: "blank",
  ".": "blank",
  Escape: "return",
};

/** @param {Document} page to be filled @param {BroadcastChannel} channel */
export function mountSpeaker(page, channel) {
  const caption = html("h1");
  const notes = html("p", { class: "notes" });
  const next = html("p", { class: "next" });
  const count = html("span", { class: "count" });
  const timer = html("button", { type: "button", class: "timer", title: "Begin to count again" });
  const clock = html("span", { class: "clock" });
  const state = html("span", { class: "state", role: "status" });
  const ways = [
    ["back", "Back"],
    ["next", "Next"],
    ["blank", "Blank screen"],
  ].map(([command, text]) => {
    const button = html("button", { type: "button" }, text);
    button.addEventListener("click", () => send(command));
    return button;
  });
  page.title = "Attograph: speaker";
  page.body.className = "speaker";
  const foot = html("footer", {}, ...ways);
  page.body.replaceChildren(html("header", {}, count, timer, clock, state), caption, notes, next, foot);

  let begun = Date.now();
  const send = (/** @type {string} */ command) => channel.postMessage({ type: "command", command });
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const tick = () => {
    const seconds = Math.max(0, Math.floor((Date.now() - begun) / 1000));
    timer.textContent = `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
    clock.textContent = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  };
  let first = true;
  /** @param {Told} told */
  const show = (told) => {
    if (first) begun = told.begun;
    first = foot.hidden = timer.hidden = false;
    caption.textContent = told.caption;
    notes.textContent = told.notes || "No notes for this step.";
    next.textContent = told.next ? `Next: ${told.next}` : "This is the last step.";
    count.textContent = `${told.at + 1} / ${told.count}`;
    state.textContent = told.blank
      ? "The screen is blank."
      : told.strayed
        ? "The page shows something else: Esc goes back to the step."
        : "";
    tick();
  };
  const waiting = () => {
    caption.textContent = "No talk is on";
    notes.textContent = "Begin one in Attograph, in another window of this browser.";
    next.textContent = count.textContent = state.textContent = "";
    first = foot.hidden = timer.hidden = true;
  };
  channel.addEventListener("message", ({ data }) => {
    if (data?.type === "told") show(data.told);
    else if (data?.type === "ended") waiting();
  });
  timer.addEventListener("click", () => {
    begun = Date.now();
    tick();
  });
  page.addEventListener("keydown", (event) => {
    const command = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!command || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && event.target instanceof HTMLButtonElement) return; // it presses the button
    event.preventDefault();
    send(command);
  });
  waiting();
  tick();
  setInterval(tick, 500);
  channel.postMessage({ type: "hello" });
}
