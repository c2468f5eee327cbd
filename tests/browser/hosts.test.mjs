// Hosts, frames and browsers that forbid much: the page works, or says at once why it cannot.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, site } from "./harness.mjs";
import { notice } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";
const FRAME = `${site}frame.html`;

/** Sends a header with everything of the site. @param {Page} page @param {Record<string, string>} headers */
async function withHeaders(page, headers) {
  await page.context().route(`${site}**`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), ...headers } });
  });
}

test("where the host requires trusted types, the page works, and the first worker may start the second", async (t) => {
  /** @type {string[]} */ const started = [];
  const before = async (/** @type {Page} */ page) => {
    page.on("worker", (worker) => started.push(worker.url()));
    await withHeaders(page, { "content-security-policy": "require-trusted-types-for 'script'; trusted-types attograph" });
  };
  // A long grade is shared with the second worker.
  const page = await openPage(t, { query: `${CPU}&model=diagnosis&grade=1`, before });
  await page.locator(".findings li").first().waitFor({ timeout: 90_000 });
  assert.ok(started.some((url) => url.endsWith("worker/second-worker.js")));
  await assert.rejects(
    page.workers()[0].evaluate((address) => void new Worker(address), `${site}worker/main.js`),
    /TrustedScriptURL/,
    "the policy is in force",
  );
});

test("where the host allows other policies only, the page says which it needs", async (t) => {
  const page = await openPage(t, {
    query: CPU,
    allow: [/Content Security Policy|TrustedTypePolicy/i],
    before: (page) => withHeaders(page, { "content-security-policy": "require-trusted-types-for 'script'; trusted-types theirs" }),
  });
  assert.match(await notice(page), /trusted-types[^]*“attograph”/);
});

/** Opens the page in a sandboxed frame. @param {Page} page */
async function inFrame(page) {
  await page.route(FRAME, (route) =>
    route.fulfill({
      contentType: "text/html",
      body:
        `<!doctype html><link rel="icon" href="data:,"><iframe sandbox="allow-scripts" width="1200" ` +
        `height="800" src="${site}${CPU}"></iframe>`,
    }),
  );
}

for (const [what, headers] of /** @type {[string, Record<string, string>][]} */ ([
  ["", {}],
  [" of a host that allows every origin", { "access-control-allow-origin": "*" }],
])) {
  test(`in a sandboxed frame${what} it says at once that it cannot start`, async (t) => {
    const page = await openPage(t, {
      path: "frame.html",
      allow: [/CORS|ERR_FAILED|Access to|[Ww]orker|localStorage|SecurityError|ERR_BLOCKED/],
      before: async (page) => {
        await withHeaders(page, headers);
        await inFrame(page);
      },
    });
    const said = page.frameLocator("iframe").locator("[data-part=notice]");
    await said.waitFor({ timeout: 5000 });
    assert.match(await said.innerText(), /frame without an origin[^]*tab of its own/);
    assert.equal(await page.frameLocator("iframe").locator("[data-part=waiting]").isVisible(), false);
  });
}

test("opened as a file it says at once that it needs a web server", async (t) => {
  const page = await openPage(t, {
    path: "frame.html",
    allow: [/CORS|ERR_FAILED|file:|Access to|localStorage|[Ww]orker|ERR_ABORTED/],
    before: inFrame,
  });
  await page.goto(new URL("../../dist/index.html", import.meta.url).href);
  await page.locator("[data-part=notice]").waitFor({ timeout: 5000 });
  assert.match(await notice(page), /Opened as a file[^]*web server/);
});

test("a part of the page that does not arrive is told at once", async (t) => {
  const page = await openPage(t, {
    query: CPU,
    allow: [/request failed|Failed to load/],
    before: (page) => page.route(/lab\/main\.js$/, (route) => route.fulfill({ status: 404 })),
  });
  assert.match(await notice(page), /scripts did not arrive[^]*reload/);
});
