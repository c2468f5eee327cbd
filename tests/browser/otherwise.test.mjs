// A path that the other kind of transcoder tells otherwise: once the grade is there a sign on its token, and how in words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, barriers, type } from "./reading.mjs";
import { withEngine } from "./spoiled-engine.mjs";

const PLACE = 4; // of 36 in the first prompt

/** The shipped transcoders may agree about every path: here they disagree about one. */
const DISAGREE = `
  const finish = Grading.prototype.finish;
  Grading.prototype.finish = async function () {
    const grade = await finish.call(this);
    const { paths } = grade.second;
    [paths.effects[0][${PLACE}], paths.effects[1][${PLACE}]] = [1.25, -0.5];
    [paths.middle[0][${PLACE}], paths.middle[1][${PLACE}]] = [0.2, 0.6];
    Object.assign(paths, { differ: [${PLACE}], agreement: 0.75 });
    return grade;
  };`;

const HOW =
  "The per-layer transcoders tell this path otherwise: −0.50 in place of +1.25 to 95 − 995, and 60.0 % " +
  "in place of 20.0 % of its influence through features of the middle layers.";

test("a token whose path is told otherwise has a sign once the grade is there, and its panel says how", async (t) => {
  const page = await openPage(t, {
    query: "?engine=cpu",
    viewport: { width: 1440, height: 900 },
    before: (page) => withEngine(page, DISAGREE),
  });
  await answers(page, "95");
  const signs = page.locator("[data-part=stage] .node .otherwise");
  const legend = page.locator("[data-part=inspector] .legend").getByText("Told otherwise");
  assert.deepEqual([await signs.count(), await legend.count()], [0, 0], "nothing is known without a grade");

  await page.locator("[data-part=grade-begin]").click();
  const row = page.locator(".grade-more dl > div");
  await row.filter({ hasText: "Paths told alike" }).getByText("75.0 % of the influence").waitFor({ timeout: 60_000 });
  assert.deepEqual(await barriers(page), []);
  const told = row.filter({ hasText: "Told otherwise" }).getByRole("button");
  assert.deepEqual(await told.allInnerTexts(), ["36"]);
  await told.click();
  await page.locator("[data-part=inspector] h2").getByText("Token “36”").waitFor();
  await page.locator("[data-part=inspector] .note").getByText(HOW).waitFor();

  assert.equal(await signs.count(), 1);
  const node = page.locator("[data-part=stage] .node", { has: page.locator(".otherwise") });
  assert.equal(await node.locator(".otherwise text").textContent(), "≠");
  assert.ok((await node.getAttribute("aria-label"))?.endsWith(HOW), "a screen reader says it, too");
  await page.keyboard.press("Escape");
  await legend.waitFor();
  assert.deepEqual(await barriers(page), []);

  await page.locator("[data-part=node-threshold]").fill("0.7");
  await page.waitForFunction(() => !document.querySelector("[data-part=node-count]")?.textContent?.startsWith("0"));
  assert.equal(await signs.count(), 1, "it stays while the graph is pruned anew");
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  await page.waitForFunction(() => !document.querySelector("[data-part=stage] .otherwise"));
  assert.equal(await legend.count(), 0, "another prompt has a grade of its own");
});

test("of paths that both tell alike nothing is said", async (t) => {
  const page = await openPage(t, {
    query: "?engine=cpu&grade=1",
    viewport: { width: 1440, height: 900 },
    before: (page) => withEngine(page, DISAGREE.replace(`differ: [${PLACE}]`, "differ: []")),
  });
  await page.locator(".grade-more dl > div").filter({ hasText: "Paths told alike" }).waitFor({ timeout: 60_000 });
  await page.locator("[data-part=grade-close]").click();
  assert.equal(await page.locator("[data-part=stage] .otherwise").count(), 0);
  assert.equal(await page.getByText("Told otherwise").count(), 0);
});
