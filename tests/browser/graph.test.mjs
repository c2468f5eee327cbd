// The graph answers to sliders, pointer and keyboard, and stands still otherwise.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { openPage, RELOADS } from "./harness.mjs";
import { answers, count, nodes, number, save, type } from "./reading.mjs";

const CPU = "?engine=cpu";

test("the sliders prune at once, and a link keeps them", async (t) => {
  const page = await openPage(t, { query: CPU, allow: RELOADS });
  await answers(page, "95");
  const [allNodes, allEdges] = [await count(page, "[data-part=node-count]"), await count(page, "[data-part=edge-count]")];
  assert.equal((await nodes(page)).length, allNodes);

  await page.locator("[data-part=node-threshold]").fill("0.5");
  await page.waitForFunction(
    (before) => Number.parseInt(document.querySelector("[data-part=node-count]")?.textContent ?? "", 10) < before,
    allNodes,
  );
  const fewerNodes = await count(page, "[data-part=node-count]");
  assert.equal((await nodes(page)).length, fewerNodes);

  const edges = await count(page, "[data-part=edge-count]");
  assert.ok(edges < allEdges);
  await page.locator("[data-part=edge-threshold]").fill("0.7");
  await page.waitForFunction(
    (before) => Number.parseInt(document.querySelector("[data-part=edge-count]")?.textContent ?? "", 10) < before,
    edges,
  );

  await page.waitForFunction(() => /node=0\.5&edge=0\.7/.test(location.search));
  const left = await nodes(page);
  await page.reload();
  await answers(page, "95");
  assert.deepEqual(await nodes(page), left);
});

test("the scores are shares, and each explains itself", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  for (const score of ["replacement", "completeness"]) {
    const value = await count(page, `[data-part=${score}]`);
    assert.ok(value > 0 && value <= 1, `${score} ${value}`);
  }
  await page.locator(".score .term").first().click();
  await page.locator("[data-part=bubble]", { hasText: "share" }).waitFor(); // its sentence is fetched when it is first wanted
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("[data-part=bubble]").isVisible(), false);
});

test("pointing at a node shows its inputs and outputs, a click keeps them, Esc lets go", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const panel = page.locator("[data-part=inspector]");
  const feature = page.locator(".node.feature").first();
  const label = (await feature.getAttribute("aria-label")) ?? "";
  const name = label.split(",")[0];

  await feature.hover();
  await panel.getByRole("heading", { name }).waitFor();
  assert.ok((await page.locator("[data-part=tooltip]").innerText()).includes(name));

  await feature.click();
  await page.mouse.move(2, 2);
  await panel.getByRole("button", { name: "Close" }).waitFor();
  assert.ok((await panel.locator(".flows.inputs button").count()) > 0);
  assert.ok((await panel.locator(".flows.outputs button").count()) > 0);
  const faint = () =>
    page.locator(".node.token").evaluateAll((all) => all.filter((each) => Number(getComputedStyle(each).fillOpacity) < 0.5).length);
  await page.waitForFunction(
    () => [...document.querySelectorAll(".node.token")].some((each) => Number(getComputedStyle(each).fillOpacity) < 0.5),
    null,
    { timeout: 5000 },
  );

  await page.keyboard.press("Escape");
  await panel.getByRole("heading", { name: "Reading the graph" }).waitFor();
  await page.waitForTimeout(200); // it comes back within 90 ms
  assert.equal(await faint(), 0);
});

test("inputs and remainder add up to the sum, strongest first", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await page.locator(".node.logit").first().click();
  const inputs = page.locator("[data-part=inspector] .flows.inputs");
  await inputs.waitFor();
  await page.locator("[data-part=inspector] .flows.inputs + button", { hasText: "Show all" }).click();
  const texts = await inputs.locator("button .weight").evaluateAll((all) => all.map((each) => each.firstChild?.textContent ?? ""));
  const weights = texts.map(number);
  for (let i = 1; i < weights.length; i++) assert.ok(Math.abs(weights[i]) <= Math.abs(weights[i - 1]));
  const [remainder, total] = (await inputs.locator(".sum .weight").allInnerTexts()).map(number);
  const sum = weights.reduce((all, weight) => all + weight, remainder);
  // Every weight is rounded to two or three digits on the page.
  assert.ok(Math.abs(sum - total) < 0.05 + 0.0006 * weights.length, `${sum} against ${total}`);
});

test("a click in the list goes to that node, and the address leads back to it", async (t) => {
  const page = await openPage(t, { query: CPU, allow: RELOADS });
  await answers(page, "95");
  await page.locator(".node.logit").first().click();
  const first = page.locator("[data-part=inspector] .flows.inputs button").first();
  const id = (await first.getAttribute("data-id")) ?? "";
  await first.click();
  await page.waitForFunction((wanted) => new URLSearchParams(location.search).get("selected") === wanted, id);
  await page
    .locator("[data-part=inspector] h2")
    .getByText(/^(?!Answer)/)
    .waitFor();
  const title = await page.locator("[data-part=inspector] h2").innerText();
  await page.reload();
  await answers(page, "95");
  await page.locator("[data-part=inspector]").getByRole("heading", { name: title }).waitFor();
  assert.equal(await page.locator(".node.selected").getAttribute("data-id"), id);
});

