// Tokens are what the model's tokenizer says: one BOS, whole characters, nothing invisible, and no prompt that holds the page up.

import assert from "node:assert/strict";
import { test } from "node:test";
import { visible } from "../../www/lab/format.js";
import { openPage, RELOADS } from "./harness.mjs";
import { answers, notice, query, type } from "./reading.mjs";
import { copyOfAddition, put, read, serve } from "./stand-in.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";

/** @param {Page} page */
function chips(page) {
  return page.locator("[data-part=tokens] li:not(.said):not(.goes-on):not(.bare)").allTextContents();
}

/** The addition model with some of its JSON files changed. @param {Page} page @param {Record<string, (file: any) => void>} changes */
async function changed(page, changes) {
  const model = await copyOfAddition({});
  for (const [path, change] of Object.entries(changes)) {
    const file = JSON.parse((await read(path)).toString());
    change(file);
    put(model, path, Buffer.from(JSON.stringify(file)));
  }
  await serve(page, { changed: model });
}

test("what cannot be seen is shown by a sign", () => {
  for (const [token, shown] of [
    ["", "∅"],
    [" ", "␣"],
    [" a\n\tb", "␣a↵⇥b"],
    ["\u200b", "\\u{200b}"],
    ["\u00ad", "\\u{ad}"],
    ["\u202e", "\\u{202e}"],
    ["\u0000", "\\u{0}"],
    ["\u001b[31m", "\\u{1b}[31m"],
    ["\u00a0", "\\u{a0}"],
    ["\u0301", "\\u{301}"],
    ["e\u0301", "e\u0301"],
    ["\ufeff", "\\u{feff}"],
    ["\u3164", "\\u{3164}"],
    ["é 🦊", "é␣🦊"],
    ["\ufe0f", "\\u{fe0f}"],
    ["\u{e0041}", "\\u{e0041}"],
    ["\u2028", "\\u{2028}"],
  ]) {
    assert.equal(visible(token), shown);
  }
});

test("a prompt with the BOS's own text, from an address or typed, gets no second one", async (t) => {
  const page = await openPage(t, { query: `${CPU}&prompt=${encodeURIComponent("<bos>calc: 36+59=")}` });
  await answers(page, "95");
  const written = await chips(page);
  assert.equal(written.length, 8);
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  await type(page, "<bos>calc: 36+59=");
  await answers(page, "95");
  assert.deepEqual(await chips(page), written);
  await page.locator("[data-part=tokens] .said button").first().click();
  await query(page, (search) => search.get("prompt")?.startsWith("<bos>calc: 36+59=95") === true);
  await page.locator("[data-part=tokens] li", { hasText: "95" }).first().waitFor();
});

test("a pasted run of whatever is refused at once", async (t) => {
  const page = await openPage(t, { query: CPU });
  await type(page, "calc: 17+25=");
  await answers(page, "42"); // so the tokenizer is there
  for (const what of ["1", "a", " x", "!", "🦊"]) {
    const start = Date.now();
    await type(page, what.repeat(Math.floor(20_000 / what.length)));
    assert.match(await notice(page), /characters, far more than/);
    assert.ok(Date.now() - start < 6000, `${what}: ${Date.now() - start} ms`);
    await type(page, "calc: 17+25=");
    await answers(page, "42");
    await page.locator("[data-part=notice]").waitFor({ state: "hidden" });
  }
});

test("a part of a character that the model goes on with cannot be clicked, and says why", async (t) => {
  const page = await openPage(t, {
    query: CPU,
    before: (page) =>
      changed(page, {
        // The token after the prompt is the byte F0, and 95 is the byte's number.
        "tokenizer.json": ({ model: { vocab } }) => ([vocab["95"], vocab.ð] = [vocab.ð, vocab["95"]]),
      }),
  });
  await answers(page, "\\xF0");
  const first = page.locator("[data-part=tokens] .said button").first();
  await first.waitFor();
  assert.match(await first.innerText(), /^\\xF0/);
  assert.match((await first.getAttribute("title")) ?? "", /part of a character/);
  await first.click({ force: true });
  assert.equal(await page.locator("[data-part=prompt]").inputValue(), "calc: 36+59=");
});

test("without any special token the page says that the first one has no features", async (t) => {
  const page = await openPage(t, {
    query: `${CPU}&prompt=${encodeURIComponent("calc: 17+25=")}`,
    before: (page) =>
      changed(page, {
        "tokenizer.json": (file) => (file.added_tokens = []),
        "tokenizer_config.json": (file) => delete file.bos_token,
        "config.json": (file) => (file.bos_token_id = file.eos_token_id = null),
      }),
  });
  await page.locator("[data-part=tokens] .bare").waitFor();
  assert.match(await page.locator("[data-part=tokens] .bare").innerText(), /no features.*no special token/);
  assert.equal((await chips(page)).length, await page.locator(".node.token").count());
});

test("a target is named by its number, also one that cannot be typed", async (t) => {
  const page = await openPage(t, { query: CPU, allow: RELOADS });
  await answers(page, "95");
  await page.locator("[data-part=target] summary").click();
  await page.getByLabel("Token to explain").fill("#352");
  await page.keyboard.press("Enter");
  await query(page, (search) => search.get("target") === "#352");
  await page.locator(".node.logit", { hasText: "96" }).waitFor();
  await page.getByLabel("Token to explain").fill("#10");
  await page.keyboard.press("Enter");
  await page.locator(".node.logit", { hasText: "↵" }).waitFor();
  await query(page, (search) => search.get("target") === "#10");
  await page.reload();
  await page.locator(".node.logit", { hasText: "↵" }).waitFor();
  assert.equal(await page.locator(".node.logit").count(), 1);
});
