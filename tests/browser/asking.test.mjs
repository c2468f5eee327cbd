// What surrounds the prompt: what the model goes on to say, what is explained, what was asked last, a second prompt, the guide.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, RELOADS, screenshot } from "./harness.mjs";
import { answers, barriers, plotsDrawn, query, traced, type } from "./reading.mjs";

const CPU = "?engine=cpu";

test("the model goes on token by token, and a click takes its words into the prompt", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const said = page.locator("[data-part=tokens] .said button");
  await said.nth(3).waitFor();
  assert.equal(await said.first().innerText(), "95");
  await said.nth(1).click();
  await page.waitForFunction(() =>
    /** @type {HTMLTextAreaElement} */ (document.querySelector("[data-part=prompt]")).value.startsWith("calc: 36+59=95"),
  );
});

test("a click on an answer explains it alone; a difference explains one against another, with its own edges", async (t) => {
  const page = await openPage(t, { query: CPU, allow: RELOADS });
  await answers(page, "95");
  const second = page.locator("[data-part=answers] .token").nth(1);
  const runnerUp = (await second.innerText()).trim();
  await second.click();
  await query(page, (search) => search.get("target") === runnerUp);
  await page.locator(".node.logit", { hasText: runnerUp }).waitFor();
  assert.equal(await page.locator(".node.logit").count(), 1);

  await page.locator("[data-part=target] summary").click();
  await page.getByLabel("Token that should be high").fill("95");
  await page.getByLabel("Token to take away").fill("85");
  await page.keyboard.press("Enter");
  await query(page, (search) => search.get("target") === "95" && search.get("minus") === "85");
  await page.locator(".node.logit", { hasText: "95 − 85" }).waitFor();
  await page.reload();
  await page.locator(".node.logit", { hasText: "95 − 85" }).waitFor();
  assert.doesNotMatch((await page.locator(".node.logit").textContent()) ?? "", /%/, "a difference has no probability");
});

test("a token that the model does not have is told so", async (t) => {
  const page = await openPage(t, { query: `${CPU}&target=${encodeURIComponent("no <b>token</b>")}` });
  await page.locator("[data-part=notice]", { hasText: "no <b>token</b>" }).waitFor();
  await page.locator("[data-part=target] summary").click();
  await page.locator("[data-part=target-form] label", { hasText: "top answers" }).click();
  await answers(page, "95");
});

test("prompts asked last stand in the menu", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await type(page, "calc: 41+27=");
  await answers(page, "68");
  await page.waitForTimeout(1800); // it has to stand for a while
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  await page.locator("[data-part=examples] summary").click();
  await page.locator("[data-part=topics] .recent button", { hasText: "calc: 41+27=" }).click();
  await answers(page, "68");
});

