// Study 6, as a visitor has it: a vignette's differential beside Bayes' rule, the question, and what becomes of it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { openPage, RELOADS, screenshot } from "./harness.mjs";

/** @import { Page } from "playwright-core" */

const WAIT = { timeout: 60_000 };
const PHONE = { width: 390, height: 844 };
/** Of the teacher, the four given ones last. */
const { cases } = JSON.parse(await readFile(new URL("../unit/posteriors.json", import.meta.url), "utf8"));
const { conditions } = JSON.parse(await readFile(new URL("../../www/studies/differential.json", import.meta.url), "utf8"));

/** @param {import("node:test").TestContext} t @param {object} [more] */
const open = (t, more) => openPage(t, { webgpu: false, allow: RELOADS, path: "studies/differential.html", ...more });

/** Until the differential and the question of what is on show are told. @param {Page} page */
async function told(page) {
  await page.locator("#dx").scrollIntoViewIfNeeded();
  await page.locator("#leads", { hasText: /leading condition/ }).waitFor(WAIT);
  await page.locator("#ask").scrollIntoViewIfNeeded();
  await page.locator("#unspoken", { hasText: /The model asks for/ }).waitFor(WAIT);
  return { leads: await page.locator("#leads").innerText(), unspoken: await page.locator("#unspoken").innerText() };
}

/** @param {Page} page @param {string} name */
async function take(page, name) {
  await page.locator("#vignettes").scrollIntoViewIfNeeded();
  await page.getByRole("button", { name }).click();
  return told(page);
}

/** What each asks for, with its chance in percent. @param {Page} page */
async function questions(page) {
  const rows = await page
    .locator("#questions tbody tr")
    .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));
  const best = (/** @type {number} */ column) => {
    const chance = (/** @type {string[]} */ row) => Number.parseFloat(row[column]) || 0;
    const [row] = rows.toSorted((a, b) => chance(b) - chance(a));
    return { name: row[0], chance: chance(row) };
  };
  return { model: best(1), bayes: best(2) };
}

/** @param {Page} page */
async function inhibit(page) {
  await page.locator("#inhibit").scrollIntoViewIfNeeded();
  const button = page.locator("#inhibit button.break");
  await page.locator("#inhibit button.break:enabled").waitFor(WAIT);
  await button.hover();
  await page.mouse.down();
  await page.locator("#inhibit p.told", { hasText: /question/ }).waitFor(WAIT);
  const answer = await page.locator("figure:has(#inhibit) atto-outcome .saying b").innerText();
  const line = await page.locator("#inhibit p").innerText();
  const [says, first] = [await page.locator("#questions-say").innerText(), await questions(page)];
  await page.mouse.up();
  await page.locator("figure:has(#inhibit) atto-outcome .outcome:not(.broken)").waitFor(WAIT);
  assert.equal(await page.locator("#questions-say").innerText(), "What each asks for");
  return { answer, line, says, first };
}

test("the notice stands before everything, and each vignette’s differential is beside the teacher’s", async (t) => {
  const page = await open(t);
  const notice = await page.locator(".notice").boundingBox();
  assert.match(await page.locator(".notice").innerText(), /^Not medical advice\./);
  assert.ok(notice && notice.y < 450, "in sight");
  const names = await page.locator("#vignettes button").allInnerTexts();
  assert.equal(names.length, 4);
  for (const [i, name] of names.entries()) {
    const { leads, unspoken } = await take(page, name);
    const { chances, asks, asksWithout } = cases.at(i - 4);
    const best = chances.indexOf(Math.max(...chances));
    const rows = await page
      .locator("#chances tbody tr")
      .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
    const row = rows.find(([condition]) => condition === conditions[best]);
    assert.ok(row, `${conditions[best]} is among ${rows.map(([condition]) => condition)}`);
    assert.ok(Math.abs(Number.parseFloat(row[2] ?? "") - 100 * chances[best]) < 0.06, `${name}: ${row}`);
    const first = rows.toSorted((a, b) => Number.parseFloat(b[1] ?? "") - Number.parseFloat(a[1] ?? ""))[0];
    assert.ok(leads.includes(`leading condition is ${first[0]}, ${first[1]}`), `${leads} | ${first}`);
    assert.equal(leads.includes("So it is by Bayes’ rule"), first[0] === conditions[best]);
    const answer = await page.locator("#ask .story-card.of-answer .title").first().innerText();
    assert.ok(unspoken.includes(`asks for ${answer}`), `${unspoken} | ${answer}`);
    // Beside it what the teacher would ask.
    const { model, bayes } = await questions(page);
    const [[asked, share]] = asks;
    assert.equal(model.name, answer);
    assert.ok(bayes.name === asked && Math.abs(bayes.chance - 100 * share) < 0.06, `${bayes.name} ${bayes.chance}, not ${asks[0]}`);
    assert.ok(unspoken.includes(answer === asked ? "So does Bayes’ rule." : `Bayes’ rule asks for ${asked}.`), unspoken);
    const named = (await page.locator("#ask .story-card.of-features .title").allInnerTexts()).filter((title) =>
      title.includes(first[0] ?? ""),
    );
    const button = page.locator("#inhibit button.break");
    if (named.length === 0) {
      assert.match(unspoken, /^No card names/);
      assert.equal(await button.isDisabled(), true);
      assert.equal(await page.locator("#four tbody tr").nth(i).locator("td").last().innerText(), "nothing to inhibit");
      continue;
    }
    assert.match(unspoken, new RegExp(`^${named.length} cards? names? ${first[0]}`));
    const after = await inhibit(page);
    assert.ok(after.line.includes(after.answer));
    assert.equal(after.says, `${first[0]}: inhibited in the model, ruled out for Bayes’ rule`);
    assert.equal(after.first.model.name, after.answer);
    if (first[0] === conditions[best]) {
      assert.equal(after.first.bayes.name, asksWithout[0][0]);
      assert.ok(after.line.includes(`With ${first[0]} ruled out, Bayes’ rule asks for ${asksWithout[0][0]} (`), after.line);
    }
    assert.match(after.line, after.answer === answer ? /the question stays/ : /the question is another/);
    const cells = await page.locator("#four tbody tr").nth(i).locator("td").allInnerTexts();
    assert.ok(cells[0] === String(named.length) && cells[1].startsWith(answer) && cells[2].startsWith(after.answer), `${cells}`);
  }
  await screenshot(page, "study-differential");
});

