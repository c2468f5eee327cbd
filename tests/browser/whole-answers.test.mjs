// Answers of several tokens are one answer: by its first token at first, then all of it, under one name wherever it is named.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { barriers, save, traced, wholeAnswers } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const DIAGNOSIS = "?model=diagnosis&engine=cpu";
/** @type {{ answers: string[], examples: { prompt: string, title: string }[] }} */
const MANIFEST = JSON.parse(await readFile(new URL("../../www/models/diagnosis/manifest.json", import.meta.url), "utf8"));
const ANSWERS = MANIFEST.answers.map((answer) => answer.trim());

/** The first example whose answer has several words. @param {Page} page */
async function severalWords(page) {
  for (const { prompt } of MANIFEST.examples.slice(0, 6)) {
    await page.locator("[data-part=prompt]").fill(prompt);
    await traced(page, prompt);
    const [answer] = await wholeAnswers(page);
    if (answer.includes(" ")) return { prompt, answer };
  }
  throw new Error("no example is answered with several words");
}

test("an answer is whole wherever it is named, and its graph is said to be that of its first token", async (t) => {
  const page = await openPage(t, { query: DIAGNOSIS });
  const { prompt, answer } = await severalWords(page);
  const all = await page.locator("[data-part=answers] .token").allInnerTexts();
  assert.deepEqual(
    all.filter((each) => !ANSWERS.includes(each)),
    [],
    "each is one that the model was trained to give",
  );
  const shares = await page.locator("[data-part=answers] .share").allInnerTexts();
  const others = shares.slice(1).map((share) => Number.parseFloat(share));
  assert.deepEqual(
    others,
    others.toSorted((a, b) => b - a),
    "the more probable, the higher",
  );
  const [word] = answer.split(" ");
  const part = `graph for its first token “␣${word}”`;
  assert.match(
    (await page.locator("[data-part=answers] .token").first().getAttribute("title")) ?? "",
    new RegExp(`“${answer}” alone: ${part}`),
  );

  const node = page.locator(".node.logit").first();
  assert.equal(await node.locator("text").first().textContent(), answer);
  const share = await page.locator("[data-part=answers] .share").first().innerText();
  assert.equal(await node.locator(".probability").textContent(), share, "one probability");
  const spoken = (await node.getAttribute("aria-label")) ?? "";
  assert.ok(spoken.startsWith(`Answer “${answer}”`) && spoken.endsWith(part), spoken);
  await node.hover();
  assert.match(await page.locator("[data-part=tooltip]").innerText(), new RegExp(`Answer “${answer}”[^]*${part}`));
  await node.click();
  await page.locator("[data-part=inspector] h2").getByText(`Answer “${answer}”`).waitFor();
  assert.match(await page.locator("[data-part=inspector]").innerText(), new RegExp(part));
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("[data-part=inspector] .chip.answer").innerText(), answer, "in the legend");
  await page.locator("[data-part=live]").getByText(`Answer ${answer}.`).waitFor({ state: "attached" });
  assert.deepEqual(await barriers(page), []);

  await page.locator("[data-part=answers] .token").first().click();
  await page.locator("[data-part=target-name]").getByText(answer, { exact: true }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll(".node.logit").length === 1);
  // What is typed may be the whole answer, too.
  const second = (await wholeAnswers(page)).find((each) => each !== answer && each.includes(" ")) ?? answer;
  await page.locator("[data-part=target] summary").click();
  const token = page.getByLabel("Token to explain");
  await token.fill(second);
  await token.press("Enter");
  await page.locator("[data-part=target-name]").getByText(second, { exact: true }).waitFor();
  await page.locator(".node.logit text").getByText(second, { exact: true }).waitFor();
  assert.equal(await page.locator("[data-part=prompt]").inputValue(), prompt);
});

