// Why a head looks where it looks: opened from an edge or chosen, in pairs that add up to its score, and steered from there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { onTheCommandLine } from "./command-line.mjs";
import { openPage, RELOADS, screenshot } from "./harness.mjs";
import { answers, barriers, number, query, type } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";
const PROMPT = "calc: 36+59=";
const WIDE = { width: 1440, height: 900 };

/** Waits until the panel answers what is asked now, and reads it off. @param {Page} page */
async function told(page) {
  const panel = page.locator("[data-part=attention]:not(.waiting)");
  await panel.locator(".sums dd").nth(2).waitFor();
  return panel.evaluate((element) => {
    const ids = (/** @type {string} */ scope) =>
      [...element.querySelectorAll(`th[scope=${scope}]`)].map((each) => each.getAttribute("data-source") ?? "");
    const texts = (/** @type {ParentNode} */ within, /** @type {string} */ selector) =>
      [...within.querySelectorAll(selector)].map((each) => each.textContent ?? "");
    return {
      rows: ids("row"),
      columns: ids("col"),
      cells: [...element.querySelectorAll("tbody tr")].map((row) => texts(row, "td")),
      sums: texts(element, ".sums dd"),
      score: texts(element, ".sums dt")[2],
      shares: texts(element, ".pattern .share"),
      selects: [...element.querySelectorAll("select")].map((select) => select.value),
    };
  });
}

/** Asserts that what is shown adds up, as far as its digits tell. @param {Awaited<ReturnType<typeof told>>} shown */
function addsUp({ cells, sums }) {
  const parts = cells.flat().filter((text) => text !== "·");
  const [table, rest, score] = sums.map(number);
  const sum = parts.reduce((all, text) => all + number(text), 0);
  assert.ok(parts.length > 5);
  assert.ok(Math.abs(sum - table) < 0.006 * parts.length, `${sum} in the cells, ${table} told`);
  assert.ok(Math.abs(table + rest - score) < 0.16, `${table} and ${rest} against ${score}`);
}

test("a head that carries an edge leads to its pattern and the pairs of its score, which add up", async (t) => {
  const page = await openPage(t, { query: CPU, viewport: WIDE });
  await answers(page, "95");
  // A feature at the last token, which heads feed from the operands.
  await page.locator('[data-part=stage] .node.feature[data-id^="2_"][data-id$="_7"]').first().click();
  const edge = page.locator("[data-part=inspector] .flows.inputs > button[data-id$='_4']").first();
  const head = edge.locator("+ .way button").first();
  await head.waitFor();
  const name = (await head.innerText()).trim();
  await head.click();
  const shown = await told(page);
  assert.deepEqual(shown.selects, [name, "7", "4", ""], "from the edge's target to its source");
  addsUp(shown);
  const shares = shown.shares.map((text) => number(text.replace("< ", "")));
  assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 100) < 0.5, shares.join());
  await query(page, (search) => search.get("head") === `${name}@7-4`);
  assert.deepEqual(await barriers(page), []);
  await screenshot(page, "attention");

  // Who presses a source sees it in the inspector; off, it is set in the steering panel.
  const column = page.locator("[data-part=attention] th[scope=col]", { has: page.locator(".off") }).first();
  const id = (await column.getAttribute("data-source")) ?? "";
  await column.locator(".name").click();
  await query(page, (search) => search.get("selected") === id);
  await column.locator(".off").click();
  await page.locator("[data-part=steering-outcome] *").first().waitFor();
  const [layer, index, position] = id.split("_");
  const setting = `${layer}/${index}@${position}=x0`;
  await query(page, (search) => search.get("steer") === setting);
  // The pattern moves as the command line has it.
  await page.locator(".pattern .steered").first().waitFor();
  const [at] = name.split(".");
  const { steered } = onTheCommandLine("attention", PROMPT, ["--layer", at, "--head", name.split(".")[1], "--set", setting]);
  const moved = await page.locator(".pattern .steered").allTextContents();
  for (const [i, text] of moved.entries())
    assert.ok(Math.abs(number(text.replace(/→|< /g, "")) - 100 * steered[i]) < 0.06, `${i}: ${text}, ${steered[i]}`);
  assert.ok(
    steered.some((/** @type {number} */ share, /** @type {number} */ i) => Math.abs(100 * share - shares[i]) > 0.2),
    "it moves",
  );
  assert.equal(await column.locator(".off").getAttribute("aria-pressed"), "true");
  await column.locator(".off").click();
  await query(page, (search) => search.get("steer") === null);
  await page.locator(".pattern .steered").first().waitFor({ state: "detached" });
});

test("a score is what the command line says, pair by pair", async (t) => {
  const page = await openPage(t, { query: `${CPU}&head=1.0@7-4`, viewport: { width: 1920, height: 1080 } });
  await answers(page, "95");
  const shown = await told(page);
  const written = onTheCommandLine("attention", PROMPT, ["--layer", "1", "--head", "0", "--key", "4", "--most", "6"]);
  assert.ok(Math.abs(number(shown.sums[2]) - written.score) < 0.006, `${shown.sums[2]}: ${written.score}`);
  for (const [i, text] of shown.shares.entries())
    assert.ok(Math.abs(number(text.replace("< ", "")) - 100 * written.pattern[i]) < 0.06, `${i}: ${text}`);
  for (const { at_query, at_key, part } of written.pairs) {
    const [row, column] = [shown.rows.findIndex(is(at_query)), shown.columns.findIndex(is(at_key))];
    assert.ok(row >= 0 && column >= 0, `${at_query} x ${at_key} is in the table`);
    assert.ok(Math.abs(number(shown.cells[row][column]) - part) < 0.006, `${at_query} x ${at_key}: ${shown.cells[row][column]}, ${part}`);
  }
});

