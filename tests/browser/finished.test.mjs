// A finished figure never changes: once all work has ended, the page says the same for as long as nothing is touched.

import assert from "node:assert/strict";
import { test } from "node:test";
import { STRONGEST, set } from "./circuit.mjs";
import { openPage } from "./harness.mjs";

for (const [what, query] of [
  ["graph, with a feature steered", `?engine=cpu&steer=${set(STRONGEST, "x0")}`],
  ["grade", "?engine=cpu&grade=1"],
]) {
  test(`nothing of a finished ${what} goes on changing`, async (t) => {
    const page = await openPage(t, { query });
    await page.locator("[data-part=answers] .token").first().waitFor({ timeout: 60_000 }); // the grade takes the graph's place
    await page.locator("[data-part=plot-progress]").getByText("done").waitFor({ timeout: 90_000 });
    if (what === "grade") await page.locator(".findings").waitFor({ timeout: 90_000 });
    const words = () => page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector("main")).innerText);
    let before = await words();
    // Until nothing more arrives: what is asked for in the background takes some seconds.
    for (let quiet = 0; quiet < 3; ) {
      await page.waitForTimeout(1000);
      const now = await words();
      quiet = now === before ? quiet + 1 : 0;
      before = now;
    }
    await page.waitForTimeout(4000);
    assert.equal(await words(), before);
  });
}
