// Steering: features set to other activations, what the original model then says, and what the graph had predicted.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { activation, EARLIER, feature, name, SECOND, STRONGEST, set, silent } from "./circuit.mjs";
import { openPage, RELOADS, screenshot } from "./harness.mjs";
import { answers, number, plotsDrawn, query, save } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";
const SILENT = silent();

/**
 * Opens the sum with a feature selected.
 * @param {{ after: (fn: () => Promise<void>) => void }} t
 * @param {{ engine?: string, node?: string }} [options]
 */
async function selected(t, { engine = "cpu", node = STRONGEST } = {}) {
  const page = await openPage(t, { query: `?engine=${engine}`, allow: RELOADS, viewport: { width: 1440, height: 1000 } });
  await answers(page, "95");
  await page.locator(`.node[data-id="${node}"]`).click();
  await page.locator(".steer-buttons").waitFor();
  return page;
}

/** The rows of the answers: token, before and after in percent. @param {Page} page */
async function shifts(page) {
  await page.locator("[data-part=answers].steered").waitFor();
  const rows = await page
    .locator("[data-part=answers] li")
    .evaluateAll((all) =>
      all.map((each) => [each.querySelector(".token")?.textContent ?? "", each.querySelector(".share")?.textContent ?? ""]),
    );
  return rows.map(([token, share]) => {
    const [before, after] = share.split("→").map((text) => Number(text.replace(/[<% ]/g, "")));
    return { token, before, after };
  });
}

/** Waits until what came of steering is on show. @param {Page} page */
async function told(page) {
  await page.locator("[data-part=steering]:not(.waiting)").waitFor();
  await page.locator(".steering-logits").waitFor();
}

/** The strongest predicted and measured changes, as the table has them. @param {Page} page */
async function foretold(page) {
  const cells = await page
    .locator(".steering-foretold tbody tr")
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent ?? "")));
  return cells.map((row) => row.map(number));
}

for (const engine of ["cpu", "gpu"]) {
  test(`a feature is switched off, and its answers stand beside the old ones: ${engine}`, async (t) => {
    const page = await selected(t, { engine });
    const button = page.locator(".steer-buttons button", { hasText: "Off" });
    await button.click();
    const after = await shifts(page);
    await told(page);
    const was = after.find(({ token }) => token === "95");
    assert.ok(was && was.before > 99.5, "the old answer and its old probability stay in sight");
    assert.ok(was.after < was.before - 0.05, `95 is less probable: ${was.after}`);
    assert.equal(await page.locator("[data-part=answers-caption]").innerText(), "Next token, steered");
    assert.match(await page.locator(`.node[data-id="${STRONGEST}"] .moved`).innerHTML(), /off/);
    const [up, down] = await Promise.all(
      ["li:not(.negative)", "li.negative"].map((row) => page.locator(`.steering-logits ${row} .weight`).allInnerTexts()),
    );
    assert.ok(up.length > 0 && down.length > 0 && down.every((text) => text.startsWith("−")));
    // A second press lets go.
    await button.click();
    await page.locator("[data-part=answers]:not(.steered)").waitFor();
    assert.ok(await page.locator("[data-part=steering]").isHidden());
    assert.equal(await page.locator(".moved").count(), 0);
  });

  test(`with everything frozen what happens is what the graph predicts, and else nearly: ${engine}`, async (t) => {
    const page = await selected(t, { engine, node: EARLIER });
    await page.locator(".steer-buttons button", { hasText: "×−1" }).click();
    await told(page);
    for (const [mode, tolerance] of /** @type {const} */ ([
      ["direct", 0.02],
      ["patterns", 1],
      ["constrained", 1],
      ["free", 1],
    ])) {
      await page.locator("[data-part=steering-mode]").selectOption(mode);
      await query(page, (search) => (search.get("mode") ?? "free").startsWith(mode));
      await told(page);
      const rows = await foretold(page);
      assert.ok(rows.length > 0, mode);
      for (const [predicted, measured] of rows)
        assert.ok(Math.abs(predicted - measured) <= tolerance * Math.max(0.5, Math.abs(measured)), `${mode}: ${predicted} and ${measured}`);
      if (mode !== "direct") continue;
      await page.locator(".moved-most button", { hasText: "Show all" }).click();
      assert.ok((await foretold(page)).length > rows.length, "every node that responds is listed");
      await page.locator(".moved-most button", { hasText: "Show the largest" }).click();
      assert.match(await page.locator(".steering-foretold h3 small").innerText(), /r = 1\.00, slope 1\.00/);
    }
    assert.ok((await page.locator("[data-part=steering-says]").innerText()).length > 20, "the mode is explained");
  });
}

