// All studies: each opens within its policy and without a barrier, in light and dark, and fits a phone; they lead to one another, to the
// lab and from it. And the first one: what it says is what its graph shows.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { openPage, RELOADS, screenshot, site } from "./harness.mjs";
import { barriers } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const FOLDER = new URL("../../dist/studies/", import.meta.url);
const PHONE = { width: 390, height: 844 };
const WAIT = { timeout: 60_000 };
/** What the next page cuts off. */
const allow = [...RELOADS, /ERR_ABORTED/];

const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".html"));

/** The studies have no engine but the CPU’s here: which one computes is tested elsewhere. @param {import("node:test").TestContext} t @param {object} options */
const open = (t, options) => openPage(t, { webgpu: false, allow, ...options });

/** Until the first story stands; further down it is not begun before it is seen. @param {Page} page */
async function storySeen(page) {
  await page.locator("atto-story").first().scrollIntoViewIfNeeded();
  await page.locator("atto-story .story-card").first().waitFor(WAIT);
}

/** Until the first graph on show was traced here. @param {Page} page */
async function traced(page) {
  await page.locator(".bar [role=status]", { hasText: "traced here" }).first().waitFor(WAIT);
  await page.locator(".story-card").first().waitFor(WAIT);
}

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`every study opens in ${colorScheme}, within its policy and without a barrier`, async (t) => {
    assert.equal(names.length, 7);
    const page = await open(t, {
      path: "studies/index.html",
      colorScheme,
      before: (/** @type {Page} */ page) =>
        page.addInitScript(() => {
          /** @type {any} */ (window).refused = [];
          document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) =>
            /** @type {any} */ (window).refused.push(effectiveDirective),
          );
        }),
    });
    for (const name of names) {
      await page.goto(`${site}studies/${name}`);
      if (name !== "index.html") await storySeen(page);
      assert.deepEqual(await barriers(page), [], name);
      assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).refused), [], name);
      assert.match(await page.title(), /^.+ – Attograph$/);
    }
  });
}

test("on a phone no study is wider than the screen", async (t) => {
  const page = await open(t, { path: "studies/index.html", viewport: PHONE });
  for (const name of names) {
    await page.goto(`${site}studies/${name}`);
    if (name !== "index.html") await storySeen(page);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width, name);
    if (name === "index.html") continue;
    const here = await page.locator("nav [aria-current]").boundingBox();
    assert.ok(here && here.x >= 0 && here.x + here.width <= PHONE.width, `${name}: its link is in sight, ${here?.x}`);
  }
});

for (const [study, file] of [
  ["sum", "circuit.json"],
  ["elsewhere", "contexts.json"],
  ["explanation", "explanations.json"],
])
  test(`${study}: figures that do not arrive are told of in a sentence`, async (t) => {
    const page = await open(t, {
      path: `studies/${study}.html`,
      allow: [...allow, /ERR_FAILED|did not arrive/],
      before: (/** @type {Page} */ page) => page.route(`**/${file}`, (route) => route.abort()),
    });
    await page.locator("article [role=alert]", { hasText: `did not arrive (${file})` }).waitFor(WAIT);
  });

test("from the lab to the studies, from one to the next, and back to the lab", async (t) => {
  const page = await open(t, {});
  await page.getByRole("link", { name: "Studies", exact: true }).click();
  await page.locator("h1", { hasText: "Studies" }).waitFor();
  await page.locator(".study-cards a").first().click();
  await page.locator(".kicker", { hasText: "Study 1 of 6" }).waitFor();
  for (let i = 2; i <= 6; i++) {
    await page.locator(".next a").click();
    await page.locator(".kicker", { hasText: `Study ${i} of 6` }).waitFor();
  }
  await page.locator(".to-lab").click();
  await page.locator("[data-part=prompt]").waitFor();
});

/** The numbers of a sum that stands in the boxes. @param {Page} page */
async function sum(page) {
  const [a, b] = [await page.locator("input[name=a]").inputValue(), await page.locator("input[name=b]").inputValue()];
  return { a: Number(a), b: Number(b), said: Number(await page.locator("#said").innerText()) };
}