/** Whether a source of the page is the one that the command line names. @param {string} name @returns {(id: string) => boolean} */
function is(name) {
  const [, feature, position] = /^feature (\d+\/\d+)@(\d+)/.exec(name) ?? [];
  if (feature) return (id) => id === `${feature.replace("/", "_")}_${position}`;
  const [, token] = /^token .*@(\d+)$/.exec(name) ?? [];
  if (token) return (id) => id.startsWith("E_") && id.endsWith(`_${token}`);
  const [, layer, at] = /^error (\d+)@(\d+)$/.exec(name) ?? [];
  if (layer) return (id) => id.startsWith(`0_${layer}_`) && id.endsWith(`_${at}`);
  return (id) => id.toLowerCase().startsWith(name.slice(0, 6));
}

test("why one token and not another: the difference of two scores", async (t) => {
  const page = await openPage(t, { query: CPU, viewport: WIDE, allow: RELOADS });
  await answers(page, "95");
  await page.locator("[data-part=attention-begin]").click();
  await told(page);
  const [which, at, key, minus] = ["Head", "Query token", "Key token", "Other key token"].map((name) =>
    page.getByLabel(name, { exact: true }),
  );
  await which.selectOption("1.0");
  await at.selectOption("7");
  await key.selectOption("4");
  await query(page, (search) => search.get("head") === "1.0@7-4");
  const first = await told(page);
  await minus.selectOption("6");
  await query(page, (search) => search.get("head") === "1.0@7-4-6");
  const both = await told(page);
  assert.match(both.score, /“36” \(4\) less that of “59” \(6\)/);
  addsUp(both);
  await page.locator(".pattern button").nth(6).click();
  await query(page, (search) => search.get("head") === "1.0@7-6");
  const second = await told(page);
  assert.ok(Math.abs(number(first.sums[2]) - number(second.sums[2]) - number(both.sums[2])) < 0.012, "their difference");
  const written = onTheCommandLine("attention", PROMPT, ["--layer", "1", "--head", "0", "--key", "4", "--minus", "6"]);
  assert.ok(Math.abs(number(both.sums[2]) - written.score) < 0.006);

  await page.reload();
  assert.deepEqual(await told(page), second, "a link shows the same");
  await type(page, "calc: 17+25=");
  await page.locator("[data-part=attention] caption", { hasText: "“25”" }).waitFor();
  assert.match((await told(page)).score, /“25” \(6\)/, "of another prompt the same head");
});

test("by keyboard: opened, a token chosen, a source looked at, closed", async (t) => {
  const page = await openPage(t, { query: CPU, viewport: WIDE });
  await answers(page, "95");
  await page.locator("[data-part=attention-begin]").focus();
  await page.keyboard.press("Enter");
  await told(page);
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")), "Head");
  assert.equal(await page.locator("[data-part=pane]").isVisible(), false, "it stands in the graph's place");
  const token = page.locator(".pattern button").nth(4);
  await token.focus();
  await page.keyboard.press("Enter");
  await page.locator('.pattern button[aria-pressed="true"] .token', { hasText: "36" }).waitFor();
  assert.equal(await token.evaluate((each) => each === document.activeElement), true, "the keyboard stays where it was");
  const source = page.locator("[data-part=attention] th button.name").first();
  await source.focus();
  await page.keyboard.press("Enter");
  await query(page, (search) => search.get("selected") !== null);
  await page.keyboard.press("Escape");
  await page.locator("[data-part=attention]").waitFor({ state: "hidden" });
  await page.locator("[data-part=pane]").waitFor();
  await query(page, (search) => search.get("head") === null && search.get("selected") !== null);
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-part")), "attention-begin");
  // Its button opens it, and pressed again closes it.
  await page.keyboard.press("Enter");
  await told(page);
  await page.locator("[data-part=attention-begin][aria-pressed=true]").press("Enter");
  await page.locator("[data-part=attention]").waitFor({ state: "hidden" });
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-part")), "attention-begin");
});

test("a head that there is not is told so, and another can be chosen", async (t) => {
  const page = await openPage(t, { query: `${CPU}&head=9.9@7`, viewport: WIDE });
  await answers(page, "95");
  await page.locator("[data-part=attention]").getByText("There is no head 9.9: this model has 4 layers of 4 heads").waitFor();
  await page.getByLabel("Head", { exact: true }).selectOption("3.3");
  addsUp(await told(page));
});

for (const theme of ["light", "dark"]) {
  test(`on a phone nothing is wider than the page, ${theme}`, async (t) => {
    const page = await openPage(t, { query: `${CPU}&theme=${theme}&head=1.0@7-4-6`, viewport: { width: 390, height: 844 } });
    await answers(page, "95");
    const shown = await told(page);
    addsUp(shown);
    assert.ok(shown.columns.length >= 2);
    const [page390, pane] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      /** @type {Element} */ (document.querySelector(".matrix")).scrollWidth -
        /** @type {Element} */ (document.querySelector(".matrix")).clientWidth,
    ]);
    assert.equal(page390, 390);
    assert.equal(pane, 0, "the table needs no scrolling either");
    assert.deepEqual(await barriers(page), []);
  });
}

test("of a vignette, too: long names and long prompts", async (t) => {
  const page = await openPage(t, { query: `${CPU}&model=diagnosis`, viewport: WIDE });
  await page.locator(".node.logit").first().waitFor({ timeout: 60_000 });
  await page.locator("[data-part=attention-begin]:not(:disabled)").click();
  addsUp(await told(page));
  assert.match(
    await page
      .locator("[data-part=attention] .note")
      .allInnerTexts()
      .then((all) => all.join()),
    /other tokens have/,
  );
});