test("heart failure inhibited, the model asks for what tells another condition; let go, it asks as before", async (t) => {
  const page = await open(t);
  await told(page);
  await page.getByRole("button", { name: "Breathless, with swollen ankles" }).click();
  // What is said of the vignette before goes at once.
  assert.doesNotMatch(await page.locator("#inhibit p").innerText(), /preeclampsia/);
  await told(page);
  const { line, answer } = await inhibit(page);
  assert.notEqual(answer, "orthopnoea");
  assert.match(line, /As expected, the question is another: orthopnoea had .* By the table that is most frequent in (?!heart failure)/);
  assert.equal(await page.locator("figure:has(#inhibit) atto-outcome .saying b").innerText(), "orthopnoea");
});

test("a vignette of one’s own is written as the model has read them, and what it never read of is refused", async (t) => {
  const page = await open(t);
  await take(page, "A sudden headache");
  await page.locator("#compose summary").click();
  const finding = page.locator("input[name=finding]");
  await finding.fill("a stiff neck");
  await page.getByRole("button", { name: "Present", exact: true }).click();
  assert.equal(
    await page.locator("#text").innerText(),
    "A 35-year-old presents with a sudden headache at the back of the head and a stiff neck.",
  );
  assert.equal(await page.locator("#vignettes [aria-pressed=true]").count(), 0);
  await finding.fill("fever");
  await page.getByRole("button", { name: "Absent", exact: true }).click();
  await page.locator("select[name=sex]").selectOption("female");
  const { leads } = await told(page);
  assert.match(leads, /subarachnoid haemorrhage/);
  assert.match(
    await page.locator("#dx").evaluate((each) => /** @type {any} */ (each).prompt),
    /She has no fever\. The most likely diagnosis is$/,
  );
  for (const [name, value, sentence] of [
    ["age", "7", /from 18 to 88/],
    ["weeks", "15", /weeks 5 to 11 and 24 to 39/],
  ]) {
    await page.locator(`#facts input[name=${name}]`).fill(/** @type {string} */ (value));
    assert.match(await page.locator("#fault").innerText(), /** @type {RegExp} */ (sentence));
    await page.locator(`#facts input[name=${name}]`).fill(name === "age" ? "35" : "");
  }
  await finding.fill("nothing of the kind");
  await finding.press("Enter");
  assert.match(await page.locator("#fault").innerText(), /The table has no “nothing of the kind”/);
  // What does not fit takes nobody's place unasked.
  for (const list of ["Absent", "Present"])
    for (const more of ["fatigue", "nausea", "dizziness", "vomiting", "chills", "weight loss", "palpitations"]) {
      await finding.fill(more);
      await page.getByRole("button", { name: list, exact: true }).click();
      if (list === "Absent") assert.match(await page.locator("#fault").innerText(), /one absent finding at most: take that away first/);
    }
  assert.match(await page.locator("#fault").innerText(), /at most 6 findings at once: take one away first/);
  assert.equal(await page.locator("#findings .present").count(), 6);
  assert.match(await page.locator("#text").innerText(), /^A 35-year-old woman presents with a sudden headache/);
  await page.getByRole("button", { name: "Take away: no fever" }).click();
  assert.equal((await page.locator("#text").innerText()).includes("fever"), false);
});

test("a table that does not arrive is told of in a sentence", async (t) => {
  const page = await open(t, {
    allow: [...RELOADS, /differential\.json/, /ERR_FAILED/],
    before: (/** @type {Page} */ page) => page.route("**/differential.json", (route) => route.abort()),
  });
  await page.locator("#leads", { hasText: "did not arrive" }).waitFor();
});

test("on a phone all of it is in one column, and a finger inhibits", async (t) => {
  const page = await open(t, { viewport: PHONE, touch: true });
  await told(page);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
  const button = page.locator("#inhibit button.break");
  await page.locator("#inhibit button.break:enabled").waitFor(WAIT);
  await button.evaluate((each) => each.scrollIntoView({ block: "center" }));
  const box = /** @type {{ x: number, y: number, width: number, height: number }} */ (await button.boundingBox());
  const touch = await page.context().newCDPSession(page);
  await touch.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x: box.x + 40, y: box.y + 20 }] });
  await page.locator("#inhibit p.told", { hasText: /question/ }).waitFor(WAIT);
  await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await page.locator("figure:has(#inhibit) atto-outcome .outcome:not(.broken)").waitFor(WAIT);
  await screenshot(page, "study-differential-phone");
});