test("study 1: another sum by the board and by the boxes, each told by its own cards", async (t) => {
  const page = await open(t, { path: "studies/sum.html" });
  await traced(page);
  assert.deepEqual(await sum(page), { a: 36, b: 59, said: 95 });
  const square = page.locator("atto-board .plot");
  const box = /** @type {{ x: number, y: number, width: number, height: number }} */ (await square.boundingBox());
  await page.mouse.move(box.x + 0.3 * box.width, box.y + 0.3 * box.height);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.715 * box.width, box.y + 0.285 * box.height, { steps: 4 });
  await page.mouse.up();
  await page.locator("#said", { hasText: "99" }).waitFor(WAIT);
  assert.deepEqual(await sum(page), { a: 28, b: 71, said: 99 });
  await square.focus();
  await page.keyboard.press("ArrowDown");
  await page.locator("#said", { hasText: "100" }).waitFor(WAIT);
  assert.deepEqual(await sum(page), { a: 29, b: 71, said: 100 });
  await page.locator("input[name=a]").fill("12");
  await page.locator("#said", { hasText: "83" }).waitFor(WAIT);
  await page.locator("#steps", { hasText: "12 and 71" }).waitFor(WAIT);
  // Of no other number it is said that it was taken.
  const first = page.locator("input[name=a]");
  await first.fill("123");
  assert.equal(await first.inputValue(), "12");
  await first.fill("");
  await first.press("Enter");
  assert.equal(await first.inputValue(), "12");
  await page.locator("atto-story .story-card.of-answer", { hasText: "83" }).waitFor(WAIT);

  // What is said stands on cards, in the colour of their path.
  const named = await page.locator("#steps li > span").evaluateAll((all) => all.map((each) => [each.textContent, each.className]));
  const cards = await page
    .locator("atto-story .story-card.of-features")
    .evaluateAll((all) =>
      all.map((each) => [
        each.querySelector(".title")?.textContent,
        ["ones", "magnitude"].find((path) => each.classList.contains(path)) ?? "exact",
      ]),
    );
  assert.ok(named.length >= 4, "several cards are named");
  for (const each of named)
    assert.ok(
      cards.some((card) => JSON.stringify(card) === JSON.stringify(each)),
      `${each} is a card`,
    );

  // A card pressed: the board shows where its feature fires.
  await page.locator("atto-story .story-card.of-features").first().click();
  await page.locator(".board-says", { hasText: "fires for" }).waitFor(WAIT);
  const link = page.locator("figure[data-lab=sum] a.open");
  await link.hover();
  assert.match((await link.getAttribute("href")) ?? "", /prompt=calc%3A\+12%2B71%3D/);
  await page.locator("figure[data-lab=sum] .reset").click();
  await page.locator("#said", { hasText: "95" }).waitFor(WAIT);
  await screenshot(page, "study-sum");
});

test("study 1: the circuit’s figures are the file’s, and its cards open", async (t) => {
  const circuit = JSON.parse(await readFile(new URL("circuit.json", FOLDER), "utf8"));
  const page = await open(t, { path: "studies/sum.html" });
  await page.locator("#circuit .story-card").first().waitFor(WAIT);
  const end = circuit.tokens.find((/** @type {{ at: string }} */ each) => each.at === "end").influence;
  assert.ok((await page.locator("#places").innerText()).includes(`${(100 * end).toFixed(1)} % of the influence of features is at “=”`));
  // What the text counts stands on the cards, and all that is listed is told of.
  const counts = await page
    .locator("#circuit .story-card .detail")
    .evaluateAll((all) => all.map((each) => Number.parseInt(each.textContent ?? "", 10)));
  const drawn = counts.reduce((sum, each) => sum + each, 0);
  const all = await page.locator("#all").innerText();
  assert.ok(
    all.includes(`The cards count ${drawn}: `) && all.includes(`The other ${circuit.features.length - drawn} are not drawn: `),
    all,
  );
  // A lookup that fires on every sum stands last, with a word on why it is here.
  await page.locator("#circuit .story-card.selected", { hasText: "both last digits" }).waitFor();
  assert.equal(await page.locator(".circuit-features tbody tr").last().locator("td").first().innerText(), "100.0 %");
  await page.locator(".circuit-features .note", { hasText: "active on nearly all sums" }).waitFor();
  await page.locator("#circuit .story-card", { hasText: "last digit of the sum" }).click();
  const part = circuit.parts.find((/** @type {{ part: string }} */ each) => each.part === "sum ones");
  await page.locator("#circuit .story-card.selected", { hasText: `${part.features} features` }).waitFor();
  await page.locator(".circuit-features h3", { hasText: "last digit of the sum, at “=”" }).waitFor();
  assert.ok((await page.locator(".circuit-features tbody tr").count()) >= 5);
  assert.equal(await page.locator("#circuit-says .command").innerText(), circuit.command);
});

test("study 1 on a phone: a finger on the board chooses another sum", async (t) => {
  const page = await open(t, { path: "studies/sum.html", viewport: PHONE, touch: true });
  await traced(page);
  await page.locator("atto-board .plot").tap({ position: { x: 60, y: 60 } });
  await page.waitForFunction(() => document.querySelector("#said")?.textContent !== "95");
  await page.locator("#steps", { hasText: `${(await sum(page)).a} and ${(await sum(page)).b}` }).waitFor(WAIT);
  const { a, b, said } = await sum(page);
  assert.equal(said, a + b);
});
