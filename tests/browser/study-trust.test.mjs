// The study “Can you trust it?” as a visitor has it: its figures are the manifest's, its sentences agree with the graphs beside them.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { openPage, screenshot } from "./harness.mjs";

const PAGE = { path: "studies/trust.html", webgpu: false };
const LONG = { timeout: 90_000 };

/** @param {string} model @param {string} measure */
async function measured(model, measure) {
  const { quality } = JSON.parse(await readFile(new URL(`../../www/models/${model}/manifest.json`, import.meta.url), "utf8"));
  return quality.find(
    (/** @type {{ measure: string, transcoder?: string }} */ it) => it.measure === measure && it.transcoder !== "per-layer",
  ).value;
}

/** @param {import("playwright-core").Page} page @param {string} id an element's */
const shown = (page, id) =>
  page.locator(`#${id}`).evaluate((element) => {
    const { graph, pruned } = /** @type {any} */ (element).shared.lab.view;
    return Array.from(pruned.nodes, (/** @type {number} */ node) => (graph.kind[node] === 0 ? graph.id[node] : "")).filter(Boolean);
  });

test("two readings, the ladder and both kinds of transcoder, with the figures that were measured", async (t) => {
  const page = await openPage(t, PAGE);
  const say = page.locator("#readings-say");
  await say.scrollIntoViewIfNeeded();
  await page.locator("#live .story-card.of-answer").waitFor(LONG);
  await page.waitForFunction(() => /\d+ are in both/.test(document.getElementById("readings-say")?.textContent ?? ""), undefined, LONG);
  const [held, live] = [await shown(page, "held"), await shown(page, "live")];
  const common = held.filter((id) => live.includes(id)).length;
  assert.match(await say.innerText(), new RegExp(`shows ${held.length} features, the live one ${live.length}; ${common} are in both`));
  assert.notDeepEqual(held, live);

  // The ladder runs by itself once it is in sight; its top rung is the grade's own figure.
  await page.locator("#rungs").scrollIntoViewIfNeeded();
  const rungs = page.locator("#rungs figure");
  await rungs.nth(3).waitFor(LONG);
  assert.match(await rungs.first().innerText(), /all frozen\s+exact/);
  const figures = () =>
    page.locator("#held").evaluate((element) => {
      const all = /** @type {any} */ (element).shared.lab.view.graded.grade.figures;
      return ["", "/live"].map((end) =>
        all.find((/** @type {{ id: string }} */ { id }) => id === `faithful/everything-free/5/difference${end}`).value.toFixed(2),
      );
    });
  const [rHeld, rLive] = await figures();
  assert.match(await rungs.last().innerText(), new RegExp(`everything free\\s+r = ${rHeld}`));
  await page.getByRole("button", { name: "nothing held" }).click();
  assert.match(await rungs.last().innerText(), new RegExp(`r = ${rLive}`));
  assert.match(
    await page.locator("#ladder-says").innerText(),
    new RegExp(`the whole model responds, ${rLive} for the graph that takes nothing as given\\.$`),
  );
  await screenshot(page, "study-trust-ladder");

  // Bars and sentences are the manifest's.
  for (const [place, model] of ["addition", "diagnosis"].entries()) {
    const row = page.locator("#ladders table").nth(place).locator("tbody tr").first();
    const values = await Promise.all(["", "/live"].map((end) => measured(model, `faithful/everything-free/5/difference${end}`)));
    assert.equal((await row.innerText()).replace(/\s+/g, " ").trim(), `everything free ${values.map((it) => it.toFixed(2)).join(" ")}`);
    const so = await page.locator("#so-far").innerText();
    for (const value of values) assert.ok(so.includes(value.toFixed(2)));
  }
  assert.match(await page.locator("#blind").innerText(), /8 %\s+100 %/);

  // Another prompt goes through all of them.
  await page.getByRole("button", { name: "a cost table" }).click();
  await page.locator("#held .bar", { hasText: "total $ 95" }).waitFor(LONG);
  await page.locator("#kinds").scrollIntoViewIfNeeded();
  await page.locator("#other .bar", { hasText: "total $ 95" }).waitFor(LONG);
  await page.locator("#other .story-card.of-answer").waitFor(LONG);
  assert.match(await page.locator("#other").evaluate((each) => /** @type {any} */ (each).getState()), /transcoder=per-layer/);
  await page.waitForFunction(() => /in both stories/.test(document.getElementById("kinds-say")?.textContent ?? ""), undefined, LONG);
  assert.ok((await page.locator("#kinds-measured").innerText()).includes(`${(await measured("addition", "second/paths")).toFixed(1)} %`));
});

test("a verdict for any prompt: what the model knows, and what it does not", async (t) => {
  const page = await openPage(t, PAGE);
  const verdict = page.locator("#verdict .verdict");
  await page.locator("#any-prompt").scrollIntoViewIfNeeded();
  await verdict.filter({ hasText: "unlike the training texts" }).waitFor(LONG);
  assert.equal(await verdict.getAttribute("data-trust"), "no");
  await page.getByRole("button", { name: "calc: 36+59=", exact: true }).click();
  await page.locator("#any .bar", { hasText: "95" }).waitFor(LONG);
  await page.waitForFunction(
    () => {
      const line = document.getElementById("verdict")?.shadowRoot?.querySelector(".verdict");
      return line instanceof HTMLElement && line.dataset.trust === "partly" && !/unlike/.test(line.textContent ?? "");
    },
    undefined,
    LONG,
  );
  const words = verdict.getByRole("button");
  await words.click();
  await page.locator("#verdict .verdict-meaning").getByText("r: of predicted and measured changes on").waitFor();
  assert.equal(await words.getAttribute("aria-expanded"), "true");
  await page.locator("#any-prompt textarea").fill("two and two");
  await verdict.filter({ hasText: "unlike the training texts" }).waitFor(LONG);
  assert.equal(await page.locator("#any-prompts [aria-pressed=true]").count(), 0, "none of the buttons asks for that");
  await screenshot(page, "study-trust-verdict");
});

test("on a phone nothing is wider than the screen, and readings change by touch", async (t) => {
  const page = await openPage(t, { ...PAGE, viewport: { width: 390, height: 844 }, touch: true });
  await page.locator("#rungs").scrollIntoViewIfNeeded();
  await page.locator("#rungs figure").nth(3).waitFor(LONG);
  const button = page.getByRole("button", { name: "nothing held" });
  await button.tap();
  assert.equal(await button.getAttribute("aria-pressed"), "true");
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
  await screenshot(page, "study-trust-phone");
});
