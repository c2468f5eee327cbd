// What is on show belongs to what stands beside it: what is older than its prompt is dimmed, and says whose it is.

/** @import { App } from "./app.js" */

import { byId } from "./dom.js";

/**
 * The page waits so long before it dims anything: a sum is traced in less, and would flicker at every key, while a sixth of
 * a second is too short to read an answer in.
 */
const DELAY_MS = 150;
/** Screen readers are told once typing rests. */
const REST_MS = 700;
const LONGEST = 60; // characters of a prompt that stand beside what is dimmed

/** @param {App} app */
export function mountStaleness(app) {
  const screen = byId("screen");
  const word = byId("stale");
  let timer = 0;
  let telling = 0;
  let late = 0;

  function show() {
    const stale = app.worker.isBehind && app.view !== undefined;
    screen.classList.toggle("stale", stale);
    screen.setAttribute("aria-busy", String(stale));
    const silence = late > 0 ? `The engine has not answered for ${late} s.` : "";
    word.textContent = [silence, stale ? `What is shown belongs to ${theirs()}.` : ""].join(" ").trim();
    word.hidden = word.textContent === "";
    clearTimeout(telling);
    if (stale) telling = setTimeout(() => (byId("live").textContent = word.textContent), REST_MS);
  }

  /** Whose it is. */
  function theirs() {
    const { view } = app;
    if (!view || view.prompt === app.prompt) return "the choice before";
    return `“${view.prompt.length > LONGEST ? `${view.prompt.slice(0, LONGEST)}…` : view.prompt}”`;
  }

  app.bus.on("asked", () => {
    clearTimeout(timer);
    timer = setTimeout(show, DELAY_MS);
  });
  for (const event of /** @type {const} */ (["graph", "answered"])) {
    app.bus.on(event, () => {
      clearTimeout(timer);
      show();
    });
  }
  app.bus.on("thresholds", () => app.view?.early && show()); // no engine yet that could prune it anew
  let comparing = 0;
  const showSecond = () => screen.classList.toggle("stale-second", app.other !== undefined && app.other.prompt !== app.address.compare);
  app.bus.on("compare", () => {
    clearTimeout(comparing);
    comparing = setTimeout(showSecond, DELAY_MS);
  });
  app.bus.on("compared", showSecond);
  app.bus.on("late", (seconds) => {
    late = seconds;
    if (seconds > 0 || !word.hidden) show();
  });
}
