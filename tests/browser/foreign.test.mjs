// A page that imports the engine from another origin: it works, or says which header is missing and where.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { OwnSite } from "./own-site.mjs";
import { countWorkers, EMPTY, openSessions, told, workersMade } from "./session-pages.mjs";

/** @import { Page } from "playwright-core" */

const CORS = { "Access-Control-Allow-Origin": "*" };
const ELSEWHERE = /request leaves the site/;

/**
 * A page of one site, with the engine of another.
 * @param {{ after: (fn: () => Promise<void>) => void }} t
 * @param {(engine: string) => string} policy
 * @param {RegExp[]} [allow]
 */
async function openForeign(t, policy, allow = []) {
  const engine = await OwnSite.start(t);
  engine.headers = CORS;
  const blog = await OwnSite.start(t);
  blog.changed.set("post.html", EMPTY);
  blog.headers = { "Content-Security-Policy": policy(`http://127.0.0.1:${engine.port}`) };
  const page = await openPage(t, { at: blog.address, path: "post.html", allow: [ELSEWHERE, ...allow], before: countWorkers });
  return { page, engine, address: `${engine.address}` };
}

/** Why the session was refused. @param {Page} page @returns {Promise<string>} */
async function refused(page) {
  await page.waitForFunction(() => /** @type {any} */ (window).sessions[0].refused, null, { timeout: 30_000 });
  return page.evaluate(() => /** @type {any} */ (window).sessions[0].refused);
}

const ASKED = [{ prompt: "calc: 17+25=" }];

for (const [what, policy] of /** @type {[string, (engine: string) => string][]} */ ([
  ["without a policy", () => ""],
  [
    "with a policy that names what is needed, trusted types among it",
    (engine) =>
      `default-src 'none'; script-src ${engine} 'unsafe-eval' 'wasm-unsafe-eval'; connect-src ${engine}; worker-src blob: ${engine}; img-src data:; ` +
      `require-trusted-types-for 'script'; trusted-types attograph`,
  ],
])) {
  test(`a page of another origin ${what} starts the engine`, async (t) => {
    const { page, address } = await openForeign(t, policy);
    await openSessions(page, address, ASKED);
    assert.deepEqual(await told(page, 0, "graph", ["graph.answers.0.token"]), ["42"]);
    assert.equal(await workersMade(page), 1);
  });
}

test("a page of another origin whose policy forbids such a worker is told the directive", async (t) => {
  const { page, address } = await openForeign(t, (engine) => `worker-src 'self' ${engine}; object-src 'none'`, [/Content Security Policy/]);
  await openSessions(page, address, ASKED);
  assert.match(await refused(page), /worker-src blob: http:/);
});

test("a page of another origin is told the header that the engine's site does not send", async (t) => {
  const { page, engine, address } = await openForeign(t, () => "", [/CORS|ERR_FAILED|Access to/]);
  // The page has its module already, as from a cache; what the worker asks for then comes without the header.
  await page.evaluate((module) => import(module), `${address}lab/engine-host.js`);
  engine.headers = {};
  await openSessions(page, address, ASKED);
  assert.match(await refused(page), /127\.0\.0\.1:\d+ has to send the header Access-Control-Allow-Origin with .*worker\/main\.js/);
});
