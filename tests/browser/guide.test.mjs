// The guide: what it says agrees with what is on show, it keeps the keyboard, and it is on the screen, on a phone too.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, plotsDrawn, type } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";

/** @param {Page} page */
const guide = (page) => page.locator("#guide");

/** Names of the features on show, by id. @param {Page} page @returns {Promise<Record<string, string>>} */
async function names(page) {
  return Object.fromEntries(
    await page
      .locator(".node.feature")
      .evaluateAll((all) =>
        all.map((each) => [each.getAttribute("data-id"), (each.getAttribute("aria-label") ?? "").replace(/, Feature \d.*/, "")]),
      ),
  );
}

/** The id of the node that stands out. @param {Page} page */
const pointedAt = (page) => page.locator(".node.selected").getAttribute("data-id");

test("it says of a feature what its name says, points at that feature, and its experiment takes the rough size away", async (t) => {
  const page = await openPage(t, { query: CPU, firstVisit: true });
  await answers(page, "95");
  await plotsDrawn(page);
  const all = await names(page);
  const numbers = (/** @type {string} */ name) => [...name.matchAll(/\d+/g)].map(([digits]) => digits);
  for (const [at, [of, place]] of /** @type {const} */ ([
    ["the second number", "59"],
    ["both", ""],
    ["the sum", "="],
    ["the sum", "="],
  ]).entries()) {
    await guide(page).getByRole("button", { name: "Next" }).click();
    const text = await guide(page).locator("p").innerText();
    if (of === "both") {
      const lookups = [...text.matchAll(/“([^”]+)”/g)].map(([, name]) => name);
      assert.deepEqual(
        lookups.map((name) => name.match(/^[_~]|(?<= \+ )[_~]/g)?.join("")),
        ["__", "~~"],
        text,
      );
      for (const name of lookups) assert.ok(Object.values(all).includes(name), `“${name}” is on show`);
      assert.equal(all[(await pointedAt(page)) ?? ""], lookups[0], "it points at what it speaks of");
      continue;
    }
    const quoted = [...text.matchAll(/“([^”]+)”(?:: it|,) fires where ([^,.:]+)/g)];
    assert.ok(quoted.length >= 1, text);
    for (const [, name, says] of quoted) {
      assert.ok(Object.values(all).includes(name), `“${name}” is on show: ${text}`);
      assert.ok(says.startsWith(of), says);
      assert.equal(/ends in/.test(says), name.includes("_"), `${name}: ${says}`);
      assert.deepEqual(numbers(says), numbers(name), `${name}: ${says}`);
    }
    const id = (await pointedAt(page)) ?? "";
    assert.equal(all[id], quoted[0][1], `step ${at + 2} points at what it speaks of`);
    assert.match((await page.locator(`.node[data-id="${id}"]`).getAttribute("aria-label")) ?? "", new RegExp(`at “${place}”`));
    await page.locator("#inspector h2").getByText(quoted[0][1], { exact: true }).waitFor();
    if (at === 2) assert.ok(numbers(quoted[0][1]).includes("5"), "the last digit of 95");
    if (at === 3)
      assert.ok(
        numbers(quoted[0][1]).some((number) => Math.abs(Number(number) - 95) <= 5),
        quoted[0][1],
      );
  }

  // What it suggests at the end does what it says.
  await guide(page).getByRole("button", { name: "Next" }).click();
  assert.match(await guide(page).locator("p").innerText(), /opposite of “sum ~ \d+”.*instead of 95/);
  await guide(page).getByRole("button", { name: "Write its opposite" }).click();
  const outcome = guide(page).getByText(/With that set, the model says \d+ or \d+: the rough size is gone, the last digit is not\./);
  await outcome.waitFor();
  const first = (await page.locator("#answers .token").allInnerTexts()).slice(0, 2);
  assert.ok((await outcome.innerText()).includes(`says ${first[0]} or ${first[1]}:`));
  for (const answer of first) assert.ok(answer.endsWith("5") && Math.abs(Number(answer) - 95) >= 10, answer);
  await guide(page).getByRole("button", { name: "Let it go" }).click();
  await guide(page).getByText("Put it to the test").waitFor();
  await guide(page).getByRole("button", { name: "Write its opposite" }).click();
  await page.locator("#steering").waitFor();
  await guide(page).getByRole("button", { name: "Done" }).click();
  await page.locator("#steering").waitFor({ state: "hidden" });
});

test("while plots are missing it points at no feature, and when they come at the right one", async (t) => {
  const page = await openPage(t, { query: CPU, firstVisit: true });
  await page.locator(".node.logit").first().waitFor();
  const missing = (await page.locator(".node.feature:not(.plotted)").count()) > 0;
  for (let i = 0; i < 4; i++) await guide(page).getByRole("button", { name: "Next" }).click();
  if (missing && (await guide(page).getByText("being computed").count()))
    assert.equal(await page.locator(".node.feature.selected").count(), 0);
  await guide(page).getByText("is about").waitFor({ timeout: 60_000 });
  assert.match((await names(page))[(await pointedAt(page)) ?? ""], /^sum ~/);
});

test("by keyboard alone: the keyboard stays in the guide from step to step, and goes back to its button", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await page.locator("#guide-begin").focus();
  await page.keyboard.press("Enter");
  const here = () => page.evaluate(() => document.activeElement?.textContent);
  for (const name of ["Next", "Next", "Next", "Next", "Next", "Done"]) {
    assert.equal(await here(), name);
    if (name === "Next") await page.keyboard.press("Enter");
    await page.waitForTimeout(150);
  }
  await plotsDrawn(page); // redraws on the way take nothing away
  assert.equal(await here(), "Done");
  await page.keyboard.press("Shift+Tab");
  for (const step of [5, 4, 3, 2, 1, 1]) {
    await page.keyboard.press("Enter");
    assert.equal(await here(), "Back");
    assert.equal(await guide(page).locator(".count").innerText(), `${step} of 6`);
  }
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "guide-begin");
});

test("in every step the guide and what it points at are on the screen, neither over the other, on all screens", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await plotsDrawn(page);
  for (const [width, height] of [
    [390, 844],
    [640, 400],
    [1280, 800],
  ]) {
    await page.setViewportSize({ width, height });
    await page.evaluate(() => scrollTo(0, 0));
    await page.waitForTimeout(200);
    await page.locator("#guide-begin").click();
    for (let step = 1; step <= 6; step++) {
      await page.waitForFunction((at) => document.querySelector("#guide .count")?.textContent === `${at} of 6`, step);
      await page.waitForTimeout(200);
      const found = await page.evaluate(() => {
        const [box, node] = ["#guide", ".node.selected .frame"].map((each) =>
          /** @type {Element} */ (document.querySelector(each)).getBoundingClientRect(),
        );
        const there = document.elementFromPoint(node.left + node.width / 2, node.top + node.height / 2);
        return { guide: box.top >= 0 && box.bottom <= innerHeight, node: there?.closest(".node")?.classList.contains("selected") };
      });
      assert.deepEqual(found, { guide: true, node: true }, `${width} px, step ${step}`);
      if (step < 6) await guide(page).getByRole("button", { name: "Next" }).click();
    }
    await guide(page).getByRole("button", { name: "Leave" }).click();
  }
});

test("whoever types a prompt of their own is past the guide", async (t) => {
  const page = await openPage(t, { query: CPU, firstVisit: true });
  await guide(page).waitFor();
  await type(page, "calc: 1+2=");
  await guide(page).waitFor({ state: "hidden" });
});
