// Names of nodes for those who do not see the graph.

import assert from "node:assert/strict";
import { test } from "node:test";
import { name, number, STRONGEST } from "./circuit.mjs";
import { openPage } from "./harness.mjs";

const PATIENCE = { timeout: 60_000 };

test("a node is announced with its label as soon as the label is there, and with a reader's own at once", async (t) => {
  const page = await openPage(t, { query: `?engine=cpu&selected=${STRONGEST}` });
  const feature = page.locator(`[data-part=stage] .node[data-id="${STRONGEST}"]`);
  assert.match(await name(page, STRONGEST), /^sum (=|~) /); // nothing redraws it meanwhile
  await page.locator("[data-part=inspector]").getByRole("button", { name: "Rename" }).click();
  await page.locator("[data-part=inspector] input.rename").fill("ends in five");
  await page.keyboard.press("Enter");
  await page.locator(`[data-part=stage] .node[data-id="${STRONGEST}"][aria-label^="ends in five, Feature ${number(STRONGEST)}"]`).waitFor();
  assert.equal(await feature.count(), 1);

  const vignette = await openPage(t, { query: "?engine=cpu&model=diagnosis" });
  await vignette.waitForFunction(
    () => {
      const features = [...document.querySelectorAll("[data-part=stage] .node.feature")];
      return (
        features.length > 0 &&
        features.filter((each) => !/^Feature \d/.test(each.getAttribute("aria-label") ?? "")).length > features.length / 2
      );
    },
    null,
    PATIENCE,
  );
});

test("a name that is typed while the live graph comes is that of the feature that was looked at", async (t) => {
  /** @type {(arrived?: unknown) => void} */ let release = () => {};
  const held = new Promise((resolve) => (release = resolve));
  const page = await openPage(t, {
    query: `?engine=cpu&selected=${STRONGEST}`,
    before: (page) =>
      page.context().route(/model\.safetensors$/, async (route) => {
        await held;
        await route.continue();
      }),
  });
  const inspector = page.locator("[data-part=inspector]");
  await inspector.getByRole("button", { name: "Rename" }).click();
  await inspector.locator("input.rename").fill("ends in five");
  release();
  await page.locator("[data-part=first]").waitFor({ ...PATIENCE, state: "hidden" });
  await page.locator("[data-part=trace-time] strong").waitFor(PATIENCE);
  await page.keyboard.press("Enter");
  await page.locator(`[data-part=stage] .node[data-id="${STRONGEST}"][aria-label^="ends in five, Feature ${number(STRONGEST)}"]`).waitFor();
});
