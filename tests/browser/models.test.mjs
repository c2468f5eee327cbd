// Several models on one site, and the two transcoders of one model: chosen, in the address, and only what is needed downloaded.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, notice, traced, type } from "./reading.mjs";
import { addPerLayer, copyOfAddition, serve } from "./stand-in.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";
const LEAVING = [/ERR_ABORTED/, /400|404/]; // another page cuts off what is on its way
const NOTICE = "Not <b>medical</b> advice.";

/** @param {Page} page */
async function twoModels(page) {
  const first = await copyOfAddition({ name: "first", title: "The first model" });
  const second = await copyOfAddition({ name: "second", title: "The <i>second</i> model", domain: "diagnosis", notice: NOTICE });
  second.manifest.examples = [{ ...second.manifest.examples[1], title: "Only this", prompt: "calc: 17+25=" }];
  await serve(page, { first, second });
}

test("another model is a link away, with its own example and nothing of the old prompt; Back leads back", async (t) => {
  const page = await openPage(t, { query: `${CPU}&theme=dark`, before: twoModels, allow: LEAVING });
  await answers(page, "95");
  const current = page.locator("[data-part=models] [aria-current]");
  assert.equal(await current.innerText(), "The first model");
  assert.equal(await page.locator("[data-part=caution]").isVisible(), false);
  await type(page, "calc: 8+7=");
  await answers(page, "15");
  await page.waitForFunction(() => location.search.includes("8%2B7"));
  await page.waitForLoadState("networkidle");

  await page.getByRole("link", { name: "The <i>second</i> model" }).click();
  await answers(page, "42");
  assert.equal(await current.innerText(), "The <i>second</i> model");
  assert.equal(await page.locator("[data-part=prompt]").inputValue(), "calc: 17+25=");
  const query = new URL(page.url()).searchParams;
  assert.deepEqual([query.get("model"), query.get("engine"), query.get("theme"), query.get("prompt")], ["second", "cpu", "dark", null]);
  assert.match(await page.title(), /The <i>second<\/i> model/);
  assert.equal(await page.locator("[data-part=caution]").innerText(), NOTICE, "as text");
  assert.equal(await page.locator("[data-part=models] i, [data-part=caution] b").count(), 0);

  await page.waitForLoadState("networkidle");
  await page.goBack();
  await answers(page, "15");
  assert.equal(await current.innerText(), "The first model");
  assert.equal(await page.locator("[data-part=prompt]").inputValue(), "calc: 8+7=");
});

test("who comes back to a model finds the prompt that it had in this tab", async (t) => {
  const page = await openPage(t, { query: CPU, before: twoModels, allow: LEAVING });
  await answers(page, "95");
  await type(page, "calc: 8+7=");
  await answers(page, "15");
  await page.getByRole("link", { name: "The <i>second</i> model" }).click();
  await answers(page, "42");
  await page.getByRole("link", { name: "The first model" }).click();
  await answers(page, "15");
  assert.equal(await page.locator("[data-part=prompt]").inputValue(), "calc: 8+7=");
  assert.equal(new URL(page.url()).searchParams.get("prompt"), "calc: 8+7=");
});

test("a model's notice is in sight, beside the prompt and wherever one has scrolled to", async (t) => {
  for (const viewport of [
    { width: 390, height: 844 },
    { width: 1280, height: 800 },
  ]) {
    const page = await openPage(t, { query: `${CPU}&model=second`, viewport, before: twoModels });
    await answers(page, "42");
    for (const place of ["[data-part=prompt]", "[data-part=pane]", "[data-part=inspector]"]) {
      await page.locator(place).scrollIntoViewIfNeeded();
      const box = await page.locator("[data-part=caution]").boundingBox();
      assert.ok(box && box.y >= 0 && box.y + box.height <= viewport.height, `${place}, ${viewport.width} px: ${JSON.stringify(box)}`);
    }
  }
});

test("outside addition two numbers are no operands", async (t) => {
  const page = await openPage(t, { query: `${CPU}&model=second`, before: twoModels });
  await answers(page, "42");
  assert.equal(await page.locator("[data-part=status] .background").isVisible(), false);
  assert.ok((await page.locator(".node.feature.dot").count()) > 0, "features are dots");
  assert.doesNotMatch(await page.locator("[data-part=inspector]").innerText(), /heat map|two numbers/);
  assert.equal(await page.locator(".about").getByText("heat map").isVisible(), false);
});