test("until all of an answer is known its first token stands for it, and says so", async (t) => {
  const page = await openPage(t, {
    query: `${DIAGNOSIS}&node=0.79`, // of what is recorded the answers are known
    // What comes once a prompt stands never begins.
    before: (page) =>
      page.route("**/worker/main.js", async (route) => {
        const response = await route.fetch();
        const body = (await response.text()).replace(/=250\b/, "=2e9");
        assert.match(body, /=2e9/);
        await route.fulfill({ response, body });
      }),
  });
  await page.locator("[data-part=answers-caption]").getByText("Answer, first token").waitFor();
  const first = await page.locator("[data-part=answers] .token").first().innerText();
  assert.match(first, /^␣\S+$/);
  assert.equal(await page.locator(".node.logit text").first().textContent(), first);
  assert.doesNotMatch((await page.locator(".node.logit").first().getAttribute("aria-label")) ?? "", /graph for/);
});

test("an answer's probability is the product of its tokens', as the model goes on", async (t) => {
  const page = await openPage(t, { query: DIAGNOSIS });
  const { answer } = await severalWords(page);
  await page.locator(".said button").nth(answer.split(" ").length).waitFor();
  const titles = await page.locator(".said button").evaluateAll((all) => all.map((each) => each.getAttribute("title") ?? ""));
  const words = await page.locator(".said button").allInnerTexts();
  let said = "";
  let product = 1;
  for (let i = 0; said.trim() !== answer; i++) {
    said += words[i].replace("␣", " ");
    product *= Number.parseFloat(titles[i].replace("< ", "")) / 100;
    assert.ok(answer.startsWith(said.trim()), `${said} begins ${answer}`);
  }
  const share = Number.parseFloat(await page.locator("[data-part=answers] .share").first().innerText()) / 100;
  assert.ok(Math.abs(share - product) < 2e-3, `${share}, not ${product}`);
});

test("with features set, answers are whole before and after", async (t) => {
  const page = await openPage(t, { query: DIAGNOSIS });
  const { answer } = await severalWords(page);
  await page.locator(".node.feature").last().click();
  await page.locator(".steer-buttons button", { hasText: "×5" }).click();
  await page.locator("[data-part=answers-caption]").getByText("Answer, steered", { exact: true }).waitFor();
  const all = await page.locator("[data-part=answers] .token").allInnerTexts();
  assert.ok(all.includes(answer), all.join());
  assert.deepEqual(
    all.filter((each) => each.startsWith("␣") && ANSWERS.some((name) => name.startsWith(each.slice(1)))),
    [],
  );
  await page.locator("[data-part=steering-clear]").click();
  await page.locator("[data-part=answers-caption]").getByText("Answer", { exact: true }).waitFor();
  assert.equal(await page.locator("[data-part=answers] .token").first().innerText(), answer);
});

test("of two prompts each answer is whole", async (t) => {
  const page = await openPage(t, { query: DIAGNOSIS });
  const { answer } = await severalWords(page);
  await page.locator("[data-part=compare-begin]").click();
  await page.locator("[data-part=compare-first] figcaption strong").getByText(answer, { exact: true }).waitFor();
  await page.waitForFunction(
    (names) => names.includes(document.querySelector("[data-part=compare-second] figcaption strong")?.textContent ?? ""),
    ANSWERS,
  );
});

test("files keep circuit-tracer's names, the token's, and open with the whole answers", async (t) => {
  const page = await openPage(t, { query: DIAGNOSIS });
  const { prompt, answer } = await severalWords(page);
  const download = page.waitForEvent("download");
  await save(page);
  const path = await (await download).path();
  const file = JSON.parse(await readFile(path, "utf8"));
  const names = file.nodes
    .filter((/** @type {any} */ { feature_type: type }) => type === "logit")
    .map((/** @type {any} */ { clerp }) => clerp);
  assert.ok(names.length > 0 && names.every((/** @type {string} */ clerp) => !clerp.includes(answer)), names.join());
  const share = await page.locator("[data-part=answers] .share").first().innerText();
  await page.locator("[data-part=prompt]").fill("It could also be");
  await traced(page, "It could also be");
  await page.locator("input[type=file]").setInputFiles({ name: "saved.json", mimeType: "application/json", buffer: await readFile(path) });
  await traced(page, prompt);
  assert.equal(await page.locator("[data-part=answers] .token").first().innerText(), answer);
  assert.equal(await page.locator("[data-part=answers] .share").first().innerText(), share);
  assert.equal(await page.locator(".node.logit text").first().textContent(), answer);
});
