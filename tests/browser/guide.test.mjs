// The guide: what it says agrees with what is on show, it keeps the keyboard, and it is on the screen, on a phone too.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, plotsDrawn, type } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";

/** @param {Page} page */
const guide = (page) => page.locator("[data-part=guide]");

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

test("it says of a feature what its name says, points at that feature, and takes the rough size away and gives it back", async (t) => {
  const page = await openPage(t, { query: CPU, firstVisit: true });
  await answers(page, "95");
  await plotsDrawn(page);
  const all = await names(page);
  const next = () => guide(page).getByRole("button", { name: "Next" }).click();
  const numbers = (/** @type {string} */ name) => [...name.matchAll(/\d+/g)].map(([digits]) => digits);
  for (const [of, place, digits] of /** @type {const} */ ([
    ["the second number", "59", false],
    ["the second number", "59", true],
    ["both", "", true],
    ["both", "", false],
    ["the sum", "=", true],
    ["the sum", "=", false],
  ])) {
    await next();
    const text = await guide(page).locator("p").innerText();
    const [, name] = /** @type {RegExpExecArray} */ (/“([^”]+)”/.exec(text));
    const id = (await pointedAt(page)) ?? "";
    assert.equal(all[id], name, `it points at what it speaks of: ${text}`);
    if (of === "both") {
      assert.equal(
        name
          .split(", ")[0]
          .match(/^[_~]|(?<= \+ )[_~]/g)
          ?.join(""),
        digits ? "__" : "~~",
        text,
      );
      continue;
    }
    const quoted = [...text.matchAll(/“([^”]+)”(?:: it|,) fires where ([^,.:]+)/g)];
    assert.ok(quoted.length >= 1, text);
    for (const [, name, says] of quoted) {
      assert.ok(Object.values(all).includes(name), `“${name}” is on show: ${text}`);
      assert.ok(says.startsWith(of), says);
      assert.equal(/ends in/.test(says), name.includes("_"), `${name}: ${says}`);
      assert.equal(name.includes("_"), digits, text);
      assert.deepEqual(numbers(says), numbers(name), `${name}: ${says}`);
    }
    assert.match((await page.locator(`.node[data-id="${id}"]`).getAttribute("aria-label")) ?? "", new RegExp(`at “${place}”`));
    await page.locator("[data-part=inspector] h2").getByText(name, { exact: true }).waitFor();
    if (of === "the sum" && digits) assert.ok(numbers(name).includes("5"), "the last digit of 95");
    if (of === "the sum" && !digits)
      assert.ok(
        numbers(name).some((number) => Math.abs(Number(number) - 95) <= 5),
        name,
      );
  }

  await next();
  await guide(page).getByText("95 is the answer that fits").waitFor();
  await next();
  const outcome = guide(page).getByText(/With that set, the model says \d+( or \d+)?: another rough size, the same last digit\./);
  await outcome.waitFor();
  assert.match(await outcome.innerText(), /^“sum ~ \d+” now writes the opposite/);
  const said =
    /says (\d+)(?: or (\d+))?:/
      .exec(await outcome.innerText())
      ?.slice(1)
      .filter(Boolean) ?? [];
  assert.deepEqual((await page.locator("[data-part=answers] .token").allInnerTexts()).slice(0, said.length), said);
  for (const answer of said) assert.ok(answer.endsWith("5") && Math.abs(Number(answer) - 95) >= 10, answer);
  await guide(page).getByRole("button", { name: "Back" }).click();
  await page.locator("[data-part=steering]").waitFor({ state: "hidden" });
  await next();
  await page.locator("[data-part=steering]").waitFor();
  await next();
  await page.locator("[data-part=steering]").waitFor({ state: "hidden" });
  // Asked how, it tells what school teaches: as it goes on, and as the guide says that it does.
  const story = guide(page).getByText(/It goes on: “I added the ones: 6\+9=15/);
  await story.waitFor();
  assert.equal(await page.locator("[data-part=prompt]").inputValue(), "How did you get 36+59?");
  await guide(page).getByRole("button", { name: "Done" }).click();
  await guide(page).waitFor({ state: "hidden" });
});

test("while plots are missing it points at no feature, and when they come at the right one", async (t) => {
  const page = await openPage(t, { query: CPU, firstVisit: true });
  await page.locator(".node.logit").first().waitFor();
  const missing = (await page.locator(".node.feature:not(.plotted)").count()) > 0;
  for (let i = 0; i < 6; i++) await guide(page).getByRole("button", { name: "Next" }).click();
  if (missing && (await guide(page).getByText("being computed").count()))
    assert.equal(await page.locator(".node.feature.selected").count(), 0);
  await guide(page).getByText("is about").waitFor({ timeout: 60_000 });
  assert.match((await names(page))[(await pointedAt(page)) ?? ""], /^sum ~/);
});

test("by keyboard alone: the keyboard stays in the guide from step to step, and goes back to its button", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await page.locator("[data-part=guide-begin]").focus();
  await page.keyboard.press("Enter");
  await guide(page).getByRole("button", { name: "Next" }).waitFor(); // its scripts come when it is asked for
  const here = () => page.evaluate(() => document.activeElement?.textContent);
  for (const name of [...Array(9).fill("Next"), "Done"]) {
    assert.equal(await here(), name);
    if (name === "Next") await page.keyboard.press("Enter");
    await page.waitForTimeout(150);
  }
  await page.waitForTimeout(1500); // redraws on the way take nothing away
  assert.equal(await here(), "Done");
  await page.keyboard.press("Shift+Tab");
  for (const step of [9, 8, 7, 6, 5, 4, 3, 2, 1, 1]) {
    await page.keyboard.press("Enter");
    assert.equal(await here(), "Back");
    assert.equal(await guide(page).locator(".count").innerText(), `${step} of 10`);
  }
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-part")), "guide-begin");
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
    await page.locator("[data-part=guide-begin]").click();
    for (let step = 1; step <= 10; step++) {
      await page.waitForFunction((at) => document.querySelector("[data-part=guide] .count")?.textContent === `${at} of 10`, step);
      await page.waitForTimeout(200);
      const found = await page.evaluate(() => {
        const [box, node] = ["[data-part=guide]", ".node.selected .frame"].map((each) =>
          document.querySelector(each)?.getBoundingClientRect(),
        );
        if (!box || !node) return { guide: box && box.top >= 0 && box.bottom <= innerHeight, node: undefined };
        const there = document.elementFromPoint(node.left + node.width / 2, node.top + node.height / 2);
        return { guide: box.top >= 0 && box.bottom <= innerHeight, node: there?.closest(".node")?.classList.contains("selected") };
      });
      // The first step is of all that is on show.
      assert.deepEqual(found, { guide: true, node: step === 1 ? undefined : true }, `${width} px, step ${step}`);
      if (step < 10) await guide(page).getByRole("button", { name: "Next" }).click();
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

test("it does not talk over what a link asks for", async (t) => {
  for (const asked of ["&target=96", "&steer=3/511@7=x0", "&hold=nothing", "&head=3.0@7"]) {
    const page = await openPage(t, { query: CPU + asked, firstVisit: true });
    await answers(page, "95");
    await page.locator("[data-part=guide-begin]").waitFor();
    await page.waitForTimeout(1500);
    assert.equal(await guide(page).isVisible(), false, asked);
  }
});

test("who comes with a prompt of their own has it again when they leave", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  await page.getByRole("button", { name: "Guide", exact: true }).click();
  await answers(page, "95");
  await guide(page).getByRole("button", { name: "Leave the guide" }).click();
  await answers(page, "42");
});
