// Pages that use the engine without a lab, through the module that the site offers to other pages.

/** @import { Page } from "playwright-core" */
/** @import { FromWorker, ToWorker } from "../../www/lab/messages.js" */

/** What the tests say of one session. @typedef {{ model?: string, transcoder?: string, prompt: string, engine?: "cpu" | "gpu" | "auto" }} Asked */

/** A page with nothing on it. */
export const EMPTY = '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>A page</title>';

/** Counts the workers that a page makes. @param {Page} page */
export async function countWorkers(page) {
  await page.addInitScript(() => {
    const { Worker } = window;
    const counted = /** @type {any} */ (window);
    counted.made = 0;
    counted.Worker = class extends Worker {
      /** @param {[URL | string, WorkerOptions?]} all */
      constructor(...all) {
        super(...all);
        counted.made += 1;
      }
    };
  });
}

/** @param {Page} page @returns {Promise<number>} */
export function workersMade(page) {
  return page.evaluate(() => /** @type {any} */ (window).made);
}

/**
 * Opens sessions, all at once, and asks each for a graph. They are kept in the page under their places.
 * @param {Page} page @param {string} site whose module it is @param {Asked[]} asked @param {boolean} [suspended]
 */
export async function openSessions(page, site, asked, suspended = false) {
  await page.evaluate(
    async ({ module, asked, suspended }) => {
      const { host } = await import(module);
      const kept = /** @type {any} */ (window);
      kept.sessions ??= [];
      for (const { model = "addition", transcoder = "cross-layer", engine = "cpu", prompt } of asked) {
        const own = { heard: /** @type {any[]} */ ([]), ended: "", refused: "", session: /** @type {any} */ (undefined) };
        kept.sessions.push(own);
        own.session = host.session({
          hear: (/** @type {any} */ message) => own.heard.push(message),
          late: () => {},
          ended: (/** @type {string} */ why) => (own.ended = why),
          refused: (/** @type {string} */ why) => (own.refused = why),
        });
        if (suspended) own.session.suspend();
        const thresholds = { node: 0.8, edge: 0.98, density: 1 };
        own.session.say({
          type: "start",
          request: 1,
          model,
          transcoder,
          engine,
          prompt,
          target: { kind: "answers" },
          hold: "patterns,norms",
          thresholds,
        });
      }
    },
    { module: `${site}lab/engine-host.js`, asked, suspended },
  );
}

/** Says something in a session. @param {Page} page @param {number} at its place @param {Partial<ToWorker>} message */
export async function say(page, at, message) {
  await page.evaluate(({ at, message }) => /** @type {any} */ (window).sessions[at].session.say(message), { at, message });
}

/**
 * Waits for the first message of a kind in a session, and reads some of its properties, by their paths.
 * @param {Page} page @param {number} at @param {FromWorker["type"]} type @param {string[]} [paths]
 * @returns {Promise<any[]>}
 */
export async function told(page, at, type, paths = []) {
  await page.waitForFunction(
    ({ at, type }) => {
      const { heard, refused, ended } = /** @type {any} */ (window).sessions[at];
      if (refused || ended) throw new Error(`session ${at}: ${refused}${ended}`);
      return heard.some((/** @type {any} */ each) => each.type === type);
    },
    { at, type },
    { timeout: 120_000 },
  );
  return page.evaluate(
    ({ at, type, paths }) => {
      const message = /** @type {any} */ (window).sessions[at].heard.find((/** @type {any} */ each) => each.type === type);
      return paths.map((path) => path.split(".").reduce((value, key) => value[key], message));
    },
    { at, type, paths },
  );
}

/** Types of all that a session has heard. @param {Page} page @param {number} at @returns {Promise<string[]>} */
export function allTold(page, at) {
  return page.evaluate((at) => /** @type {any} */ (window).sessions[at].heard.map((/** @type {any} */ each) => each.type), at);
}

/** Closes all sessions that were opened. @param {Page} page */
export async function closeSessions(page) {
  await page.evaluate(() => {
    for (const { session } of /** @type {any} */ (window).sessions.splice(0)) session.close();
  });
}

/** Waits until the page has no worker any more. @param {Page} page */
export async function workersEnded(page) {
  const until = Date.now() + 15_000;
  while (page.workers().length > 0) {
    if (Date.now() > until) throw new Error(`${page.workers().length} workers still run`);
    await page.waitForTimeout(100);
  }
}
