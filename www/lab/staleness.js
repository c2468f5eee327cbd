// What is on show belongs to what stands beside it: what is older than its prompt is dimmed, and says whose it is.

/** @import { Lab } from "./lab.js" */

/**
 * The page waits so long before it dims anything: a sum is traced in less, and would flicker at every key, while a sixth of
 * a second is too short to read an answer in.
 */
const DELAY_MS = 150;
/** Screen readers are told once typing rests. */
const REST_MS = 700;
const LONGEST = 60; // characters of a prompt that stand beside what is dimmed

/** @param {Lab} lab */
export function mountStaleness(lab) {
  const screen = lab.part("screen");
  const word = lab.part("stale");
  let timer = 0;
  let telling = 0;
  lab.lifetime.addEventListener("abort", () => {
    clearTimeout(timer);
    clearTimeout(telling);
  });
  let late = 0;

  function show() {
    const stale = lab.worker.isBehind && lab.view !== undefined;
    screen.classList.toggle("stale", stale);
    screen.setAttribute("aria-busy", String(stale));
    const silence = late > 0 ? `The engine has not answered for ${late} s.` : "";
    word.textContent = [silence, stale ? `What is shown belongs to ${theirs()}.` : ""].join(" ").trim();
    word.hidden = word.textContent === "";
    clearTimeout(telling);
    if (stale) telling = setTimeout(() => (lab.part("live").textContent = word.textContent), REST_MS);
  }

  /** Whose it is. */
  function theirs() {
    const { view } = lab;
    if (!view || view.prompt === lab.prompt) return "the choice before";
    return `“${view.prompt.length > LONGEST ? `${view.prompt.slice(0, LONGEST)}…` : view.prompt}”`;
  }

  lab.bus.on("asked", () => {
    clearTimeout(timer);
    timer = setTimeout(show, DELAY_MS);
  });
  for (const event of /** @type {const} */ (["graph", "answered"])) {
    lab.bus.on(event, () => {
      clearTimeout(timer);
      show();
    });
  }
  lab.bus.on("thresholds", () => lab.view?.early && show()); // no engine yet that could prune it anew
  let comparing = 0;
  const showSecond = () => screen.classList.toggle("stale-second", lab.other !== undefined && lab.other.prompt !== lab.address.compare);
  lab.bus.on("compare", () => {
    clearTimeout(comparing);
    comparing = setTimeout(showSecond, DELAY_MS);
  });
  lab.bus.on("compared", showSecond);
  lab.bus.on("late", (seconds) => {
    late = seconds;
    if (seconds > 0 || !word.hidden) show();
  });
}