test("one model alone, with one transcoder, leaves nothing to choose", async (t) => {
  const page = await openPage(t, {
    query: CPU,
    before: async (page) => serve(page, { only: await copyOfAddition({ title: "The only model" }) }),
  });
  await answers(page, "95");
  assert.equal(await page.locator("[data-part=models]").innerText(), "The only model");
  assert.equal(await page.locator("[data-part=transcoder]").isVisible(), false);
});

/** @param {Page} page */
async function twoTranscoders(page) {
  const both = await copyOfAddition({ name: "both" });
  await addPerLayer(both);
  await serve(page, { both });
}

test("the other transcoder traces the prompt again, and the address keeps it", async (t) => {
  const page = await openPage(t, { query: CPU, before: twoTranscoders, allow: LEAVING });
  /** @type {string[]} */ const asked = [];
  page.on("request", (request) => void asked.push(request.url()));
  await answers(page, "95");
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  await page.locator(".node.feature").first().click();
  const choice = page.locator("[data-part=transcoder]");
  assert.deepEqual(await choice.locator("option").allInnerTexts(), ["Cross-layer transcoder", "Per-layer transcoders"]);
  const completeness = page.locator("[data-part=completeness]");
  const before = await completeness.innerText();
  await page.waitForLoadState("networkidle");
  assert.deepEqual(
    asked.filter((url) => url.includes("/per-layer/")),
    [],
    "nothing is downloaded before it is needed",
  );

  await choice.selectOption("Per-layer transcoders");
  await page.waitForFunction((text) => document.querySelector("[data-part=completeness]")?.textContent !== text, before);
  await traced(page, "calc: 17+25=");
  assert.equal(await page.locator("[data-part=answers] .token").first().innerText(), "42", "the model is the same");
  const after = await completeness.innerText();
  await page.waitForFunction(() => location.search.includes("transcoder=per-layer") && !location.search.includes("selected"));
  assert.ok(asked.some((url) => url.endsWith("/per-layer/config.yaml")));

  await page.waitForLoadState("networkidle");
  asked.length = 0;
  await page.reload();
  await answers(page, "42");
  assert.equal(await choice.inputValue(), "per-layer");
  assert.equal(await completeness.innerText(), after);
  assert.deepEqual(
    asked.filter((url) => url.includes("/transcoder/")),
    [],
  );

  await page.waitForLoadState("networkidle");
  await choice.selectOption("Cross-layer transcoder");
  await page.waitForFunction((text) => document.querySelector("[data-part=completeness]")?.textContent === text, before);
  await page.waitForFunction(() => !location.search.includes("transcoder"));
});

test("a transcoder that the model lacks is told so, and the other is used", async (t) => {
  const page = await openPage(t, {
    query: `${CPU}&transcoder=per-layer`,
    before: async (page) => serve(page, { only: await copyOfAddition({}) }),
  });
  assert.match(await notice(page), /no per-layer transcoders[^]*cross-layer/);
  await answers(page, "95");
  await page.waitForFunction(() => !location.search.includes("transcoder"));
});

test("a damaged per-layer file is named as it is on the site", async (t) => {
  const page = await openPage(t, {
    query: `${CPU}&transcoder=per-layer`,
    before: async (page) => {
      const both = await copyOfAddition({});
      await addPerLayer(both);
      const { manifest, files } = both;
      manifest.files = manifest.files.filter(({ path }) => path !== "per-layer/layer_1.safetensors");
      files.delete("per-layer/layer_1.safetensors");
      await serve(page, { both });
    },
  });
  assert.match(await notice(page), /per-layer\/layer_1\.safetensors/);
});

test("a transcoder that cannot be loaded is told, and the other one works on", async (t) => {
  const page = await openPage(t, {
    query: CPU,
    allow: [/request failed/, /Failed to load resource/],
    before: async (page) => {
      await twoTranscoders(page);
      await page.route(/per-layer\/layer_1/, (route) => route.fulfill({ status: 404 }));
    },
  });
  await answers(page, "95");
  await page.locator("[data-part=transcoder]").selectOption("per-layer");
  assert.match(await notice(page), /per-layer\/layer_1\.safetensors is missing/);
  // The one in use stays, with its graph.
  await traced(page, "calc: 36+59=");
  assert.equal(await page.locator("[data-part=transcoder]").inputValue(), "cross-layer");
  assert.equal(new URL(page.url()).searchParams.has("transcoder"), false);
  await type(page, "calc: 17+25=");
  await answers(page, "42");
});