test("a slider takes a feature from minus five to five times, a field to any activation, and marks tell what moved", async (t) => {
  const page = await selected(t);
  await page.locator(".steer-buttons button", { hasText: "×2" }).click();
  await told(page);
  const slider = page.locator("[data-part=steering-set] input[type=range]");
  assert.deepEqual([await slider.getAttribute("min"), await slider.getAttribute("max")], ["-5", "5"]);
  await slider.focus();
  await page.keyboard.press("End");
  await query(page, (search) => search.get("steer") === set(STRONGEST, "x5"));
  await page.keyboard.press("Home");
  await query(page, (search) => search.get("steer") === set(STRONGEST, "x-5"));
  const low = (await shifts(page)).find(({ token }) => token === "95");
  assert.ok(low && low.after < 60, `at minus five 95 is gone: ${low?.after}`);
  const field = page.locator("[data-part=steering-set] input[type=number]");
  await field.fill("3.25");
  await field.press("Enter");
  await query(page, (search) => search.get("steer") === set(STRONGEST, "3.25"));
  await page.locator("[data-part=steering-set] button", { hasText: "×" }).click();
  await page.locator("[data-part=steering]").waitFor({ state: "hidden" });
});

test("several at once, silent ones too; the address keeps them, and undo and redo go through them", async (t) => {
  const page = await selected(t);
  await page.locator(".steer-buttons button", { hasText: "Off" }).click();
  await told(page);
  await page.locator("[data-part=steering-add] summary").click();
  // Names and tokens to choose from; what has no name here goes by layer and number.
  await page
    .locator(`[data-part=features-known] option[value="${await name(page, STRONGEST)} ${feature(STRONGEST)}"]`)
    .waitFor({ state: "attached", timeout: 60_000 });
  const chosen = page.locator("[data-part=steering-add] input[name=feature]");
  await chosen.fill("no such feature");
  await chosen.press("Tab");
  assert.match(await chosen.evaluate((/** @type {HTMLInputElement} */ each) => each.validationMessage), /layer and number/);
  await chosen.fill(await name(page, SECOND));
  await chosen.press("Tab");
  assert.ok(
    Math.abs(Number(await page.locator("[data-part=steering-add] input[name=value]").inputValue()) - activation(SECOND)) < 0.01,
    "as strong as it is here",
  );
  await chosen.fill(SILENT);
  assert.equal(
    await page
      .locator("[data-part=steering-add] select")
      .evaluate((/** @type {HTMLSelectElement} */ each) => each.selectedOptions[0].textContent),
    "= (7)",
  );
  await page.locator("[data-part=steering-add] input[name=value]").fill("2.5");
  const [form, screen] = [
    await page.locator("[data-part=steering-add] form").boundingBox(),
    await page.locator("[data-part=steering]").boundingBox(),
  ];
  assert.ok(form && screen && form.y >= screen.y && form.y + form.height <= screen.y + screen.height, "the form is inside its panel");
  await page.locator("[data-part=steering-add] button").click();
  await query(page, (search) => search.get("steer") === `${set(STRONGEST, "x0")},${SILENT}@7=2.5`);
  await told(page);
  assert.equal(await page.locator("[data-part=steering-count]").innerText(), "2 features");
  assert.match(await page.locator("[data-part=steering-set]").innerText(), /no node of this graph/);
  assert.match(await page.locator("[data-part=steering-outcome]").innerText(), /1 of the 2 features set is not in this graph/);
  await page.keyboard.press("Escape");
  const before = await shifts(page);
  await page.reload();
  await told(page);
  assert.deepEqual(await shifts(page), before, "the same after a reload");
  await page.locator("[data-part=steering-clear]").click();
  await page.locator("[data-part=steering]").waitFor({ state: "hidden" });
  await page.locator("[data-part=undo]").click();
  await told(page);
  assert.deepEqual(await shifts(page), before);
  await page.locator("[data-part=redo]").click();
  await page.locator("[data-part=answers]:not(.steered)").waitFor();
});

test("a button that is held down while its panel is drawn anew still counts", async (t) => {
  const page = await selected(t);
  await plotsDrawn(page);
  const button = page.locator(".steer-buttons button", { hasText: "Off" });
  await button.hover();
  await page.mouse.down();
  await page.emulateMedia({ colorScheme: "dark" }); // every panel is drawn in the new colours
  await page.locator("[data-part=theme]", { hasText: "Light" }).waitFor();
  await page.mouse.up();
  await query(page, (search) => search.get("steer") === set(STRONGEST, "x0"));
});

