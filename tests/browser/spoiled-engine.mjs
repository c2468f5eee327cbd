// Engines that fail in the tests as they may on a visitor's machine.

/** @import { Page } from "playwright-core" */

/**
 * Runs more JavaScript in the worker together with the engine's own, where `Engine`, `Trace` and the others are at hand.
 * @param {Page} page
 * @param {string} script
 */
export async function withEngine(page, script) {
  await page.route(/wasm\/engine\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${await response.text()}\n${script}` });
  });
}

/**
 * A script for `withEngine`: one trace of a worker, the second unless told otherwise, does this.
 * @param {string} what
 * @param {number} [which]
 */
export function atTrace(what, which = 2) {
  return `
    const trace = Engine.prototype.trace;
    let calls = 0;
    Engine.prototype.trace = function (ids, options) {
      if (++calls === ${which}) { ${what} }
      return trace.call(this, ids, options);
    };`;
}
