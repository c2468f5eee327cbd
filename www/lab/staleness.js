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
  let comparing = 0;
  lab.lifetime.addEventListener("abort", () => {
    clearTimeout(timer);
    clearTimeout(telling);
    clearTimeout(comparing);
  });

  function show() {
    const { late } = lab;
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

  // What is asked of one after another begins the delay anew.
  lab.watch(
    () => [lab.view, lab.prompt, lab.worker.newest, lab.worker.isBehind],
    () => {
      clearTimeout(timer);
      if (lab.worker.isBehind) timer = setTimeout(show, DELAY_MS);
      else show();
    },
  );
  lab.watch(
    () => lab.late,
    () => (lab.late > 0 || !word.hidden) && show(),
  );
  lab.effect(() => {
    const stale = lab.other !== undefined && lab.other.prompt !== lab.address.compare;
    clearTimeout(comparing);
    const showSecond = () => screen.classList.toggle("stale-second", stale);
    if (stale) comparing = setTimeout(showSecond, DELAY_MS);
    else showSecond();
  });
}
