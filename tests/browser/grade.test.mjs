// The grade of a graph: what can be trusted, the ladder of freezing, and that the command line says the same.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EARLIER } from "./circuit.mjs";
import { onTheCommandLine } from "./command-line.mjs";
import { openPage, screenshot } from "./harness.mjs";
import { answers, query, type } from "./reading.mjs";

const CPU = "?engine=cpu";

test("one button grades the graph, as the command line does: findings, four rungs, errors, a second opinion", async (t) => {
  const page = await openPage(t, { query: CPU, viewport: { width: 1440, height: 900 } });
  await answers(page, "95");
  await page.locator("[data-part=grade-begin]").click();
  await page.locator(".findings li").first().waitFor();
  const written = onTheCommandLine("grade", "calc: 36+59=");
  const words = (/** @type {string} */ text) =>
    text
      .replace(/^(Holds|Roughly|Does not hold):\s/, "")
      .replace(/\s*Explain .*$/, "")
      .trim();
  const shown = await page.locator(".findings li p").allInnerTexts();
  // The first tells how exact it is, which the last digits of wasm and native arithmetic decide.
  assert.deepEqual(
    shown.slice(1).map(words),
    written.findings.slice(1).map((/** @type {{ text: string }} */ each) => each.text),
  );
  // Here the answer alone is foretold better than the difference, and so it is what is offered.
  assert.ok(["answer", "difference"].includes(written.better_target), written.better_target);
  const target = written.better_target === "answer" ? `${written.answer} alone` : `${written.answer} − ${written.runner_up}`;
  assert.equal(await page.locator(".findings button").innerText(), `Explain ${target}`);
  const rungs = await page.locator(".rungs figcaption").allInnerTexts();
  assert.equal(rungs.length, 4);
  assert.match(rungs[0], /all frozen[\s\S]*exact/);
  const figure = (/** @type {string} */ id) => written.figures.find((/** @type {{ id: string }} */ each) => each.id === id).value;
  for (const [i, rung] of ["mlps-free", "norms-free", "everything-free"].entries()) {
    assert.ok(rungs[i + 1].includes(figure(`faithful/${rung}/100/difference`).toFixed(2)), `${rungs[i + 1]} is what was written`);
  }
  await page.locator(".grade-ladder button", { hasText: "5 % less" }).click();
  await page.locator(".grade-ladder button", { hasText: "logit of 95" }).click();
  const last = await page.locator(".rungs figcaption").last().innerText();
  assert.ok(last.includes(figure("faithful/everything-free/5/answer").toFixed(2)), last);
  assert.equal(await page.locator(".errors tbody tr").count(), 5, "a row a layer, and the tokens");
  assert.match(await page.locator(".grade-more").innerText(), /Per-layer transcoders/);
  await query(page, (search) => search.get("grade") === "1");
  await screenshot(page, "grade");

  // A dot leads to its feature.
  await page
    .locator(".rungs .scatter")
    .last()
    .hover({ position: { x: 12, y: 12 }, force: true });
  const box = await page.locator(".rungs .scatter").last().boundingBox();
  assert.ok(box);
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await page.locator("[data-part=grade]").waitFor({ state: "hidden" });
  await page.locator("[data-part=inspector] h2").waitFor();
  assert.ok(await page.locator(".node.selected, [data-part=inspector] .steer-buttons").first().isVisible());
});

test("a grade shows how far it is, stops and goes on, and is there at once the second time", async (t) => {
  const page = await openPage(t, { query: `${CPU}&model=diagnosis&grade=1`, viewport: { width: 1440, height: 900 } });
  await page.locator("[data-part=grade-progress]", { hasText: /\d+ of \d+ experiments/ }).waitFor({ timeout: 30_000 });
  const done = async () => Number(/^(\d+) of/.exec(await page.locator("[data-part=grade-progress] span").innerText())?.[1]);
  await page.locator("[data-part=grade-progress] button", { hasText: "Stop" }).click();
  await page.waitForTimeout(600);
  const stopped = await done();
  await page.waitForTimeout(600);
  assert.equal(await done(), stopped, "it stands still");
  await page.locator("[data-part=grade-progress] button", { hasText: "Go on" }).click();
  await page.locator(".findings li").first().waitFor({ timeout: 90_000 });
  assert.match(await page.locator("[data-part=grade-body]").innerText(), /Tried: \d+ active features, each switched off/);
  await page.locator("[data-part=grade-close]").click();
  await page.locator("[data-part=grade-begin]").click();
  await page.locator(".findings li").first().waitFor({ timeout: 2_000 });
  // Its button, pressed again, closes it too.
  await page.locator("[data-part=grade-begin][aria-pressed=true]").click();
  await page.locator("[data-part=grade]").waitFor({ state: "hidden" });
  await page.locator("[data-part=grade-begin][aria-pressed=false]").click();
  await page.locator(".findings li").first().waitFor({ timeout: 2_000 });
  // It offers the better target.
  await page.locator(".findings button", { hasText: "Explain" }).click();
  await query(page, (search) => search.get("minus") !== null && search.get("grade") === null);
});