test("a feature is set at every token where it is active", async (t) => {
  const page = await openPage(t, { query: `${CPU}&model=diagnosis`, viewport: { width: 1440, height: 1000 } });
  await page.locator(".node.feature").first().waitFor({ timeout: 30_000 });
  // One of those on show that is active more than once.
  for (const node of await page.locator(".node.feature").all()) {
    await node.click();
    const index = (await node.getAttribute("data-id"))?.split("_")[1];
    await page
      .locator("[data-part=inspector] header h2, [data-part=inspector] .where", { hasText: new RegExp(`Feature ${index}(,|$)`) })
      .first()
      .waitFor(); // and no longer the one before
    await page.locator(".steer-buttons").waitFor();
    if ((await page.locator(".steer-buttons .wide").count()) > 0) break;
  }
  const count = Number(/\d+/.exec(await page.locator(".steer-buttons .wide").innerText())?.[0]);
  await page.locator(".steer-buttons .wide").click();
  await page.locator(".steer-buttons button", { hasText: "Off" }).click();
  await query(page, (search) => (search.get("steer") ?? "").split(",").length > 1);
  await told(page);
  assert.equal(await page.locator("[data-part=steering-set] li").count(), count);
  await page.locator("[data-part=undo]").click();
  await page.locator("[data-part=steering]").waitFor({ state: "hidden" });
});

test("the text goes on with what is set, beside the text without it", async (t) => {
  const page = await openPage(t, {
    query: `${CPU}&steer=${set(STRONGEST, "x-5")},${set(SECOND, "x-5")}`,
    viewport: { width: 1440, height: 1000 },
  });
  await told(page);
  const lines = page.locator(".steering-text > div");
  await lines.nth(1).locator("li").nth(4).waitFor();
  await lines.nth(0).locator("li").nth(4).waitFor();
  const first = await Promise.all([0, 1].map((i) => lines.nth(i).locator("li").first().innerText()));
  assert.equal(first[0], "95");
  const [top] = await shifts(page);
  assert.equal(first[1], top.token, "it begins with the steered answer");
  assert.notEqual(first[1], "95");
  assert.ok((await lines.nth(1).locator("li.changed").count()) > 0, "what differs is marked");
  assert.equal(await page.locator("[data-part=tokens] .goes-on").innerText(), "goes on, unsteered");
});

test("a supernode is switched off with a key, and the second prompt's features are put in the place of the first's", async (t) => {
  const page = await openPage(t, {
    query: `${CPU}&pinnedIds=${STRONGEST},${SECOND}&supernodes=${encodeURIComponent(JSON.stringify([["ends in 5", STRONGEST, SECOND]]))}`,
    viewport: { width: 1440, height: 1100 },
  });
  await answers(page, "95");
  await page.locator("[data-part=subgraph] g.item").first().focus();
  await page.keyboard.press("s");
  await query(page, (search) => search.get("steer") === `${set(STRONGEST, "x0")},${set(SECOND, "x0")}`);
  await told(page);
  await page.locator("[data-part=subgraph] g.item").first().focus();
  await page.keyboard.press("s");
  await query(page, (search) => search.get("steer") === null);

  await page.locator("[data-part=compare-begin]").click();
  await page.locator("[data-part=compare-prompt]").fill("calc: 39+59=");
  await page.locator("[data-part=compare-second] figcaption strong", { hasText: "98" }).waitFor();
  await page.locator("[data-part=compare-steer]:enabled").click();
  await told(page);
  const after = await shifts(page);
  const of = (/** @type {string} */ token) => after.find((each) => each.token === token);
  assert.ok((of("95")?.after ?? 100) < 50, "95 gives way");
  assert.ok((of("98")?.after ?? 0) > 5, `98 gains: ${JSON.stringify(after)}`);
});

test("what cannot be set is said in words, and the page stays usable", async (t) => {
  const page = await openPage(t, { query: `${CPU}&steer=9/1@7=x0,nonsense,${feature(STRONGEST)}@99=x0` });
  await answers(page, "95");
  await page.locator("[data-part=notice]", { hasText: "There is no feature 1 at layer 9" }).waitFor();
  await page.getByRole("alert").getByRole("button", { name: "Dismiss this message" }).click();
  await page.locator("[data-part=steering-clear]").click();
  await page.locator("[data-part=steering]").waitFor({ state: "hidden" });
  await page.locator(`.node[data-id="${STRONGEST}"]`).click();
  await page.locator(".steer-buttons button", { hasText: "Off" }).click();
  await page.locator("[data-part=answers].steered").waitFor();
});

