// Snapshots in this browser: what one kept is never lost without a question.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";

/** @param {Page} page @param {string} [name] */
async function keep(page, name = "") {
  if (!(await page.locator("[data-part=snapshot-name]").isVisible())) await page.locator("[data-part=keep] summary").click();
  await page.locator("[data-part=snapshot-name]").fill(name);
  await page.locator("[data-part=snapshot-form] button").click();
}

/** Names of the snapshots, the newest first. @param {Page} page @returns {Promise<string[]>} */
function names(page) {
  return page.evaluate(() =>
    JSON.parse(localStorage.getItem("attograph-snapshots") ?? "[]").map((/** @type {{ name: string }} */ { name }) => name),
  );
}

test("two states of one prompt, kept without a name or with the same, are two snapshots", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await keep(page);
  await page.locator("[data-part=keep-said]").getByText("Kept as “calc: 36+59=”").waitFor();
  await page.keyboard.press("Escape");
  await page
    .locator(".node.feature")
    .last()
    .click({ modifiers: ["Shift"] });
  await page.locator("[data-part=subgraph] .item").waitFor();
  await keep(page);
  await page.locator("[data-part=keep-said]").getByText("Kept as “calc: 36+59= (2)”").waitFor();
  await keep(page);
  await page.locator("[data-part=keep-said]").getByText("kept already").waitFor();
  await keep(page, "calc: 36+59=");
  assert.deepEqual(await names(page), ["calc: 36+59= (3)", "calc: 36+59= (2)", "calc: 36+59="]);
  await page.locator("[data-part=snapshots] .open").last().click();
  await page.locator("[data-part=subgraph]").waitFor({ state: "hidden" });
});

test("the 101st snapshot asks before the oldest goes", async (t) => {
  const page = await openPage(t, {
    query: CPU,
    before: (page) =>
      page.addInitScript(() => {
        const all = Array.from({ length: 100 }, (_, i) => ({ name: `kept ${i}`, query: `?prompt=${i}`, time: 1000 - i }));
        localStorage.setItem("attograph-snapshots", JSON.stringify(all));
      }),
  });
  await answers(page, "95");
  await keep(page, "one more");
  await page.locator("[data-part=keep-said]").getByText("100 snapshots are kept, and no more can be. The oldest is “kept 99”").waitFor();
  assert.equal((await names(page))[99], "kept 99");
  await page.locator("[data-part=keep-said] button").click();
  await page.locator("[data-part=keep-said]").getByText("Kept as “one more”").waitFor();
  const now = await names(page);
  assert.equal(now.length, 100);
  assert.equal(now[0], "one more");
  assert.ok(!now.includes("kept 99"));
});

test("a long arrangement in a snapshot is whole, and its link says for whom it is good", async (t) => {
  const labels = JSON.stringify(Array.from({ length: 300 }, (_, i) => [`1_${i}`, `label ${i}`]));
  const page = await openPage(t, { query: `${CPU}&clerps=${encodeURIComponent(labels)}` });
  await answers(page, "95");
  await keep(page, "many labels");
  const [query] = await page.evaluate(() =>
    JSON.parse(localStorage.getItem("attograph-snapshots") ?? "[]").map((/** @type {{ query: string }} */ each) => each.query),
  );
  assert.equal(new URLSearchParams(query).get("clerps"), labels);
  await page.locator("[data-part=copy-link]").click();
  await page.locator("[data-part=keep-said]").getByText("good in this browser only: labels would make it too long to share").waitFor();
});