test("of more features than are tried a grade says how many it tried", async (t) => {
  const vignette = "A 32-year-old female at 30 weeks gestation presents with severe right upper quadrant pain, mild headache, and nausea.";
  const prompt = `${vignette} ${vignette} ${vignette} The most likely diagnosis is`;
  const query = `${CPU}&model=diagnosis&grade=1&prompt=${encodeURIComponent(prompt)}`;
  const page = await openPage(t, { query, viewport: { width: 1440, height: 900 } });
  await page.locator(".findings li").first().waitFor({ timeout: 90_000 });
  assert.match(await page.locator("[data-part=grade-body]").innerText(), /Tried: the 384 most influential of [\d,]+ active features/);
});

/** The figures under the four scatters, and what was found. @param {import("playwright-core").Page} page */
async function told(page) {
  await page.locator(".findings li").first().waitFor({ timeout: 90_000 });
  return {
    rungs: await page.locator(".rungs figcaption").allInnerTexts(),
    findings: (await page.locator(".findings li p").allInnerTexts()).slice(1),
  };
}

test("a second worker takes part in a long grade; it comes to what the command line says, and without one to the same", async (t) => {
  const GRADE = `${CPU}&model=diagnosis&grade=1`;
  /** @type {string[]} */ const asked = [];
  const shared = await openPage(t, { query: GRADE, before: async (page) => page.on("request", (request) => asked.push(request.url())) });
  const both = await told(shared);
  assert.ok(asked.some((url) => url.endsWith("worker/second-worker.js")));
  const prompt = await shared.locator("[data-part=prompt]").inputValue();
  const { figures } = onTheCommandLine("grade", prompt, [], "diagnosis");
  for (const [i, rung] of ["mlps-free", "norms-free", "everything-free"].entries()) {
    const figure = figures.find((/** @type {{ id: string }} */ each) => each.id === `faithful/${rung}/100/difference`).value;
    assert.ok(both.rungs[i + 1].includes(figure.toFixed(2)), `${both.rungs[i + 1]}: ${figure}`);
  }
  // A worker of a worker asks past the test's routes, so it is sent to a file that is not there.
  const astray = async (/** @type {import("playwright-core").Route} */ route) => {
    const response = await route.fetch();
    const body = (await response.text()).replace("second-worker.js", "missing.js");
    await route.fulfill({ response, body });
  };
  /** @type {string[]} */ const missed = [];
  const alone = await openPage(t, {
    query: GRADE,
    allow: [/missing\.js/],
    before: async (page) => {
      page.on("request", (request) => request.url().endsWith("missing.js") && missed.push(request.url()));
      await page.context().route("**/worker/main.js", astray);
    },
  });
  assert.deepEqual(await told(alone), both);
  assert.equal(missed.length, 1);
});

test("one feature climbs the ladder, and its lowest rung is what the graph predicts", async (t) => {
  const page = await openPage(t, { query: `${CPU}&selected=${EARLIER}`, viewport: { width: 1440, height: 1000 } });
  await answers(page, "95");
  await page.getByRole("button", { name: "Try it on the model" }).click();
  const rows = page.locator("[data-part=inspector] .ladder tbody tr");
  await rows.nth(5).waitFor();
  const cells = await rows.evaluateAll((all) => all.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent)));
  const [predicted, live, frozen, , , free] = cells;
  assert.deepEqual(predicted, frozen, "predicted, and with everything frozen");
  assert.notDeepEqual(live, predicted, "with nothing held something else is predicted");
  assert.notDeepEqual(frozen, free, "the model as it is does something else");
});

test("another prompt gets a grade of its own", async (t) => {
  const page = await openPage(t, { query: `${CPU}&grade=1`, viewport: { width: 1440, height: 900 } });
  await page.locator(".findings li").first().waitFor();
  await type(page, "calc: 17+25=");
  await page.locator("[data-part=grade-body]", { hasText: "42 −" }).waitFor();
});

test("a grade tells how long it took, however long it has stood there", async (t) => {
  const page = await openPage(t, { query: `${CPU}&grade=1`, viewport: { width: 1440, height: 900 } });
  const took = async (/** @type {string} */ answer) => {
    await page.locator("[data-part=grade-body]", { hasText: `${answer} −` }).waitFor();
    return page.locator("[data-part=grade-body] > .note").innerText();
  };
  const first = await took("95");
  for (const wait of [1500, 0]) {
    await type(page, "calc: 17+25=");
    await took("42");
    await type(page, "calc: 36+59=");
    assert.equal(await took("95"), first);
    await page.waitForTimeout(wait);
  }
});

test("a grade that is asked for before the operand plots are there does not wait for them", async (t) => {
  const page = await openPage(t, { query: `${CPU}&grade=1` });
  await page.locator(".findings li").first().waitFor({ timeout: 60_000 });
  assert.doesNotMatch(await page.locator("[data-part=plot-progress]").innerText(), /done/);
});
