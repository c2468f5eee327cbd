// Talks: presenter mode by keys alone, what is legible from the last row, the speaker window, and talks of one's own.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { openPage, RELOADS, screenshot } from "./harness.mjs";
import { answers, plotsDrawn, query, traced } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";

/** @param {Page} page */
const caption = (page) => page.locator(".stage-caption");

/** Waits for a step. @param {Page} page @param {number} number @param {number} [of] */
const step = (page, number, of = 10) => page.locator(".stage-count").getByText(`${number} / ${of}`, { exact: true }).waitFor();

/** Begins the talk that ships. @param {Page} page */
async function begin(page) {
  await page.locator("[data-part=keep] summary").click();
  await page.locator("[data-part=talk-shipped]").click();
  await step(page, 1);
}

/** What stands out on the stage: a card of the story, or a node. @param {Page} page */
const standsOut = (page) =>
  page.locator(".story:not([hidden]) .story-card.selected, .screen:not(.story-view) [data-part=stage] .node.selected");

/** The smallest text in sight, in pixels on the screen, and what it says. @param {Page} page */
function smallest(page) {
  return page.evaluate(() => {
    let least = { size: Infinity, text: "" };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const element = /** @type {Element} */ (text.parentElement);
      const range = document.createRange();
      range.selectNodeContents(text);
      const { width, top, bottom } = range.getBoundingClientRect();
      if (!text.textContent?.trim() || width < 2 || bottom < 0 || top > innerHeight || element.closest(".for-readers")) continue;
      if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const svg = element.closest("svg");
      const scale = svg ? svg.getBoundingClientRect().width / (svg.viewBox.baseVal.width || svg.getBoundingClientRect().width) : 1;
      const size = scale * parseFloat(getComputedStyle(element).fontSize);
      if (size < least.size) least = { size, text: text.textContent };
    }
    return least;
  });
}

test("the talk that ships, by keys alone: ten steps, each with its own feature, and what it claims is what is on show", async (t) => {
  const page = await openPage(t, { query: CPU, viewport: { width: 1920, height: 1080 } });
  await answers(page, "95");
  await plotsDrawn(page);
  await begin(page);
  /** @type {string[]} */ const seen = [];
  for (let number = 1; number <= 10; number++) {
    await step(page, number);
    seen.push(await caption(page).innerText());
    await traced(page, number === 10 ? "How did you get 36+59?" : "calc: 36+59=");
    const pointed = standsOut(page);
    if (number > 1) await pointed.waitFor();
    const least = await smallest(page);
    assert.ok(least.size >= 28, `step ${number}: “${least.text}” has ${least.size} px`);
    // What the model says of its sum, too, before its operand plots are there.
    assert.ok(await page.locator(".story").isVisible(), `step ${number} is told as a story`);
    const name = number > 1 ? ((await pointed.textContent()) ?? "") : "";
    if (number === 2) assert.match(name, /^b ~ /);
    if (number === 3) assert.match(name, /^b = _/);
    if (number === 4) assert.match(name, /^_\d.* \+ _\d/);
    if (number === 5) assert.match(name, /^~\d.* \+ ~\d/);
    if (number === 6) assert.match(name, /^sum = .*_5/);
    if (number === 7) assert.match(name, /^sum ~ /);
    const box = await page.evaluate(() => {
      const [story, node] = [".story:not([hidden])", ".screen:not(.story-view) [data-part=stage] .node.selected"];
      const whole = document.querySelector(`${story} .story-card.selected, ${node}`) ?? document.querySelector(story);
      return /** @type {Element} */ (whole).getBoundingClientRect();
    });
    assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= 1920 && box.y + box.height <= 1080, `step ${number}: it is on the screen`);
    if (number === 9) {
      await page.locator("[data-part=answers] .was").first().waitFor();
      const [first] = await page.locator("[data-part=answers] .token").allInnerTexts();
      assert.ok(first !== "95" && first.endsWith("5"), `without the rough size it says ${first}`);
      await screenshot(page, "talk-9");
    } else assert.equal(await page.locator("[data-part=answers] .was").count(), 0, `step ${number}: nothing is set`);
    await page.keyboard.press(number % 2 ? "ArrowRight" : "PageDown");
  }
  assert.equal(new Set(seen).size, 10);
  await step(page, 10); // it ends where it ends
  await page.locator(".tokens .said").getByText("added").waitFor();
  await page.keyboard.press("Home");
  await step(page, 1);
  await page.keyboard.press("End");
  await step(page, 10);
  await page.keyboard.press("PageUp");
  await step(page, 9);
  // Whoever stands on a button presses it: it leads back, where the key alone would go on.
  await page.mouse.move(600, 500);
  await page.getByRole("button", { name: "Back", exact: true }).focus();
  await page.keyboard.press("Enter");
  await step(page, 8);
  await page.keyboard.press("ArrowRight");
  await step(page, 9);
  await page.keyboard.press("b");
  assert.ok(await page.locator(".stage-black").isVisible());
  await page.keyboard.press("b");
  assert.ok(!(await page.locator(".stage-black").isVisible()));
  await page.keyboard.press("Escape");
  await page.locator(".masthead").waitFor();
  assert.equal(await page.locator(".stage-caption").count(), 0);
});

