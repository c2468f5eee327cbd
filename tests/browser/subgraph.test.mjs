// The subgraph: pins, supernodes, names and places, by pointer and by keyboard, in the address and in undo.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, RELOADS, screenshot } from "./harness.mjs";
import { answers, boxOf, number, plotsDrawn, query } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";

/**
 * Opens the sum with three features at the answering token and the answer pinned.
 * @param {{ after: (fn: () => Promise<void>) => void }} t
 */
async function withPins(t) {
  const page = await openPage(t, { query: CPU, allow: RELOADS, viewport: { width: 1440, height: 1100 } });
  await answers(page, "95");
  await plotsDrawn(page);
  const features = page.locator('.node.feature[aria-label*="“=”"]');
  for (const i of [0, 1, 2]) await features.nth(i).click({ modifiers: ["Shift"] });
  await page
    .locator(".node.logit")
    .first()
    .click({ modifiers: ["Shift"] });
  await page.locator("[data-part=subgraph] .item").nth(3).waitFor();
  return page;
}

/** @param {Page} page */
const items = (page) => page.locator("[data-part=subgraph] .item");

test("Shift and a click pin a node, once more takes it out, and the address knows", async (t) => {
  const page = await withPins(t);
  assert.equal(await page.locator(".node.pinned").count(), 4);
  assert.match(await page.locator("[data-part=pinned-count]").innerText(), /^4 nodes$/);
  await query(page, (search) => search.get("pinnedIds")?.split(",").length === 4);
  await page
    .locator(".node.logit")
    .first()
    .click({ modifiers: ["Shift"] });
  await items(page).nth(3).waitFor({ state: "detached" });
  await query(page, (search) => search.get("pinnedIds")?.split(",").length === 3);
  await page.reload();
  await items(page).nth(2).waitFor();
  assert.equal(await items(page).count(), 3);
});

test("a group is one item whose edges add up; it is named, opened, taken apart, and undone", async (t) => {
  const page = await withPins(t);
  await page.locator("[data-part=subgraph] .flow").first().waitFor();
  const weights = async () => {
    // The flows to the answer come with the graph, which is drawn anew when more of it is known.
    await page.waitForFunction(() =>
      [...document.querySelectorAll("[data-part=subgraph] .flow title")].some((each) => /→ Answer/.test(each.textContent ?? "")),
    );
    const titles = await page.locator("[data-part=subgraph] .flow title").evaluateAll((all) => all.map((each) => each.textContent ?? ""));
    return titles.filter((title) => /→ Answer/.test(title)).map((title) => number(title.replace(/.*: /, "")));
  };
  const before = await weights();
  const two = await items(page).evaluateAll((all) =>
    all
      .filter((each) => !each.classList.contains("logit"))
      .slice(0, 2)
      .map((each) => each.getAttribute("data-key")),
  );
  await page.locator(`.item[data-key="${two[0]}"]`).click();
  await page.locator(`.item[data-key="${two[1]}"]`).click({ modifiers: ["Shift"] });
  await page.locator("[data-part=subgraph-group]").click();
  await page.locator("[data-part=subgraph] input.rename").fill("ones <b>digit</b>");
  await page.keyboard.press("Enter");
  const group = page.locator("[data-part=subgraph] .supernode");
  await group.waitFor();
  assert.match((await group.locator(".label").textContent()) ?? "", /^ones <b>/, "a name is text");
  assert.equal(await items(page).count(), 3);
  const sum = (/** @type {number[]} */ all) => all.reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum(await weights()) - sum(before)) < 0.05, `${await weights()} against ${before}`);

  await page.locator("[data-part=subgraph-open]").click();
  assert.equal(await group.locator(".member").count(), 2);
  await query(page, (search) => /ones/.test(search.get("supernodes") ?? "") && search.get("open") === "[0]");
  await page.locator("[data-part=undo]").click();
  await page.waitForFunction(() => document.querySelectorAll("[data-part=subgraph] .member").length === 0);
  await page.locator("[data-part=undo]").click(); // the name
  await page.locator("[data-part=undo]").click(); // the group
  await items(page).nth(3).waitFor();
  assert.equal(await group.count(), 0);
  for (let i = 0; i < 3; i++) await page.locator("[data-part=redo]").click();
  await group.locator(".member").nth(1).waitFor();
});