test("two prompts stand side by side with what is shared, lost and gained", async (t) => {
  const page = await openPage(t, { query: CPU, allow: RELOADS, viewport: { width: 1440, height: 900 } });
  await answers(page, "95");
  await plotsDrawn(page);
  await page.locator("[data-part=compare-begin]").click();
  // It opens with an example about the same numbers, which has much in common.
  const offered = await page.locator("[data-part=compare-prompt]").inputValue();
  assert.match(offered, /36.*59/);
  assert.notEqual(offered, "calc: 36+59=");
  const told = async () =>
    ((await page.locator("[data-part=compare-count]").innerText()).match(/\d+(?! of them)/g) ?? [])
      .map(Number)
      .filter((_, i, all) => all.length === 3 || i !== 1);
  await page.locator("[data-part=compare-count]").getByText("only in the second").waitFor();
  assert.ok((await told())[0] >= 11, String(await told()));
  // A column for one of the two holds nothing that the other has as well, pruned or not.
  await page.locator("[data-part=compare-prompt]").fill("calc: 17+25=");
  await page.locator("[data-part=compare-second] .node.logit", { hasText: "42" }).waitFor();
  const counts = await page.locator("[data-part=compare-count]").innerText();
  const [inBoth, lost, gained] = await told();
  assert.ok(inBoth > 0 && lost > 0 && gained > 0, counts);
  assert.equal(await page.locator("[data-part=compare-first] .node.feature.lost").count(), lost);
  assert.equal(await page.locator("[data-part=compare-second] .node.feature.gained").count(), gained);
  for (const [list, silent] of /** @type {const} */ ([
    ["lost", /→ silent$/],
    ["gained", /^silent →/],
  ])) {
    const strengths = await page.locator(`[data-part=compare-lists] .${list} .weight`).allInnerTexts();
    for (const strength of strengths) assert.match(strength, silent);
  }
  // Every picture is on show whole: nothing of it is cut off below.
  for (const pane of await page.locator(".compare-panes .pane").all()) {
    const [held, high] = await pane.evaluate((each) => [each.clientHeight, each.scrollHeight]);
    assert.ok(high <= held + 1, `${high} in ${held}`);
  }
  await page.locator("[data-part=compare-prompt]").fill("calc: 36+58=");
  await page.locator("[data-part=compare-second] .node.logit", { hasText: "94" }).waitFor();
  await query(page, (search) => search.get("compare") === "calc: 36+58=");
  // What is pointed at on one side is lit on the other.
  await page.locator("[data-part=compare-lists] .shared li:not(:has(.weight small))").first().hover();
  await page.locator("[data-part=compare-second] .node.near").first().waitFor();
  await page.locator("[data-part=compare-first] .node.near").first().waitFor();
  assert.deepEqual(await barriers(page), []);
  await screenshot(page, "compare");
  await page.reload();
  await page.locator("[data-part=compare-second] .node.logit", { hasText: "94" }).waitFor();
  await page.locator("[data-part=compare-swap]").click();
  await page.locator("[data-part=compare-second] .node.logit", { hasText: "95" }).waitFor();
  await page.locator("[data-part=compare-close]").click();
  await page.locator("[data-part=pane] .node.logit").first().waitFor();
  assert.equal(await page.locator("[data-part=compare]").isVisible(), false);
  // Its button opens it, and pressed again closes it.
  const begin = page.locator("[data-part=compare-begin]");
  await begin.click();
  await page.locator("[data-part=compare]").waitFor();
  assert.equal(await begin.getAttribute("aria-pressed"), "true");
  await begin.click();
  await page.locator("[data-part=compare]").waitFor({ state: "hidden" });
  assert.equal(await begin.getAttribute("aria-pressed"), "false");
});

test("graphs that do not fit beside each other begin with the first token that differs", async (t) => {
  const compared = encodeURIComponent("calc: 35+59=");
  const page = await openPage(t, { query: `${CPU}&compare=${compared}`, viewport: { width: 1440, height: 900 } });
  await answers(page, "95");
  await page.locator("[data-part=compare-second] figcaption strong", { hasText: "94" }).waitFor({ timeout: 60_000 });
  await page.waitForFunction(() =>
    ["first", "second"].every((which, i) => {
      const pane = document.querySelector(`[data-part=compare-${which}] .pane`);
      const token = [...(pane?.querySelectorAll(".node.token") ?? [])].find((each) => each.textContent?.includes(i === 0 ? "36" : "35"));
      const [outer, inner] = [pane?.getBoundingClientRect(), token?.getBoundingClientRect()];
      return outer && inner && inner.left >= outer.left && inner.right <= outer.right;
    }),
  );
});

test("on the first visit the guide leads through 36+59 in ten steps, and can be left at any of them", async (t) => {
  const page = await openPage(t, { query: CPU, firstVisit: true, allow: RELOADS, viewport: { width: 1440, height: 900 } });
  await answers(page, "95");
  await plotsDrawn(page);
  const guide = page.locator("[data-part=guide]");
  const titles = [];
  const looked = new Set();
  for (let step = 1; step <= 10; step++) {
    await guide.getByText(`${step} of 10`).waitFor();
    if (step === 10) await traced(page, "How did you get 36+59?");
    titles.push(await guide.locator("h2").innerText());
    if (step === 1) assert.equal(await page.locator(".node.selected").count(), 0, "the first step is of all that is on show");
    else looked.add(await page.locator(".node.selected").getAttribute("data-id"));
    // It points at what it speaks of.
    if (step === 4 || step === 5) await page.locator("[data-part=inspector] h2", { hasText: / \+ / }).waitFor();
    if (step === 6) await page.locator("[data-part=inspector] h2", { hasText: /^sum = _/ }).waitFor();
    if (step === 7 || step === 9) await page.locator("[data-part=inspector] h2", { hasText: /^sum ~/ }).waitFor();
    await guide.getByRole("button", { name: step < 10 ? "Next" : "Done" }).click();
  }
  assert.equal(new Set(titles).size, 10);
  assert.equal(looked.size, 8, "of a number, of both and of the sum a last digit and a rough size each; the answer, and the story's");
  await guide.waitFor({ state: "hidden" });
  await page.goto(page.url().split("?")[0] + CPU);
  await answers(page, "95");
  assert.equal(await guide.isVisible(), false, "not twice by itself");
  await page.locator("[data-part=guide-begin]").click();
  await guide.getByText("1 of 10").waitFor();
  await page.keyboard.press("Escape");
  await guide.waitFor({ state: "hidden" });
});