test("on a smaller projector nothing is below 20 px, in dark colours too, and only story, prompt and answer are there", async (t) => {
  const page = await openPage(t, { query: CPU, viewport: { width: 1280, height: 720 }, colorScheme: "dark" });
  await answers(page, "95");
  await plotsDrawn(page);
  await begin(page);
  for (const number of [1, 4, 10]) {
    while (!(await page.locator(".stage-count").innerText()).startsWith(`${number} /`)) await page.keyboard.press("ArrowRight");
    if (number > 1) await standsOut(page).waitFor();
    const least = await smallest(page);
    assert.ok(least.size >= 20, `step ${number}: “${least.text}” has ${least.size} px`);
    for (const away of ["[data-part=inspector]", ".toolbar", ".masthead", "[data-part=status]", "[data-part=guide]"])
      assert.ok(!(await page.locator(away).isVisible()), away);
    assert.ok(await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight + 1), "it fits the screen");
  }
  await screenshot(page, "talk-dark");
});

test("at any step the speaker types another sum or flips a feature, and one key goes back to the step", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await plotsDrawn(page);
  await begin(page);
  await page.keyboard.press("ArrowRight");
  await step(page, 2);
  await page.keyboard.press("t");
  await page.keyboard.type("calc: 12+30=");
  await answers(page, "42");
  await page.locator(".stage-hint").getByText("Esc").waitFor();
  await page.keyboard.press("Escape");
  await answers(page, "95");
  await step(page, 2);
  await standsOut(page).waitFor();
  await page.keyboard.press("s");
  await page.locator(".story-card.selected .changed").getByText("off").waitFor();
  await page.locator("[data-part=answers] .was").first().waitFor();
  await page.keyboard.press("Escape");
  await page.locator("[data-part=answers] .was").first().waitFor({ state: "detached" });
  await step(page, 2);
  await page.keyboard.press("ArrowRight");
  await step(page, 3);
});