test("keys on a node switch its feature off and on; on a phone all of it is in reach", async (t) => {
  const page = await openPage(t, { query: `${CPU}&selected=${STRONGEST}`, viewport: { width: 390, height: 844 } });
  await answers(page, "95");
  await plotsDrawn(page);
  await page.locator(`.node[data-id="${STRONGEST}"]`).focus();
  await page.keyboard.press("s");
  await told(page);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 390, `nothing is wider than the screen: ${width}`);
  // All at one moment: plots and names that arrive draw the panel anew.
  const outside = await page
    .locator("[data-part=steering] button:visible, [data-part=steering] input:visible, [data-part=steering] select:visible")
    .evaluateAll((all) =>
      all.flatMap((each) => {
        const { left, right } = each.getBoundingClientRect();
        return left >= 0 && right <= innerWidth + 1 ? [] : [each.outerHTML];
      }),
    );
  assert.deepEqual(outside, [], "every control is in sight");
  await page.locator("[data-part=steering]").scrollIntoViewIfNeeded();
  await screenshot(page, "steer-phone");
});

test("layers that are held reach what is set at first, and where they do not, that is told", async (t) => {
  const page = await selected(t);
  await page.locator(".steer-buttons button", { hasText: "Off" }).click();
  await told(page);
  await page.locator("[data-part=steering-mode]").selectOption("constrained");
  await query(page, (search) => search.get("mode") === "constrained:0-3"); // the strongest is of the last layer
  await told(page);
  assert.ok((await page.locator(".steering-logits li").count()) > 0);
  const says = page.locator("[data-part=steering-says]");
  assert.doesNotMatch(await says.innerText(), /nothing changes/);
  await page.getByLabel("Last layer that is held").fill("1");
  await page.keyboard.press("Enter");
  await says.getByText("What is set here writes to none of them: nothing changes.").waitFor();
});

test("on a phone all figures of steered answers are on the screen", async (t) => {
  const page = await openPage(t, {
    query: `${CPU}&steer=${encodeURIComponent(set(STRONGEST, "x-1"))}`,
    viewport: { width: 390, height: 844 },
    touch: true,
  });
  await page.locator("[data-part=answers].steered").waitFor({ timeout: 60_000 });
  const over = await page
    .locator("[data-part=answers] .share")
    .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().right - innerWidth));
  assert.ok(Math.max(...over) < 0, over.join());
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider than the screen");
});

test("steered answers of many letters leave their bars room", async (t) => {
  const page = await openPage(t, { query: `${CPU}&model=diagnosis&steer=3/0@9=x0`, viewport: { width: 1280, height: 800 } });
  await page.locator("[data-part=answers].steered.words").waitFor({ timeout: 60_000 });
  const widths = await page
    .locator("[data-part=answers] .bars")
    .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().width));
  assert.ok(widths.length > 3 && Math.min(...widths) > 18, widths.join());
});

test("an answer among all nodes says how probable it is now, as the list of answers does", async (t) => {
  const page = await selected(t);
  await page.locator(".steer-buttons button", { hasText: "×−1" }).click();
  await told(page);
  const now = (await shifts(page)).find(({ token }) => token === "95")?.after;
  const badge = await page.locator('.node.logit[aria-label*="95"] .moved').first().textContent();
  assert.equal(Number(badge?.replace(/now |[<% ]/g, "")), now);
  // What it was stays readable above it, in the page and in a saved picture, which says what was set.
  const [was, is] = await page.locator('.node.logit[aria-label*="95"]').evaluate((node) => {
    const box = (/** @type {string} */ part) => /** @type {Element} */ (node.querySelector(part)).getBoundingClientRect();
    return [box(".probability").bottom, box(".moved rect").top];
  });
  assert.ok(was <= is + 2, `${was} over ${is}`);
  const [download] = await Promise.all([page.waitForEvent("download"), save(page, "[data-part=save-svg]")]);
  const picture = (await readFile(await download.path(), "utf8")).replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
  const [first] = await shifts(page);
  assert.match(picture, / ×−1 /);
  assert.ok(picture.includes(`${badge}`), "with its badges");
  assert.ok(picture.replaceAll(" ", " ").includes(`×−1; the model then says ${first.token} (`), picture.slice(-700));
});

test("where what is set changes nothing, that is said", async (t) => {
  const page = await openPage(t, { query: `${CPU}&prompt=calc%3A+12%2B30%3D&steer=0/0@1=x0` });
  await answers(page, "42");
  await page.locator("[data-part=answers-caption]").getByText("Steered: no change").waitFor();
});
