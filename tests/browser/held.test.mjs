// A graph with less held: chosen, told, kept in the address, and never said to add up.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { openPage, RELOADS } from "./harness.mjs";
import { answers, save } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";

/** What the panel of the answer says of its inputs. @param {Page} page */
async function inputs(page) {
  const answer = page.locator(".node.logit").first();
  if (!(await answer.getAttribute("class"))?.includes("selected")) await answer.click();
  const list = page.locator("[data-part=inspector] .flows.inputs");
  await list.locator("button").first().waitFor();
  await list.locator(".way", { hasText: /\S/ }).first().waitFor();
  return {
    sums: await list.locator(".sum").allTextContents(),
    ways: await list.locator(".way").allTextContents(),
    first: (await list.locator("button .weight").first().textContent()) ?? "",
  };
}

test("with nothing held edges are derivatives: said so, in the address, undone, and in the file", async (t) => {
  const page = await openPage(t, { query: CPU, allow: RELOADS });
  await answers(page, "95");
  const held = await inputs(page);
  assert.equal(held.sums.length, 2, "the remainder and the sum");
  assert.match(held.ways.join(), /head \d\.\d|residual stream/);
  const score = page.locator("[data-part=completeness]");
  const before = await score.textContent();
  assert.match(before ?? "", /^0\.9/);

  await page.locator("[data-part=target] summary").click();
  await page.locator("[data-part=target-form] select").selectOption("nothing");
  await page.waitForFunction(() => document.querySelector("[data-part=completeness]")?.textContent === "–");
  assert.match((await score.getAttribute("title")) ?? "", /derivatives/);
  assert.match((await page.locator("[data-part=target-name]").textContent()) ?? "", /top answers, live/);
  await page.waitForFunction(() => location.search.includes("hold=nothing"));
  await page.keyboard.press("Escape");
  // Until the new graph's edges arrive those of the one before stand there; derivatives do not add up.
  await page.locator("[data-part=inspector] .flows.inputs .sum").first().waitFor({ state: "detached" });
  const live = await inputs(page);
  assert.deepEqual(live.sums, []);
  assert.match(live.ways.join(), /values -?−?\d+ %/);
  assert.match(live.ways.join(), /errors -?−?\d+ %/, "what MLPs answer beyond the features is told apart");
  assert.equal(await page.locator("[data-part=replacement]").textContent(), "–", "no score tells errors apart");
  assert.match(
    (await page.locator("[data-part=verdict-words]").textContent()) ?? "",
    /^Graphs like this foretell small changes well \(r > 0\.99\); \d+ % of it through errors\.$/,
  );
  assert.notEqual(live.first, held.first);

  const [download] = await Promise.all([page.waitForEvent("download"), save(page)]);
  const file = JSON.parse(await readFile(await download.path(), "utf8"));
  assert.equal(file.metadata.attograph.hold, "nothing");

  await page.reload();
  await answers(page, "95");
  assert.equal(await score.textContent(), "–", "a link shows the same");
  await page.locator("[data-part=target] summary").click();
  await page.locator("[data-part=target-form] select").selectOption("patterns,norms");
  await page.waitForFunction((before) => document.querySelector("[data-part=completeness]")?.textContent === before, before);
  await page.waitForFunction(() => !location.search.includes("hold"));
  await page.locator("[data-part=undo]").click();
  await page.waitForFunction(() => document.querySelector("[data-part=completeness]")?.textContent === "–");
});

test("a second graph is read as the first is, also when that is read anew", async (t) => {
  const page = await openPage(t, { query: `${CPU}&compare=calc%3A%2017%2B25%3D` });
  const second = page.locator("[data-part=compare-second] .node");
  const shown = () => second.evaluateAll((all) => all.map((node) => node.getAttribute("data-id") ?? "").sort());
  await page.locator("[data-part=compare-second] .node.logit", { hasText: "42" }).waitFor();
  const before = (await shown()).join();
  await page.locator("[data-part=target] summary").click();
  await page.locator("[data-part=target-form] select").selectOption("nothing");
  await page.waitForFunction(() => document.querySelector("[data-part=completeness]")?.textContent === "–");
  let now = before;
  for (let waited = 0; now === before && waited < 10_000; waited += 100) {
    await page.waitForTimeout(100);
    now = (await shown()).join();
  }
  assert.notEqual(now, before, "other nodes carry what would change");
});

test("an address that holds what there is not says so, and holds what is usual", async (t) => {
  const page = await openPage(t, { query: `${CPU}&hold=everything` });
  await answers(page, "95");
  assert.match((await page.locator("[data-part=completeness]").textContent()) ?? "", /^0\.9/);
  assert.match((await page.locator("[data-part=notice]").textContent()) ?? "", /of what edges take as given some or all was left out/);
});