test("the speaker window has notes, the next step and the time, follows the stage, leads it, and outlives a reload", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await plotsDrawn(page);
  await begin(page);
  const opening = page.waitForEvent("popup");
  await page.keyboard.press("n");
  const speaker = await opening;
  await speaker.getByText("Next: It reads how large a number is").waitFor();
  await speaker.locator(".notes").getByText("Nobody wrote down how").waitFor();
  await speaker
    .locator(".timer")
    .getByText(/^00:\d\d$/)
    .waitFor();
  await speaker.keyboard.press("ArrowRight");
  await step(page, 2);
  await speaker.locator("h1").getByText("It reads how large a number is").waitFor();
  await page.bringToFront();
  await page.keyboard.press("ArrowRight");
  await speaker.locator(".notes").getByText("over the same token").waitFor();
  await speaker.getByRole("button", { name: "Blank screen" }).click();
  await page.locator(".stage-black").waitFor();
  await speaker.getByText("The screen is blank.").waitFor();
  await speaker.reload();
  await speaker.getByText("3 / 10").waitFor();
  await page.keyboard.press("b");
  await page.keyboard.press("Escape");
  await speaker.getByText("No talk is on").waitFor();
  assert.equal(await speaker.getByRole("button").count(), 0, "there is nothing to press");
});

test("a step that was added with the story shows the story, in letters for the last row, and nodes where nodes were", async (t) => {
  const page = await openPage(t, { query: CPU, story: true, viewport: { width: 1920, height: 1080 } });
  await answers(page, "95");
  await page.locator("[data-part=story] .story-card").first().waitFor();
  await page.locator("[data-part=keep] summary").click();
  await page.locator("[data-part=talk-make]").click();
  const add = page.getByRole("button", { name: "Add this as a step" });
  await add.click();
  await page.locator("[data-part=view-nodes]").click();
  await add.click();
  await page
    .getByRole("button", { name: /^Present/ })
    .first()
    .click();
  await page.locator(".stage-caption").waitFor();
  await page.locator("[data-part=story] .story-card.of-answer", { hasText: "95" }).waitFor();
  const found = await page.locator("[data-part=story]").evaluate((story) => {
    const texts = [...story.querySelectorAll("*")].filter((each) =>
      [...each.childNodes].some((child) => child.nodeType === 3 && child.textContent?.trim()),
    );
    const seen = texts.filter((each) => each.getClientRects().length > 0);
    return {
      smallest: Math.min(...seen.map((each) => Number.parseFloat(getComputedStyle(each).fontSize))),
      beyond: story.scrollHeight > story.clientHeight + 1,
    };
  });
  assert.ok(found.smallest >= 28, `${found.smallest} px`);
  assert.ok(!found.beyond, "all of it is on the screen");
  await screenshot(page, "talk-story");
  await page.keyboard.press("ArrowRight");
  await page.locator("[data-part=stage] .node.logit").first().waitFor();
  assert.ok(!(await page.locator("[data-part=story]").isVisible()));
  await page.keyboard.press("Escape");
  await page.locator("[data-part=story]").waitFor({ state: "hidden" });
});

