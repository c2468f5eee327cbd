// A prompt unlike the training texts is told so, and a near form that the model knows is a click away.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, site } from "./harness.mjs";
import { answers, notice, traced, type } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";
const MODEL = `${site}models/addition/`;

/**
 * Serves the manifest with other likeness: what is usual where it says nothing.
 * @param {Page} page
 * @param {unknown} [likeness] null: none
 */
async function withLikeness(page, likeness) {
  const manifest = await (await fetch(`${MODEL}manifest.json`)).json();
  if (likeness === null) {
    delete manifest.likeness;
    delete manifest.unseen;
  } else manifest.likeness = likeness ?? manifest.likeness ?? { surprise: 4, after: [] };
  await page.route(`${MODEL}manifest.json`, (route) => route.fulfill({ json: manifest }));
}

/** @param {Page} page */
const line = (page) => page.locator("[data-part=likeness]");

test("a prompt like the training texts is not remarked on; a minus, a third number and a larger one are", async (t) => {
  const page = await openPage(t, { query: CPU, before: withLikeness });
  await answers(page, "95");
  assert.equal(await line(page).isVisible(), false);
  for (const [prompt, reason] of /** @type {const} */ ([
    ["calc: 36-59=", "none of them has “-”"],
    ["calc: 36+259=", "none of them has “259”"],
    ["calc: 36+59+12=", "“+” surprises the model"],
  ])) {
    await type(page, prompt);
    await traced(page, prompt);
    await line(page).getByText(reason).waitFor();
    assert.equal(await line(page).getByRole("button", { name: /^Try/ }).count(), 0, "no form is near that asks for something else");
  }
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  await line(page).waitFor({ state: "hidden" });
});

test("a word that no training text has is told whole, whatever the surprise", async (t) => {
  const vignette = "A 45-year-old man presents with markedly swollen ankles. The most likely diagnosis is";
  const page = await openPage(t, { query: `${CPU}&model=diagnosis&prompt=${encodeURIComponent(vignette)}` });
  await traced(page, vignette);
  await line(page).getByText("none of them has “markedly”").waitFor();
  const known = vignette.replace(" markedly", "");
  await type(page, known);
  await traced(page, known);
  await line(page).waitFor({ state: "hidden" });
});

test("what it means stands where it is pointed at, and screen readers hear of it", async (t) => {
  const page = await openPage(t, { query: `${CPU}&prompt=${encodeURIComponent("calc: 36-59=")}`, before: withLikeness });
  const term = line(page).getByRole("button", { name: "Unlike the training texts" });
  await term.focus();
  await page.locator("[data-part=bubble]").getByText("may mean nothing").waitFor();
  await page.locator("[data-part=live]").getByText("unlike the training texts").waitFor({ state: "attached" });
});

test("a near form is offered, and one click asks it", async (t) => {
  const page = await openPage(t, { query: CPU, before: withLikeness });
  await answers(page, "95");
  for (const typed of ["calc: 17+25", "calc: 17+25==", "waht is 17 plus 25"]) {
    await type(page, typed);
    await traced(page, typed);
    const button = line(page).getByRole("button", { name: "Try calc: 17+25=", exact: true });
    assert.ok(await button.evaluate((each) => each.scrollWidth <= each.clientWidth), `it can be read whole: ${typed}`);
    await button.click();
    await traced(page, "calc: 17+25=");
    assert.equal(await page.locator("[data-part=prompt]").inputValue(), "calc: 17+25=");
    await line(page).waitFor({ state: "hidden" });
  }
});

test("without the measures nothing is told, and a near form is offered all the same", async (t) => {
  const page = await openPage(t, { query: CPU, before: (page) => withLikeness(page, null) });
  await answers(page, "95");
  await type(page, "calc: 36-59=");
  await traced(page, "calc: 36-59=");
  assert.equal(await line(page).isVisible(), false);
  await type(page, "calc: 36+59");
  await line(page).getByRole("button", { name: "Try calc: 36+59=", exact: true }).waitFor();
});

test("it stays clear of the prompt and moves nothing", async (t) => {
  const page = await openPage(t, { query: CPU, before: withLikeness });
  await answers(page, "95");
  for (const width of [390, 768, 1280, 1920]) {
    await page.setViewportSize({ width, height: 844 });
    await type(page, "calc: 36+59=");
    await traced(page, "calc: 36+59=");
    await line(page).waitFor({ state: "hidden" });
    const before = await page.locator("[data-part=prompt]").boundingBox();
    await type(page, "calc: 36+59==");
    await line(page).getByRole("button", { name: /^Try/ }).waitFor();
    const [after, box] = [await page.locator("[data-part=prompt]").boundingBox(), await line(page).boundingBox()];
    assert.deepEqual(after, before, `at ${width} px`);
    assert.ok(before && box && box.y + box.height <= before.y + 1, `over the prompt at ${width} px`);
    assert.ok(box.x >= 0 && box.x + box.width <= width, `beside the screen at ${width} px`);
  }
});

test("a list of unseen tokens that is none is told in words", async (t) => {
  const manifest = await (await fetch(`${MODEL}manifest.json`)).json();
  const before = async (/** @type {Page} */ page, /** @type {unknown} */ unseen) =>
    page.route(`${MODEL}manifest.json`, (route) => route.fulfill({ json: { ...manifest, unseen } }));
  for (const wrong of [7, "3-", "9-3", "3--4", "1,,2", [[1, 2]]]) {
    const page = await openPage(t, { query: CPU, before: (page) => before(page, wrong) });
    assert.match(await notice(page), /manifest\.json has unseen wrong: it must be token ids and ranges of them, as “3-35,41”/);
  }
});

test("a measure that is none is told in words", async (t) => {
  for (const wrong of [7, { surprise: "4", after: [] }, { surprise: 4, after: [{ token: -1, surprise: 3 }] }, { surprise: 4 }]) {
    const page = await openPage(t, { query: CPU, before: (page) => withLikeness(page, wrong) });
    assert.match(await notice(page), /manifest\.json has likeness wrong: it must be a number surprise/);
  }
});
