// What a person reads off the page, for the tests that assert it.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** @import { Locator, Page } from "playwright-core" */

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

const PATIENCE = { timeout: 60_000 };

/** Waits until the page shows a live graph whose most probable next token is this one. @param {Page} page @param {string} token */
export async function answers(page, token) {
  await page.locator("[data-part=answers] li:first-child .token").getByText(token, { exact: true }).waitFor(PATIENCE);
  // Where the story is on show at once, no node is drawn; a head that is asked for stands in the place of either.
  await page
    .locator(".node.logit, .story-card")
    .first()
    .waitFor({ ...PATIENCE, state: "attached" });
  await live(page);
}

/** Waits until no recorded graph is on show any more. @param {Page} page */
export async function live(page) {
  await page.locator("[data-part=first]").waitFor({ state: "hidden", ...PATIENCE });
}

/** Waits until the answers of a model with names for them are whole, and reads them off. @param {Page} page */
export async function wholeAnswers(page) {
  await page
    .locator("[data-part=answers-caption]")
    .getByText(/^Answer(, steered)?$/)
    .waitFor(PATIENCE);
  return page.locator("[data-part=answers] .token").allInnerTexts();
}

/** Waits until the operand plots are computed and drawn. @param {Page} page */
export async function plotsDrawn(page) {
  await page.locator("[data-part=plot-progress]").getByText("done").waitFor({ timeout: 110_000 });
  await page.waitForFunction(() => !document.querySelector(".node.feature:not(.plotted)"), null, PATIENCE);
}

/** Where an element stands, also where a redraw puts another in its place meanwhile. @param {Locator} locator */
export async function boxOf(locator) {
  for (;;) {
    const box = await locator.evaluate((each) => each.isConnected && each.getBoundingClientRect().toJSON());
    if (box) return /** @type {DOMRect} */ (box);
  }
}

/** Ids of the drawn nodes, sorted. @param {Page} page */
export async function nodes(page) {
  const ids = await page.locator(".node").evaluateAll((all) => all.map((each) => each.getAttribute("data-id") ?? ""));
  return ids.sort();
}

/** The number at the start of a text such as "1,234 edges". @param {Page} page @param {string} selector */
export async function count(page, selector) {
  return Number.parseFloat((await page.locator(selector).innerText()).replaceAll(",", ""));
}

/** Replaces the prompt, as typing does. @param {Page} page @param {string} prompt */
export async function type(page, prompt) {
  await page.locator("[data-part=prompt]").fill(prompt);
}

/** Chooses one of the examples, by its place in the menu. @param {Page} page @param {number} place @returns its prompt */
export async function choose(page, place) {
  await page.locator("[data-part=examples] summary").click();
  const button = page.locator("[data-part=examples] button").nth(place);
  const prompt = (await button.getAttribute("title")) ?? "";
  await button.click();
  return prompt;
}

/** Waits until the graph on show is that of a prompt. @param {Page} page @param {string} prompt */
export async function traced(page, prompt) {
  await page.waitForFunction(
    (text) => document.querySelector("[data-part=stage] svg[role]")?.getAttribute("aria-label")?.includes(`“${text}”`),
    prompt,
    PATIENCE,
  );
  await page.waitForFunction(() => !document.querySelector(".stale"), null, PATIENCE);
  await live(page);
}

/** Asks for the graph as a file. @param {Page} page @param {"[data-part=save]" | "[data-part=save-svg]" | "[data-part=save-png]"} [kind] */
export async function save(page, kind = "[data-part=save]") {
  await page.locator("[data-part=keep] summary").click();
  await page.locator(kind).click();
}

/** The sentence of the notice, once there is one. @param {Page} page */
export async function notice(page) {
  await page.locator("[data-part=notice]").waitFor(PATIENCE);
  return page.locator("[data-part=notice]").innerText();
}

/** A number as the page writes it, with its sign, or about zero without one. @param {string} text */
export function number(text) {
  return Number.parseFloat(text.replace("−", "-").replace("≈ ", "").replaceAll(",", ""));
}

/** What axe finds that keeps someone from using the page as it stands, a line each. @param {Page} page @returns {Promise<string[]>} */
export async function barriers(page) {
  // Evaluated rather than added as a script, which the page's security policy forbids.
  await page.evaluate(await readFile(axe, "utf8"));
  return page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (window).axe.run();
    return violations.map(
      (/** @type {any} */ each) =>
        `${each.id}: ${each.nodes
          .map((/** @type {any} */ node) => node.target.join(" "))
          .slice(0, 4)
          .join(", ")}`,
    );
  });
}

/** Waits until the address says so. @param {Page} page @param {(search: URLSearchParams) => boolean} says */
export async function query(page, says) {
  const until = Date.now() + 10_000;
  while (!says(new URL(page.url()).searchParams)) {
    if (Date.now() > until) throw new Error(`the address never said so: ${page.url()}`);
    await page.waitForTimeout(50);
  }
}