test("a talk of one's own: made, put in order, kept, saved, opened, sent as a link, presented", async (t) => {
  const page = await openPage(t, { query: CPU, allow: RELOADS });
  await answers(page, "95");
  await page.locator("[data-part=keep] summary").click();
  await page.locator("[data-part=talk-make]").click();
  const talk = page.locator("[data-part=talk]");
  const steps = talk.locator(".talk-steps li[data-step]");
  await talk.getByRole("button", { name: "Add this as a step" }).click();
  await page.getByLabel("Caption of step 1").fill("First");
  await page.getByLabel("Notes of step 1").fill("Say <b>hello</b>");
  await page.locator("[data-part=prompt]").fill("calc: 12+30=");
  await answers(page, "42");
  await talk.getByRole("button", { name: "Add this as a step" }).click();
  await page.getByLabel("Caption of step 2").fill("Second");
  await talk.getByRole("button", { name: "Duplicate step 2" }).click();
  await page.getByLabel("Caption of step 3").fill("Third");
  await talk.getByRole("button", { name: "Move up step 3" }).click();
  const choose = async (/** @type {{ name: string, mimeType: string, buffer: Buffer }} */ file) => {
    const [chooser] = await Promise.all([page.waitForEvent("filechooser"), talk.getByRole("button", { name: "Open a file" }).click()]);
    await chooser.setFiles(file);
  };
  const captions = () => steps.locator("input").evaluateAll((all) => all.map((each) => /** @type {HTMLInputElement} */ (each).value));
  assert.deepEqual(await captions(), ["First", "Third", "Second"]);
  await talk.getByRole("button", { name: "Delete step 2" }).click();
  assert.deepEqual(await captions(), ["First", "Second"]);
  await talk.getByRole("button", { name: "Put it back" }).click();
  await talk.getByRole("button", { name: "Delete step 2" }).click();

  const [download] = await Promise.all([page.waitForEvent("download"), talk.getByRole("button", { name: "Save as a file" }).click()]);
  const file = await readFile(await download.path(), "utf8");
  assert.deepEqual(
    JSON.parse(file).steps.map((/** @type {{ caption: string }} */ each) => each.caption),
    ["First", "Second"],
  );
  await page.reload();
  await answers(page, "42");
  await page.locator("[data-part=keep] summary").click();
  await page.locator("[data-part=talk-make]").click();
  assert.deepEqual(await captions(), ["First", "Second"], "it is kept");
  await talk.getByRole("button", { name: "New" }).click();
  assert.equal(await steps.count(), 0);
  await choose({ name: "other.json", mimeType: "application/json", buffer: Buffer.from("{}") });
  await talk.getByText("other.json holds no talk that can be shown. It is no talk").waitFor();
  await choose({ name: "talk.json", mimeType: "application/json", buffer: Buffer.from(file) });
  await talk.getByText("2 steps").waitFor();

  await talk.getByRole("button", { name: "Present" }).click();
  await step(page, 1, 2);
  await answers(page, "95");
  await page.keyboard.press("ArrowRight");
  await answers(page, "42");
  assert.equal(await caption(page).innerText(), "Second");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+z");
  await query(page, (search) => search.get("prompt") === "calc: 12+30=");
});

/** Opens a talk from a file in the editor. @param {Page} page @param {{ state: string, caption: string, notes: string }[]} steps */
async function openTalk(page, steps) {
  await page.locator("[data-part=keep] summary").click();
  await page.locator("[data-part=talk-make]").click();
  const buffer = Buffer.from(JSON.stringify({ attograph_talk: 1, title: "Other", steps }));
  const talk = page.locator("[data-part=talk]");
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), talk.getByRole("button", { name: "Open a file" }).click()]);
  await chooser.setFiles({ name: "other.json", mimeType: "application/json", buffer });
  await talk.getByText(`“Other”, ${steps.length} step`).waitFor();
  return talk;
}

test("all nodes of a text: nothing is below 20 px, and all of it is in sight", async (t) => {
  const page = await openPage(t, { query: CPU, viewport: { width: 1920, height: 1080 } });
  await answers(page, "95");
  const state = "?model=diagnosis&view=nodes";
  const talk = await openTalk(page, [{ state, caption: "All nodes", notes: "" }]);
  await talk.getByRole("button", { name: "Present", exact: true }).click();
  await step(page, 1, 1);
  await page.waitForFunction(() => document.title.includes("Diagnosis"));
  await page.locator("[data-part=stage] .node .word").nth(8).waitFor({ timeout: 60_000 });
  const whole = () =>
    page.evaluate(() => {
      const pane = /** @type {HTMLElement} */ (document.querySelector("[data-part=pane]"));
      return pane.scrollHeight <= pane.clientHeight + 1 && pane.scrollWidth <= pane.clientWidth + 1;
    });
  for (const viewport of [
    { width: 1920, height: 1080 },
    { width: 1280, height: 720 },
  ]) {
    await page.setViewportSize(viewport);
    await page.waitForTimeout(500);
    assert.ok(await whole(), `${viewport.height}: all of it is in sight`);
    const least = await smallest(page);
    assert.ok(least.size >= 20, `${viewport.height}: “${least.text}” has ${least.size} px`);
  }
});

