// How long the page's main thread is held up by one task, in its own processor time: what waits for a core does not count. What shares a
// core's caches makes a task slower all the same, so that each measurement has a task of known work in it, timed as the page's are.

/** @import { Page } from "playwright-core" */

/** Milliseconds that `reference` takes on an idle core of the machine on which the limits were set. */
const REFERENCE_MS = 13;
/** What tells its tasks from the page's. */
const MARK = "attograph-reference";
/** How often it runs before and after what is measured. */
const REFERENCES = 4;
/** A machine on which it is slower than this tells nothing of the page. */
const SLOWEST = 4;

/** @typedef {{ name: string, ph: string, pid: number, tid: number, ts: number, dur?: number, tdur?: number, args: any }} Event */

/**
 * Runs something, and tells the longest of the page's tasks meanwhile.
 * @param {Page} page
 * @param {() => Promise<void>} work
 * @returns {Promise<{ longest: number, slowness: number, what: string }>} milliseconds of processor time; how many times as long tasks took
 *   just then as where the limits were set, at least 1; and what of the longest took most
 */
export async function longestTask(page, work) {
  const browser = /** @type {import("playwright-core").Browser} */ (page.context().browser());
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline", "blink.user_timing"] });
  let text;
  try {
    await reference(page);
    await work();
    await reference(page);
  } finally {
    text = String(await browser.stopTracing());
  }
  /** @type {Event[]} */ const events = JSON.parse(text).traceEvents;
  const main = new Set(
    events.filter((event) => event.name === "thread_name" && event.args.name === "CrRendererMain").map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const here = events.filter(({ ph, pid, tid }) => ph === "X" && main.has(`${pid} ${tid}`));
  const marks = events.filter(({ name }) => name === MARK);
  const all = here.filter(({ name }) => name === "ThreadControllerImpl::RunTask");
  const isReference = (/** @type {Event} */ { pid, tid, ts, dur = 0 }) =>
    marks.some((mark) => mark.pid === pid && mark.tid === tid && mark.ts >= ts && mark.ts <= ts + dur);
  const references = all.filter(isReference);
  // At either end a trace may lack a task.
  if (references.length < REFERENCES) throw new Error(`the trace holds only ${references.length} reference tasks`);
  const tasks = all.filter((task) => !references.includes(task));
  const longest = tasks.reduce((most, task) => ((task.tdur ?? 0) > (most.tdur ?? 0) ? task : most));
  const inside = here.filter(
    (event) =>
      event !== longest &&
      event.tid === longest.tid &&
      event.ts >= longest.ts &&
      event.ts + (event.dur ?? 0) <= longest.ts + (longest.dur ?? 0),
  );
  const parts = inside.toSorted((a, b) => (b.tdur ?? 0) - (a.tdur ?? 0)).slice(0, 4);
  return {
    longest: (longest.tdur ?? 0) / 1000,
    slowness: slownessOf(references.map(({ tdur = 0 }) => tdur / 1000)),
    what: parts.map(({ name, tdur }) => `${name} ${Math.round((tdur ?? 0) / 1000)}`).join(", "),
  };
}

/** The middle of what the reference took, as a share of what it is to take. @param {number[]} took milliseconds */
function slownessOf(took) {
  const middle = took.toSorted((a, b) => a - b)[took.length >> 1];
  return Math.min(SLOWEST, Math.max(1, middle / REFERENCE_MS));
}

/**
 * Has the page do the same as ever, a few times, each in a task of its own: sums by pairs, lists of small objects, an order, texts, as its
 * drawing does.
 * @param {Page} page
 */
async function reference(page) {
  for (let run = 0; run < REFERENCES; run++) {
    await page.evaluate((mark) => {
      performance.mark(mark);
      /** @type {Map<number, { key: number, weight: number, points: number[] }>} */ const sums = new Map();
      for (let i = 0; i < 120_000; i++) {
        const key = (i * 7919) % 60_013;
        const sum = sums.get(key);
        if (sum) sum.weight += i;
        else sums.set(key, { key, weight: i, points: [i, i + 1, i + 2, i + 3] });
      }
      const sorted = [...sums.values()].sort((a, b) => b.weight - a.weight);
      return sorted.slice(0, 15_000).map(({ key, points }) => `${key} ${points.join()}`).length;
    }, MARK);
  }
}
