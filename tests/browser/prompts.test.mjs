// Any text is traced; an impossible one is told so in words; what comes from a link stays text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, nodes, notice, type } from "./reading.mjs";

const CPU = "?engine=cpu";

test("a text outside the model's experience still traces", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const sum = await nodes(page);
  await type(page, "Was ist 7×8? 🦊");
  await page.locator("[data-part=tokens]").getByText("7", { exact: false }).first().waitFor();
  await page.waitForFunction(() => /Was ist/.test(document.querySelector("[data-part=stage] svg[role]")?.getAttribute("aria-label") ?? ""));
  assert.notDeepEqual(await nodes(page), sum);
  assert.equal(await page.locator("[data-part=notice]").isVisible(), false);
});

test("an empty prompt is told so, the last graph stays, and the next prompt goes on", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const before = await nodes(page);
  await type(page, "");
  assert.match(await notice(page), /^Type a prompt/);
  assert.deepEqual(await nodes(page), before);
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  assert.equal(await page.locator("[data-part=notice]").isVisible(), false);
});

test("a prompt that is too long is told so, with the limit", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await type(page, `calc: ${"1+".repeat(400)}1=`);
  const sentence = await notice(page);
  assert.match(sentence, /token/);
  assert.match(sentence, /\d+/);
  await type(page, "calc: 17+25=");
  await answers(page, "42");
});

test("text from a link is text: in the box, the tokens and the address", async (t) => {
  const prompt = "<b>1</b><img src=x>";
  const page = await openPage(t, { query: `${CPU}&prompt=${encodeURIComponent(prompt)}&selected=${encodeURIComponent("<i>x</i>")}` });
  await page.locator("[data-part=tokens] li").first().waitFor({ timeout: 60_000 });
  assert.equal(await page.locator("[data-part=prompt]").inputValue(), prompt);
  assert.equal(await page.locator('img[src="x"], main b, main i.x').count(), 0);
  assert.match(await page.title(), /Attograph/);
});

test("a model that is not there is told so as text, with those that are", async (t) => {
  const page = await openPage(t, { query: `?model=${encodeURIComponent("<b>../secret</b>")}` });
  const sentence = await notice(page);
  assert.match(sentence, /<b>\.\.\/secret<\/b>/);
  assert.match(sentence, /addition/);
});

test("a link opens its own prompt, and nonsense in a link does no harm", async (t) => {
  const page = await openPage(t, { query: "?engine=quantum&node=7&edge=abc&theme=pink&prompt=calc: 17%2B25=" });
  await answers(page, "42");
  assert.equal(await page.locator("[data-part=node-threshold]").inputValue(), "0.8");
  assert.equal(await page.locator("[data-part=edge-threshold]").inputValue(), "0.98");
});

test("the box grows with its text, and Enter adds nothing", async (t) => {
  const page = await openPage(t, { query: CPU, viewport: { width: 390, height: 844 } });
  await answers(page, "95");
  const box = page.locator("[data-part=prompt]");
  const height = async () => (await box.boundingBox())?.height ?? 0;
  const line = await height();
  await box.press("End");
  await box.press("Enter");
  assert.equal(await box.inputValue(), "calc: 36+59=");
  await type(page, "A 32-year-old female at 30 weeks gestation presents with severe right upper quadrant pain, mild headache, and nausea.");
  assert.ok((await height()) > line * 1.5);
  assert.equal(await box.evaluate((it) => it.scrollHeight > it.clientHeight), false, "all of it is in sight");
  await type(page, "calc: 17+25=");
  assert.equal(await height(), line);
});