test("steps of two models follow each other, on the stage, in the speaker window and in the editor", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const sick = await page.evaluate(async () => (await (await fetch("models/diagnosis/manifest.json")).json()).examples[3].prompt);
  const diagnosis = `?${new URLSearchParams({ model: "diagnosis", prompt: sick })}`;
  const talk = await openTalk(page, [
    { state: "?model=addition&prompt=calc%3A+12%2B30%3D", caption: "A sum", notes: "Add." },
    { state: diagnosis, caption: "A vignette", notes: "Of another model." },
    { state: "?prompt=Nobody", caption: "Of the model before", notes: "" },
    { state: "?model=addition&prompt=calc%3A+12%2B30%3D&transcoder=per-layer", caption: "The sum again", notes: "" },
  ]);
  await talk.getByRole("button", { name: "Present", exact: true }).click();
  await step(page, 1, 4);
  await answers(page, "42");
  const [speaker] = await Promise.all([page.waitForEvent("popup"), page.keyboard.press("n")]);
  await page.bringToFront();
  await page.keyboard.press("ArrowRight");
  await step(page, 2, 4);
  await traced(page, sick);
  await page.waitForFunction(() => document.title.includes("Diagnosis"));
  await query(page, (search) => search.get("model") === "diagnosis");
  await speaker.locator("h1").getByText("A vignette").waitFor();
  await speaker.locator(".notes").getByText("Of another model.").waitFor();
  await page.keyboard.press("ArrowRight");
  await traced(page, "Nobody");
  assert.match(await page.title(), /Diagnosis/);
  await page.keyboard.press("ArrowRight");
  await step(page, 4, 4);
  await answers(page, "42");
  await query(page, (search) => search.get("model") === "addition" && search.get("transcoder") === "per-layer");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await traced(page, sick);
  await page.keyboard.press("Escape");
  assert.equal(page.workers().length, 1, "one engine for all of it");
  // The page is that model's now, and undo leads back to what was there before the talk.
  await page.locator("[data-part=models] [aria-current]", { hasText: "Diagnosis" }).waitFor();
  await talk.locator("[data-act=Show]").first().click();
  await answers(page, "42");
  await talk.locator("[data-act=Show]").nth(1).click();
  await traced(page, sick);
  await page.keyboard.press("Control+z");
  await answers(page, "42");
  await page.locator("[data-part=models] [aria-current]", { hasText: "Addition" }).waitFor();
});

test("a talk with steps of a model that is not here says so; its link leads to its first model", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const talk = await openTalk(page, [{ state: "?model=elsewhere&prompt=x", caption: "Elsewhere", notes: "" }]);
  await talk.getByRole("button", { name: "Present", exact: true }).click();
  await talk.getByText("Steps of this talk are of the model “elsewhere”, which this site does not have.").waitFor();
  assert.equal(await page.locator(".stage-caption").count(), 0);
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await talk.getByRole("button", { name: "Copy link" }).click();
  await talk.getByText("/some/path/?model=elsewhere#talk=").waitFor();
});

test("a link to a talk begins it; a spoiled one says so, and the page works", async (t) => {
  const page = await openPage(t, { query: `${CPU}#talk`, viewport: { width: 390, height: 844 } });
  await step(page, 1);
  await answers(page, "95");
  await page.locator(".stage-foot").hover();
  await page.getByRole("button", { name: "Next" }).click();
  await step(page, 2);
  await standsOut(page).waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider than the phone");
  await screenshot(page, "talk-390");
  await page.mouse.move(100, 400);
  await page.locator("[data-part=prompt]").fill("calc: 1+2=");
  await page.getByRole("button", { name: "Back to the step" }).click();
  await answers(page, "95");
  await page.getByRole("button", { name: "Leave" }).click();
  await page.evaluate(() => (location.hash = "#talk=nonsense"));
  await page.locator("[data-part=notice]").getByText("The talk of this link cannot be shown").waitFor();
  assert.equal(await page.locator(".stage-caption").count(), 0);
});
