// The menu of examples: by topic, for pointer and keyboard, on a phone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, choose, traced, type } from "./reading.mjs";
import { copyOfAddition, serve } from "./stand-in.mjs";

/** @import { Page } from "playwright-core" */

const LONG = "Of two numbers one is 8 and the other is 7, and nobody knows what they are together, so we add them: ";

/** Two topics, told apart in the list; the second has a long prompt. @param {Page} page */
async function twoTopics(page) {
  const model = await copyOfAddition({});
  const [first, second, third] = model.manifest.examples;
  model.manifest.examples = [
    { ...first, topic: "<b>Bare</b> sums", title: "36 + 59" },
    { ...second, topic: "<b>Bare</b> sums", title: "17 + 25" },
    { ...third, topic: "In words", title: "Eight and seven", prompt: LONG },
  ];
  await serve(page, { addition: model });
}

test("each example stands under its topic, by its title, and is a click away", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu", before: twoTopics });
  await answers(page, "95");
  const menu = page.locator("[data-part=examples]");
  assert.match(await menu.locator("summary").innerText(), /Examples: 36 \+ 59/);
  assert.equal(await menu.getByRole("button").first().isVisible(), false);
  await menu.locator("summary").click();
  const sections = await menu.locator("section").allInnerTexts();
  assert.deepEqual(
    sections.map((text) => text.split("\n").filter(Boolean)),
    [
      ["<b>Bare</b> sums", "36 + 59", "17 + 25"],
      ["In words", "Eight and seven"],
    ],
  );
  assert.equal(await menu.getByRole("button", { pressed: true }).innerText(), "36 + 59");
  await page.keyboard.press("Escape");

  assert.equal(await choose(page, 2), LONG);
  await traced(page, LONG);
  assert.equal(await page.locator("[data-part=prompt]").inputValue(), LONG);
  assert.match(await menu.locator("summary").innerText(), /Examples: Eight and seven/);
  assert.equal(await menu.getByRole("button").first().isVisible(), false, "the menu has closed");
  await page.locator("[data-part=prompt]").fill("calc: 1+1=");
  assert.equal(await menu.locator("summary").innerText(), "Examples");
});

test("the menu works with the keyboard alone", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu", before: twoTopics });
  await answers(page, "95");
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  await page.locator("[data-part=examples] summary").focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.textContent === "36 + 59");
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "17 + 25");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused(), "Eight and seven", "it goes round");
  await page.keyboard.press("Escape");
  assert.match((await focused()) ?? "", /^Examples/);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.textContent === "36 + 59");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await answers(page, "42");
});

test("the browser's Back goes to the prompt before an example, as it was, and Forward to the example", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu", before: twoTopics });
  await answers(page, "95");
  await type(page, "calc: 20+30=");
  await answers(page, "50");
  const before = await page.locator("[data-part=node-count]").innerText();
  await page.locator("[data-part=node-threshold]").fill("0.6");
  await page.waitForFunction((text) => document.querySelector("[data-part=node-count]")?.textContent !== text, before);
  const shown = await page.locator("[data-part=node-count]").innerText();
  await choose(page, 1);
  await answers(page, "42");
  await page.locator("[data-part=node-threshold]").fill("0.9");
  await page.waitForFunction(() => location.search.includes("node=0.9"));

  await page.goBack();
  await answers(page, "50");
  assert.equal(await page.locator("[data-part=prompt]").inputValue(), "calc: 20+30=");
  assert.equal(await page.locator("[data-part=node-threshold]").inputValue(), "0.6");
  await page.waitForFunction((text) => document.querySelector("[data-part=node-count]")?.textContent === text, shown);
  await page.goForward();
  await answers(page, "42");
  assert.equal(await page.locator("[data-part=prompt]").inputValue(), "calc: 17+25=");
  assert.equal(await page.locator("[data-part=node-threshold]").inputValue(), "0.9");
});

for (const [width, height] of [
  [390, 844],
  [1920, 1080],
]) {
  test(`${width} px wide, the menu lies within the window`, async (t) => {
    const page = await openPage(t, { query: "?engine=cpu", viewport: { width, height } });
    await answers(page, "95");
    await page.locator("[data-part=examples] summary").click();
    const box = await page.locator("[data-part=topics]").boundingBox();
    assert.ok(box && box.x >= 0 && box.x + box.width <= width, JSON.stringify(box));
    await page.locator("[data-part=examples] button").last().scrollIntoViewIfNeeded();
    await page.locator("[data-part=examples] button").last().click();
  });
}
