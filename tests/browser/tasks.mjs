// How long the page's main thread is held up by one task, in its own processor time: what else runs on the machine does not count.

/** @import { Page } from "playwright-core" */

/** Milliseconds that `reference` takes on an idle core of the machine on which the limits were set. */
const REFERENCE_MS = 13;

/**
 * Runs something, and tells the longest of the page's tasks meanwhile.
 * @param {Page} page
 * @param {() => Promise<void>} work
 * @returns {Promise<{ longest: number, what: string }>} milliseconds of processor time, and what of it took most
 */
export async function longestTask(page, work) {
  const browser = /** @type {import("playwright-core").Browser} */ (page.context().browser());
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline"] });
  let text;
  try {
    await work();
  } finally {
    text = String(await browser.stopTracing());
  }
  /** @type {{ name: string, ph: string, pid: number, tid: number, ts: number, dur?: number, tdur?: number, args: any }[]} */
  const events = JSON.parse(text).traceEvents;
  const main = new Set(
    events.filter((event) => event.name === "thread_name" && event.args.name === "CrRendererMain").map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const here = events.filter(({ ph, pid, tid }) => ph === "X" && main.has(`${pid} ${tid}`));
  const tasks = here.filter(({ name }) => name === "ThreadControllerImpl::RunTask");
  if (tasks.length === 0) throw new Error("the trace holds no task of the main thread");
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
    what: parts.map(({ name, tdur }) => `${name} ${Math.round((tdur ?? 0) / 1000)}`).join(", "),
  };
}

/** How much slower than where the limits were set this machine is, at least 1. @param {Page} page */
export async function slowness(page) {
  const best = await page.evaluate(() => {
    let least = Infinity;
    let sum = 0;
    for (let run = 0; run < 12; run++) {
      const start = performance.now();
      for (let i = 0; i < 1.5e6; i++) sum = (sum * 31 + (i ^ (i >> 3))) % 1000003;
      least = Math.min(least, performance.now() - start);
    }
    return sum < 0 ? 0 : least;
  });
  return Math.max(1, best / REFERENCE_MS);
}
