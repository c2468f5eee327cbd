// What is told is seen, whatever stands in the graph's place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { STRONGEST } from "./circuit.mjs";
import { openPage } from "./harness.mjs";

const CPU = "?engine=cpu";
const LONG = "1+1=".repeat(30);
const PATIENCE = { timeout: 60_000 };

for (const [state, query] of [
  ["two prompts", "compare=calc%3A+36%2B58%3D"],
  ["a grade", "grade=1"],
  ["a head", "head=1.0@7"],
  ["a large subgraph", `large=1&pinnedIds=${STRONGEST}`],
  ["the graph", "view=nodes"],
]) {
  test(`with ${state} on show a prompt that is too long is told where one looks, and then no more`, async (t) => {
    const page = await openPage(t, { query: `${CPU}&${query}` });
    await page.locator("[data-part=answers] li", { hasText: "95" }).first().waitFor(PATIENCE);
    await page.locator("[data-part=prompt]").fill(LONG);
    const notice = page.locator("[data-part=notice]");
    await notice.getByText("this model reads at most").waitFor(PATIENCE);
    await page.locator("[data-part=prompt]").fill("calc: 17+25=");
    await notice.waitFor({ state: "hidden", ...PATIENCE });
  });
}

test("of a second prompt that is too long it is said that this one is to be changed", async (t) => {
  const page = await openPage(t, { query: `${CPU}&compare=${encodeURIComponent(LONG)}` });
  const notice = page.locator("[data-part=notice]");
  await notice.getByText("this model reads at most").waitFor(PATIENCE);
  assert.match(await notice.innerText(), /Change the second prompt\./);
  assert.doesNotMatch(await notice.innerText(), /Reload/);
});

test("that a second prompt waits for the tokenizer is told until its graph is there", async (t) => {
  const before = (/** @type {import("playwright-core").Page} */ page) =>
    page.context().route("**/tokenizer_bg.wasm", async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 6000));
      await route.continue();
    });
  const page = await openPage(t, { query: `${CPU}&compare=calc%3A+36%2B58%3D`, before });
  const notice = page.locator("[data-part=notice]");
  await notice.getByText("The tokenizer is still on its way.").waitFor(PATIENCE);
  await page.locator("[data-part=compare-lists]").getByText("36").first().waitFor(PATIENCE);
  await notice.waitFor({ state: "hidden", ...PATIENCE });
});

test("of two targets that are one the token is told by its text; settings beyond the prompt have no outcome", async (t) => {
  const page = await openPage(t, { query: `${CPU}&target=95&minus=95` });
  await page.locator("[data-part=notice]").getByText('both are "95"').waitFor(PATIENCE);
  const other = await openPage(t, { query: `${CPU}&steer=0/1@60=x0` });
  await other.locator("[data-part=steering-outcome]").getByText("Nothing that is set is in this prompt.").waitFor(PATIENCE);
});