test("the keyboard's place in the panel stays when the panel is drawn anew", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await page.locator(".node.logit").first().click();
  const third = page.locator("[data-part=inspector] .flows.inputs > button").nth(2);
  const id = (await third.getAttribute("data-id")) ?? "";
  await third.focus();
  const old = await third.elementHandle();
  await page.locator("[data-part=theme]").dispatchEvent("click");
  assert.equal(await old?.evaluate((element) => element.isConnected), false, "drawn anew");
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("data-id")), id);
  await page.keyboard.press("Enter");
  await page.waitForFunction((wanted) => new URLSearchParams(location.search).get("selected") === wanted, id);
  await page.waitForFunction(() => document.querySelector("[data-part=inspector]")?.contains(document.activeElement));
});

test("the keyboard suffices: one tab stop, arrows move, Enter selects", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  assert.equal(await page.locator('.node[tabindex="0"]').count(), 1);
  await page.locator(".node.logit").first().focus();
  await page.keyboard.press("ArrowDown");
  const below = await page.evaluate(() => document.activeElement?.getAttribute("data-id"));
  assert.ok(below && !(await page.locator(`.node.logit[data-id="${below}"]`).count()), "went down from the answer");
  assert.equal(await page.locator('.node[tabindex="0"]').getAttribute("data-id"), below);
  await page.keyboard.press("Enter");
  await page.locator("[data-part=inspector]").getByRole("button", { name: "Close" }).waitFor();
  assert.equal(await page.locator(".node.selected").getAttribute("data-id"), below);
  for (let i = 0; i < 12; i++) await page.keyboard.press("ArrowDown");
  assert.match((await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))) ?? "", /^Token/);
});

test("no node lies on another, also in a narrow pane and with all nodes", async (t) => {
  for (const width of [390, 800, 1280, 1920]) {
    const page = await openPage(t, { query: `${CPU}&node=0.95`, viewport: { width, height: 900 } });
    await answers(page, "95");
    const overlaps = await page.locator(".node .frame").evaluateAll((all) => {
      const boxes = all.map((each) => ({ id: each.parentElement?.getAttribute("data-id"), ...each.getBoundingClientRect().toJSON() }));
      return boxes.flatMap((one, i) =>
        boxes
          .slice(i + 1)
          .filter((two) => one.left < two.right - 1 && two.left < one.right - 1 && one.top < two.bottom - 1 && two.top < one.bottom - 1)
          .map((two) => `${one.id} and ${two.id}`),
      );
    });
    assert.deepEqual(overlaps, [], `${width} px wide`);
  }
});

test("the table says what the graph shows", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await page.locator("[data-part=table-details] summary").click();
  await page.locator("[data-part=table] tbody tr").first().waitFor();
  assert.equal(await page.locator("[data-part=table] tbody tr").count(), (await nodes(page)).length);
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  assert.match(await page.locator("[data-part=table] tbody").innerText(), /Answer “42”/);
});

test("the graph is saved as JSON with the nodes on show", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const [download] = await Promise.all([page.waitForEvent("download"), save(page)]);
  assert.match(download.suggestedFilename(), /^calc-36-59\.json$/);
  const graph = JSON.parse(await readFile(await download.path(), "utf8"));
  const ids = graph.nodes.map((/** @type {{ node_id: string }} */ node) => node.node_id);
  assert.deepEqual(ids.sort(), await nodes(page));
});

test("what is drawn under a pointer that rests is not pointed at, until it moves", async (t) => {
  const page = await openPage(t, { query: `${CPU}&view=nodes` });
  await answers(page, "95");
  const answer = page.locator(".node.logit").first();
  await answer.hover();
  await page.locator("[data-part=tooltip]").waitFor();
  await type(page, "calc: 36+58=");
  await answers(page, "94");
  await page.waitForTimeout(500);
  assert.ok(await page.locator("[data-part=tooltip]").isHidden());
  const box = await answer.boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width / 2 + 2, box.y + box.height / 2);
  await page.locator("[data-part=tooltip]").waitFor();
});

test("after the last step that can be undone the keyboard is at the one that brings it back", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await type(page, "calc: 36+58=");
  await answers(page, "94");
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-part"));
  await page.locator("[data-part=undo]").focus();
  await page.keyboard.press("Enter");
  await answers(page, "95");
  assert.equal(await focused(), "redo");
  await page.keyboard.press("Enter");
  await answers(page, "94");
  assert.equal(await focused(), "undo");
});
