// The harness notices what can go wrong on a page: without this, every other browser test might pass blindly.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowsers, open, site } from "./chromium.mjs";

after(closeBrowsers);

/** @type {[string, string, RegExp][]} */
const FAULTS = [
  ["an uncaught error", "setTimeout(() => { throw new Error('page fault') })", /^uncaught: .*page fault/],
  ["a promise rejected and not handled", "Promise.reject(new Error('promise fault'))", /^uncaught: .*promise fault/],
  ["an error on the console", "console.error('console fault')", /^console: console fault/],
  ["an error on a worker's console", "new Worker(URL.createObjectURL(new Blob([`console.error('worker fault')`])))", /worker fault/],
  ["a worker's uncaught error", "new Worker(URL.createObjectURL(new Blob([`throw new Error('worker fault')`])))", /worker fault/],
  ["a missing file", "fetch('missing.json')", /^request failed: .*missing\.json \(404\)/],
  [
    "a missing file asked for by a worker",
    "new Worker(URL.createObjectURL(new Blob([`fetch('${location.origin}/missing.json')`])))",
    /missing\.json/,
  ],
  ["a request to another site", "fetch('http://127.0.0.1:9/').catch(() => {})", /^request leaves the site/],
];

for (const [what, script, problem] of FAULTS) {
  test(`notices ${what}`, async (t) => {
    const { page, problems, close } = await open({
      path: "fault.html",
      before: (page) =>
        page.route(`${site}fault.html`, (route) =>
          route.fulfill({ contentType: "text/html", body: `<!doctype html><link rel="icon" href="data:,"><script>${script}</script>` }),
        ),
    });
    t.after(close);
    const deadline = Date.now() + 5000;
    while (!problems.some((found) => problem.test(found)) && Date.now() < deadline) await page.waitForTimeout(20);
    assert.ok(
      problems.some((found) => problem.test(found)),
      `seen instead: ${problems.join("; ") || "nothing"}`,
    );
  });
}
