// Study 4, as a visitor has it: features set for as long as a button is held, and sentences that agree with the figures beside them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, RELOADS, screenshot } from "./harness.mjs";

/** @import { Page } from "playwright-core" */

const WAIT = { timeout: 60_000 };
const PHONE = { width: 390, height: 844 };

/** @param {import("node:test").TestContext} t @param {object} [more] */
const open = (t, more) => openPage(t, { webgpu: false, allow: RELOADS, path: "studies/break.html", ...more });

/** The button of a trial, once it has something to set. @param {Page} page @param {string} id */
async function ready(page, id) {
  await page.locator(`#${id}`).scrollIntoViewIfNeeded();
  const button = page.locator(`#${id} button.break`);
  await page.locator(`#${id} button.break:enabled`).waitFor(WAIT);
  return button;
}

/** What the outcome above a trial says: how, and the answer. @param {Page} page @param {string} id */
async function outcome(page, id) {
  const place = page.locator(`figure:has(#${id}) atto-outcome`);
  return { how: await place.locator(".saying > span").innerText(), answer: await place.locator(".saying b").innerText() };
}

/** Until something is set, and what came of it is told. @param {Page} page @param {string} id */
async function broken(page, id) {
  await page.locator(`figure:has(#${id}) atto-outcome .outcome.broken .saying`).waitFor(WAIT);
  const line = page.locator(`#${id} p.told`);
  await line.waitFor(WAIT);
  return { ...(await outcome(page, id)), line: await line.innerText() };
}

/** Until nothing is. @param {Page} page @param {string} id */
const mended = (page, id) => page.locator(`figure:has(#${id}) atto-outcome .outcome:not(.broken) .saying`).waitFor(WAIT);

/** Holds a button by the pointer. @param {Page} page @param {string} id */
async function press(page, id) {
  const button = await ready(page, id);
  await button.hover();
  await page.mouse.down();
  const told = await broken(page, id);
  assert.equal(await button.getAttribute("aria-pressed"), "true");
  await page.mouse.up();
  await mended(page, id);
  assert.equal(await button.getAttribute("aria-pressed"), "false");
  return told;
}

test("the last digit goes and the size stays, the size goes and the last digit stays, and letting go mends", async (t) => {
  const page = await open(t);
  await ready(page, "ones");
  assert.deepEqual(await outcome(page, "ones"), { how: "It says", answer: "95" });
  assert.match(await page.locator("#ones p").innerText(), /^Expected: the last digit goes/);
  const ones = await press(page, "ones");
  assert.notEqual(ones.answer, "95");
  assert.ok(Number(ones.answer) % 10 !== 5 && Math.abs(Number(ones.answer) - 95) <= 5, ones.answer);
  assert.match(ones.line, new RegExp(`^It says ${ones.answer}, .* As expected, its last digit goes, its size stays\\.`));
  assert.match(ones.line, /Logit of 95: predicted −[\d.]+, measured −[\d.]+\.$/);
  assert.equal((await outcome(page, "ones")).answer, "95");
  const size = await press(page, "size");
  assert.ok(Number(size.answer) % 10 === 5 && Math.abs(Number(size.answer) - 95) > 5, size.answer);
  assert.match(size.line, /As expected, its last digit stays, its size goes\./);
  assert.match(await page.locator("#ones p").innerText(), /^It says/, "what came of the first one still stands");
  await screenshot(page, "study-break");
});

test("what is predicted and measured stands in the table as in the sentence, and the cards show what is set", async (t) => {
  const page = await open(t);
  const button = await ready(page, "ones");
  await button.hover();
  await page.mouse.down();
  const { line } = await broken(page, "ones");
  const cells = await page.locator("figure:has(#ones) atto-outcome tbody td").allInnerTexts();
  assert.ok(line.endsWith(`predicted ${cells[0]}, measured ${cells[1]}.`), `${line} | ${cells}`);
  await page.locator("#story .story-card.set", { hasText: "both last digits" }).waitFor();
  await page.locator("#story .story-card.set", { hasText: "last digit of the sum" }).waitFor();
  assert.equal(await page.locator("#story .story-card.set").count(), 2);
  await page.mouse.up();
  await page.locator("#story .story-card.set").waitFor({ state: "detached" });
});

test("random features are drawn anew for each press, and counted", async (t) => {
  const page = await open(t);
  await page.locator("#story .bar", { hasText: "traced here" }).waitFor(WAIT); // a recorded graph has fewer others to draw from
  await ready(page, "random");
  const steer = () => page.locator("#random atto-break").evaluate((each) => /** @type {any} */ (each).steer);
  const sets = new Set();
  for (let i = 1; i <= 3; i++) {
    sets.add(await steer());
    const { answer, line } = await press(page, "random");
    assert.ok(line.includes(answer));
    assert.match(await page.locator("#tally").innerText(), new RegExp(`of ${i} press`));
  }
  assert.ok(sets.size > 1);
  const cards = page.locator("#story .story-card", { hasText: /both last digits|last digit of the sum/ });
  const wanted = (await cards.locator(".times").allInnerTexts()).reduce((all, times) => all + Number(times.slice(1)), 0);
  const few = /These are (\d+), in place of (\d+)/
    .exec(await page.locator("#random p").innerText())
    ?.slice(1)
    .map(Number);
  if (few) assert.deepEqual([few[0] < wanted, few[1]], [true, wanted]);
  for (const set of sets) assert.equal(set.split(",").length, few?.[0] ?? wanted, "as many as the cards of the last digit have");
});