test("items are dragged, stay where they were put, and Tidy puts them back", async (t) => {
  const page = await withPins(t);
  await page.locator("[data-part=subgraph] .flow").first().waitFor();
  await page.waitForTimeout(300); // until names and edges are drawn
  const item = items(page).first();
  const before = await boxOf(item);
  await page.mouse.move(before.x + 20, before.y + 15);
  await page.mouse.down();
  await page.mouse.move(before.x - 180, before.y + 45, { steps: 4 });
  await page.mouse.up();
  const after = await boxOf(item);
  assert.ok(after && Math.abs(after.x - before.x + 200) < 3 && Math.abs(after.y - before.y - 30) < 3, JSON.stringify({ before, after }));
  await query(page, (search) => search.has("sg_pos"));
  await page.waitForTimeout(500); // the last of the drag is written as well
  await page.reload();
  await items(page).nth(3).waitFor();
  const again = await boxOf(item);
  const middle = (/** @type {{ x: number, width: number, y: number, height: number }} */ box) => [
    box.x + box.width / 2,
    box.y + box.height / 2,
  ];
  assert.ok(again && middle(again).every((value, i) => Math.abs(value - middle(after)[i]) < 4), JSON.stringify({ after, again }));
  await page.locator("[data-part=subgraph-tidy]").click();
  await query(page, (search) => !search.has("sg_pos"));
});

test("the keyboard alone pins, walks, groups, names, moves and unpins", async (t) => {
  const page = await openPage(t, { query: CPU, viewport: { width: 1440, height: 1100 } });
  await answers(page, "95");
  await plotsDrawn(page);
  await page.locator(".node.logit").first().focus();
  await page.keyboard.press("p");
  for (const key of ["ArrowDown", "p", "ArrowLeft", "p"]) await page.keyboard.press(key);
  await items(page).nth(2).waitFor();
  await page.locator('[data-part=subgraph] .item[tabindex="0"]').focus();
  await page.keyboard.press("ArrowDown");
  const first = await page.evaluate(() => document.activeElement?.getAttribute("data-key"));
  await page.keyboard.press(" ");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowRight");
  const second = await page.evaluate(() => document.activeElement?.getAttribute("data-key"));
  if (second === first) await page.keyboard.press("ArrowLeft");
  await page.keyboard.press(" ");
  await page.keyboard.press("g");
  await page.keyboard.type("Mine");
  await page.keyboard.press("Enter");
  await page.locator("[data-part=subgraph] .supernode").waitFor();
  await page.keyboard.press("Alt+ArrowLeft");
  await query(page, (search) => search.has("sg_pos"));
  await page.keyboard.press("o");
  await page.locator("[data-part=subgraph] .member").first().waitFor();
  await page.keyboard.press("Delete");
  await page.locator("[data-part=subgraph] .supernode").waitFor({ state: "detached" });
  await page.keyboard.press("Control+z");
  await page.locator("[data-part=subgraph] .supernode").waitFor();
});

test("a suggested grouping pins what matters and groups what is alike", async (t) => {
  const page = await openPage(t, { query: CPU, viewport: { width: 1440, height: 1100 } });
  await answers(page, "95");
  await plotsDrawn(page);
  await page
    .locator(".node.logit")
    .first()
    .click({ modifiers: ["Shift"] });
  await page.locator("[data-part=subgraph-suggest]").click();
  await page.locator("[data-part=subgraph] .supernode").first().waitFor();
  assert.ok((await items(page).count()) < (await page.locator(".node.pinned").count()), "fewer items than nodes");
  // Where there is nothing to group, that is said.
  const before = await items(page).count();
  await page.locator("[data-part=subgraph-suggest]").click();
  await page.locator("[data-part=notice]").getByText("No two of the pinned nodes do the same.").waitFor();
  assert.equal(await items(page).count(), before);
  await page.locator("[data-part=subgraph-enlarge]").click();
  await page.locator("[data-part=notice]").waitFor({ state: "hidden" }); // whatever is done next takes it away
  assert.equal(await page.locator(".graph").isVisible(), false);
  await screenshot(page, "subgraph-large");
});