test("terms explain themselves where they stand, by pointer and by keyboard", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await page.locator("[data-term=nodes]").hover();
  await page.locator("[data-part=bubble]", { hasText: "influence" }).waitFor();
  await page.locator("[data-term=completeness]").focus();
  await page.locator("[data-part=bubble]", { hasText: "errors" }).waitFor();
  assert.equal(
    await page.locator("[data-term=completeness]").getAttribute("aria-describedby"),
    await page.locator("[data-part=bubble]").getAttribute("id"),
  );
  await page.keyboard.press("Escape");
  await page.locator("[data-part=bubble]").waitFor({ state: "hidden" });
  await page.locator(".node.logit").first().click();
  await page.locator("[data-part=inspector] .term").first().waitFor();
  const unknown = await page.evaluate(async () => {
    const terms = [...document.querySelectorAll(".term")].map((each) => /** @type {HTMLElement} */ (each));
    const silent = [];
    for (const each of terms) {
      // What is hidden takes no focus. Of the popups only one is open at a time.
      const popup = each.closest("details");
      if (popup) popup.open = true;
      for (let around = each.parentElement; around; around = around.parentElement) around.hidden = false;
      each.focus();
      if (document.activeElement !== each || !document.querySelector("[data-part=bubble]:popover-open")) silent.push(each.dataset.term);
      each.blur();
    }
    return silent;
  });
  assert.deepEqual(unknown, [], "every term has its sentence");
});

test("zoom keeps the reader's place, by buttons, keys and wheel, and the address knows", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await page.locator("[data-part=zoom-in]").click();
  assert.equal(await page.locator("[data-part=zoom-value]").innerText(), "125 %");
  await query(page, (search) => search.get("zoom") === "1.25");
  const answer = page.locator(".node.logit").first();
  await answer.focus();
  for (const _ of [1, 2]) await page.keyboard.press("+");
  const box = await answer.boundingBox();
  const pane = await page.locator("[data-part=pane]").boundingBox();
  assert.ok(box && pane && box.x > pane.x && box.x + box.width <= pane.x + pane.width + 1, "what has the focus stays in sight");
  await page.mouse.move(box.x + 10, box.y + 10);
  const before = await answer.boundingBox();
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, 60);
  await page.keyboard.up("Control");
  await page.waitForTimeout(150);
  const after = await answer.boundingBox();
  assert.ok(before && after && after.width < before.width && Math.abs(after.x - before.x) < 12, JSON.stringify({ before, after }));
  await page.locator("[data-part=zoom-fit]").click();
  const all = await page.evaluate(() => {
    const pane = /** @type {Element} */ (document.querySelector("[data-part=pane]"));
    return pane.scrollWidth <= pane.clientWidth + 1 && pane.scrollHeight <= pane.clientHeight + 1;
  });
  assert.ok(all, "Fit shows it whole");
});

test("hovering traces the paths through a node, down to tokens and up to the answer", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await page.locator('.node.feature[aria-label*="“59”"]').first().hover();
  await page.locator(".node.near").first().waitFor();
  const lit = await page.locator(".node.near, .node.far").evaluateAll((all) => all.map((each) => each.getAttribute("class") ?? ""));
  assert.ok(lit.some((each) => each.includes("token")) && lit.some((each) => each.includes("logit")), lit.join("; "));
});
