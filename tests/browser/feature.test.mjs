// The selected node in full: heads, pushes, numbers, examples, histogram, names, and the plots' curve and crosshair.

import assert from "node:assert/strict";
import { test } from "node:test";
import { STRONGEST } from "./circuit.mjs";
import { openPage, screenshot } from "./harness.mjs";
import { answers, plotsDrawn, query } from "./reading.mjs";

const CPU = "?engine=cpu";
const READY = { timeout: 30_000 };

test("a feature tells what it pushes, what it reads, and where it fires most", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await plotsDrawn(page);
  await page.locator('.node.feature[aria-label*="“=”"]').first().click();
  const tab = page.locator(".tabs button", { hasText: "Feature" });
  await tab.click();
  const facts = page.locator(".feature-facts");
  await facts.getByText("Strongest examples").waitFor(READY);
  assert.equal(await facts.locator(".effects ol").count(), 2);
  const pushed = await facts.locator(".effects ol").first().locator(".weight").allInnerTexts();
  assert.ok(pushed.length > 4 && pushed.every((text) => text.startsWith("+")), pushed.join(" "));
  assert.equal(await facts.locator(".chart svg[aria-label*='numbers 0 to 199'] rect").count(), 200);
  assert.equal(await facts.locator(".chart svg[aria-label*='last digit'] rect").count(), 10);
  assert.match(await facts.innerText(), /on [\d.]+ % of [\d,]+ tokens/);
  assert.ok((await facts.locator(".chart svg[aria-label^='Histogram'] rect").count()) > 0);
  assert.ok((await facts.locator("h4").count()) > 3, "examples in several contexts");
  // In one look: the panel may be filled anew at any time.
  await page.waitForFunction(
    () => [...document.querySelectorAll(".examples-of mark")].some((mark) => getComputedStyle(mark).getPropertyValue("--share") === "100%"),
    null,
    READY,
  );
  await screenshot(page, "feature");
});

test("the edges of the selected node tell which heads carry them", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await page.locator(".node.logit").first().click();
  const ways = page.locator(".flows.inputs .way");
  await ways.filter({ hasText: /\S/ }).first().waitFor(READY);
  const texts = await ways.allInnerTexts();
  assert.ok(
    texts.some((text) => /head \d\.\d/.test(text)),
    texts.join("; "),
  );
  assert.ok(
    texts.some((text) => /residual stream/.test(text)),
    texts.join("; "),
  );
  // The answer's own layer is above all heads: a feature of the last layer at the same token stays in the residual stream.
  const last = page.locator('.flows.inputs button[data-id^="3_"] + .way').first();
  assert.match(await last.innerText(), /residual stream/);
});

test("a feature over the first operand shows a curve, one over both a plot with a crosshair that keys move", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await plotsDrawn(page);
  await page.locator('.node.feature[aria-label*="“36”"]').first().click();
  await page.locator(".one-operand svg .line").waitFor();
  assert.match(await page.locator(".one-operand .readout").innerText(), /^a = 36: activation/);
  await page.locator('.node.feature[aria-label*="“=”"]').first().click();
  const plot = page.locator(".big-plot .plot");
  await plot.focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  const readout = page.locator(".big-plot + .readout");
  assert.match(await readout.innerText(), /^37 \+ 60 = 97/);
  // A name that arrives, or the tab below, fills the panel anew: the crosshair stays where it is, and the keys with it.
  await page.evaluate(() => {
    /** @type {HTMLElement} */ (document.querySelector(".tabs button[aria-pressed=false]")).click();
  });
  await page.locator(".both[data-tab=feature]").waitFor({ state: "attached" });
  await page.keyboard.press("ArrowDown");
  assert.match(await readout.innerText(), /^38 \+ 60 = 98/);
});

test("features have automatic names, and a name of one's own stays, as text, wherever the feature is", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await plotsDrawn(page);
  const labels = await page.locator(".node.feature").evaluateAll((all) => all.map((each) => each.getAttribute("aria-label") ?? ""));
  assert.ok(labels.length > 5);
  await page.locator(`.node[data-id="${STRONGEST}"]`).click();
  await page.locator("[data-part=inspector]").getByRole("button", { name: "Rename" }).waitFor();
  const title = await page.locator("[data-part=inspector] h2").innerText();
  assert.match(title, /sum|_\d|~/, "a rule that its plot follows");
  await page.locator("[data-part=inspector]").getByRole("button", { name: "Rename" }).click();
  await page.locator("[data-part=inspector] input.rename").fill("<img src=x> mine");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("[data-part=inspector] h2").innerText(), "<img src=x> mine");
  assert.equal(await page.locator("[data-part=inspector] img").count(), 0);
  await query(page, (search) => /mine/.test(search.get("clerps") ?? ""));
  await page.locator("[data-part=prompt]").fill("calc: 36+49=");
  await answers(page, "85");
  await page.keyboard.press("Escape");
  await page.locator("[data-part=undo]").click();
});

test("the density filter takes away what is nearly always on, and the address keeps it", async (t) => {
  const page = await openPage(t, { query: `${CPU}&node=1` });
  await answers(page, "95");
  await page.locator("[data-part=density]:enabled").waitFor(READY);
  const before = await page.locator(".node.feature").count();
  await page.locator("[data-part=density]").evaluate((input) => {
    /** @type {HTMLInputElement} */ (input).value = "0.12";
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await page.waitForFunction((count) => document.querySelectorAll(".node.feature").length < count, before);
  assert.match(await page.locator("[data-part=density-value]").innerText(), /^≤ 1\.4 %$/);
  await query(page, (search) => search.get("density") === "0.0144");
  assert.ok((await page.locator(".node.token").count()) > 3, "tokens stay");
});

test("on a phone the panel of a chosen card lies below the window, and a button at its foot names it and leads there", async (t) => {
  const page = await openPage(t, { query: CPU, story: true, viewport: { width: 390, height: 844 } });
  await answers(page, "95");
  const below = page.locator("[data-part=panel-below]");
  assert.equal(await below.isVisible(), false, "nothing is selected");
  const card = page.locator(".story-card.of-features").last();
  await card.scrollIntoViewIfNeeded();
  await card.click();
  await below.waitFor(READY);
  const box = await below.boundingBox();
  assert.ok(box && box.x >= 0 && box.x + box.width <= 390 && box.y + box.height <= 844, JSON.stringify(box));
  const name = await below.locator("span").innerText();
  await below.click();
  const title = page.locator("[data-part=inspector] h2");
  await title.waitFor(READY);
  assert.ok(name.length > 0);
  const of = name.match(/^(.*), (\d+ of \d+)$/);
  const where = await page.locator("[data-part=inspector] .where").innerText();
  assert.ok(where.includes(of ? `${of[2]} on the card “${of[1]}”` : `Alone on the card “${name}”`), `${name} | ${where}`);
  const top = await page.locator("[data-part=inspector]").evaluate((panel) => panel.getBoundingClientRect().top);
  assert.ok(top >= 0 && top < 422, `${top} pixels from the top`);
  await below.waitFor({ state: "hidden", ...READY });
  // Nor is it there where the panel stands above the window, or makes room for another.
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await page.waitForTimeout(300);
  assert.equal(await below.isVisible(), false, "the panel is above");
  await page.evaluate(() => scrollTo(0, 0));
  await below.waitFor(READY);
  await page.locator("[data-part=grade-begin]").click();
  await below.waitFor({ state: "hidden", ...READY });
});