test("another sum’s lookup in this one’s place gives its last digit, and this one’s size", async (t) => {
  const page = await open(t);
  await ready(page, "swap");
  assert.match(await page.locator("#swap p").innerText(), /^Expected: the last digit of 36\+51=87, the size of 36\+59=95\.$/);
  const { answer, line } = await press(page, "swap");
  assert.equal(answer, "97");
  assert.match(line, /As expected: the last digit of 87, the size of 95\./);
  await page.locator("#others input[name=b]").fill("47");
  await page.locator("#swap p", { hasText: "36+47=83" }).waitFor(WAIT);
  const next = await press(page, "swap");
  assert.ok(next.line.includes(`It says ${next.answer}`) || next.line.includes(`It still says ${next.answer}`));
});

test("other numbers: the cards, the expectations and the buttons are theirs, and Reset takes them back", async (t) => {
  const page = await open(t);
  await ready(page, "ones");
  await page.getByRole("button", { name: "64+27" }).click();
  await page.locator("#story .bar", { hasText: "64+27= 91" }).waitFor(WAIT);
  assert.equal(await page.locator("#numbers input[name=a]").inputValue(), "64");
  const { answer, line } = await press(page, "ones");
  assert.notEqual(Number(answer) % 10, 1);
  assert.ok(line.includes(`It says ${answer}`));
  await page.locator("figure[data-lab=sum] .reset").click();
  await page.locator("#story .bar", { hasText: "36+59= 95" }).waitFor(WAIT);
  await page.locator("#ones p", { hasText: "Expected" }).waitFor(WAIT);
  assert.equal(await page.locator("#numbers input[name=b]").inputValue(), "59");
});

test("a diagnosis inhibited: the sentence says of each vignette whether the question is another, as the outcome does", async (t) => {
  const page = await open(t);
  for (const name of await page.locator("#vignettes button").allInnerTexts()) {
    const button = page.locator("#vignettes").getByRole("button", { name });
    await button.scrollIntoViewIfNeeded();
    await button.click();
    await page.locator("#vignettes [aria-pressed=true]", { hasText: name }).waitFor(WAIT);
    await page.locator("#inhibit p", { hasText: "Expected" }).waitFor(WAIT);
    await ready(page, "inhibit");
    const { answer: before } = await outcome(page, "inhibit");
    const { answer, line } = await press(page, "inhibit");
    assert.match(line, answer === before ? /the question stays, / : /As expected, the question is another: /);
    assert.ok(answer === before || line.includes(`another: ${before}`), line);
  }
});

for (const key of ["Space", "Enter"])
  test(`held by ${key} it breaks, let go it mends`, async (t) => {
    const page = await open(t);
    const button = await ready(page, "ones");
    await button.focus();
    await page.keyboard.down(key);
    await page.keyboard.down(key); // as it repeats
    assert.notEqual((await broken(page, "ones")).answer, "95");
    assert.equal(await button.getAttribute("aria-pressed"), "true");
    await page.keyboard.up(key);
    await mended(page, "ones");
    assert.equal(await button.getAttribute("aria-pressed"), "false");
  });

test("pressed without being held, as by voice, it breaks and the next press mends", async (t) => {
  const page = await open(t);
  const button = await ready(page, "ones");
  await button.evaluate((each) => /** @type {HTMLElement} */ (each).click());
  await broken(page, "ones");
  await button.evaluate((each) => /** @type {HTMLElement} */ (each).click());
  await mended(page, "ones");
});

test("what is held is let go of when the sum is another, or all is set back", async (t) => {
  const page = await open(t);
  const button = await ready(page, "ones");
  const press = () => button.evaluate((each) => /** @type {HTMLElement} */ (each).click());
  const set = () =>
    page.locator("#story").evaluate((each) => new URLSearchParams(/** @type {any} */ (each).getState().slice(2)).get("steer"));
  await press();
  await broken(page, "ones");
  assert.ok(await set());
  await page.locator("#numbers input[name=b]").fill("58");
  await page.locator("#story .bar", { hasText: "36+58= 94" }).waitFor(WAIT);
  await mended(page, "ones");
  assert.equal(await set(), null);
  await page.locator("#ones atto-break .break:enabled").waitFor(WAIT); // its story is another, too
  await press();
  await broken(page, "ones");
  await page.locator("figure[data-lab=sum] .reset").click();
  await page.locator("#story .bar", { hasText: "36+59= 95" }).waitFor(WAIT);
  await mended(page, "ones");
  assert.equal(await set(), null);
  // The same one again after it was set back.
  await page.locator("#numbers input[name=b]").fill("58");
  await page.locator("#story .bar", { hasText: "36+58= 94" }).waitFor(WAIT);
});

test("on a phone a finger holds, and what is said is in sight above it", async (t) => {
  const page = await open(t, { viewport: PHONE, touch: true });
  const button = await ready(page, "ones");
  await button.evaluate((each) => each.scrollIntoView({ block: "end" }));
  const box = /** @type {{ x: number, y: number, width: number, height: number }} */ (await button.boundingBox());
  const touch = await page.context().newCDPSession(page);
  const points = [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }];
  await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: points });
  assert.notEqual((await broken(page, "ones")).answer, "95");
  const said = await page.locator("figure:has(#ones) atto-outcome .saying").boundingBox();
  assert.ok(said && said.y >= 0 && said.y < box.y, "above the finger");
  await screenshot(page, "study-break-phone");
  await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await mended(page, "ones");
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
});
