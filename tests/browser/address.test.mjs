// The address is short whatever one does, and still shows the same again; spoiled ones are read as far as they make sense.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, RELOADS, site } from "./harness.mjs";
import { answers, notice, query, type } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";
const SHORT = 2000;

/** So many labels, as a link has them. @param {number} count */
function labels(count) {
  return Array.from({ length: count }, (_, i) => [`${i % 4}_${i}`, `a label of feature ${i}`]);
}

/** An address with many labels, pins, groups and steered features, as older versions of the page wrote it. */
function longAddress() {
  const ids = Array.from({ length: 120 }, (_, i) => `1_${i}_3`);
  return `${CPU}&${new URLSearchParams({
    prompt: "calc: 17+25=",
    clerps: JSON.stringify(labels(500)),
    pinnedIds: ["2_183_6", ...ids].join(","),
    supernodes: JSON.stringify([["my group", ...ids.slice(0, 60)]]),
    sg_pos: JSON.stringify(ids.map((id) => [id, 0.25, 0.75])),
    steer: Array.from({ length: 80 }, (_, i) => `1/${i}@3=x0.5`).join(","),
  })}`;
}

/** What the page holds, as a snapshot's query would say it. @param {Page} page */
async function held(page) {
  await page.locator("[data-part=keep] summary").click();
  await page.locator("[data-part=snapshot-name]").fill("all of it");
  await page.keyboard.press("Enter");
  await page
    .locator("[data-part=keep-said]")
    .getByText(/Kept as|kept already/)
    .waitFor();
  await page.keyboard.press("Escape");
  return page.evaluate(() => JSON.parse(localStorage.getItem("attograph-snapshots") ?? "[]")[0].query);
}

test("a long address of old opens, is written short, and a reload shows the same", async (t) => {
  const page = await openPage(t, { query: longAddress(), allow: RELOADS });
  await answers(page, "42");
  await query(page, (search) => search.has("kept"));
  assert.ok(page.url().length < SHORT, page.url());
  const before = await held(page);
  const search = new URLSearchParams(before);
  assert.equal(JSON.parse(search.get("clerps") ?? "").length, 500);
  assert.equal(search.get("pinnedIds")?.split(",").length, 121);
  assert.equal(search.get("steer")?.split(",").length, 80);
  await page.reload();
  await answers(page, "42");
  assert.equal(await held(page), before);
  assert.equal(await page.locator("[data-part=notice]").isVisible(), false);
});

test("a text of 19,000 characters stays out of the address, comes back with a reload, and Back and undo go through it", async (t) => {
  const page = await openPage(t, { query: CPU, allow: RELOADS });
  await answers(page, "95");
  const text = "17+25=".repeat(3000) + "ü".repeat(1000);
  await type(page, text);
  assert.match(await notice(page), /token/);
  await query(page, (search) => search.has("kept"));
  assert.ok(page.url().length < SHORT);
  await page.reload();
  await notice(page);
  assert.equal(await page.locator("[data-part=prompt]").inputValue(), text);
  await page.locator("[data-part=examples] summary").click();
  await page.locator("[data-part=examples] button").nth(1).click();
  await answers(page, "42");
  await page.goBack();
  await page.waitForFunction(
    (length) => /** @type {HTMLTextAreaElement} */ (document.querySelector("[data-part=prompt]")).value.length === length,
    text.length,
  );
  await page.goForward();
  await page.waitForFunction(
    () => /** @type {HTMLTextAreaElement} */ (document.querySelector("[data-part=prompt]")).value === "calc: 17+25=",
  );
  await page.locator("[data-part=undo]").click();
  await page.waitForFunction(
    (length) => /** @type {HTMLTextAreaElement} */ (document.querySelector("[data-part=prompt]")).value.length === length,
    text.length,
  );
});

test("what this browser does not have is named, with what to do", async (t) => {
  const page = await openPage(t, { query: `${CPU}&kept=abc123.clerps.pinnedIds.%3Cb%3E` });
  const said = await notice(page);
  assert.match(said, /leaves labels and pins to the browser in which it was made/);
  assert.match(said, /JSON file/);
  await answers(page, "95");
});

test("kept parts that are not what the address meant are not taken", async (t) => {
  const page = await openPage(t, { query: longAddress(), allow: RELOADS });
  await answers(page, "42");
  await query(page, (search) => search.has("kept"));
  await page.evaluate(() => {
    for (const key of Object.keys(localStorage))
      if (key.startsWith("attograph-kept-"))
        localStorage.setItem(key, JSON.stringify({ version: 1, time: 1, query: "prompt=another&model=none" }));
  });
  await page.reload();
  assert.match(await notice(page), /this one does not have them/);
  await page.locator("[data-part=answers] .token").first().waitFor();
  assert.equal(new URL(page.url()).searchParams.get("model"), null);
});

test("without storage the page says that a reload would lose it, and what to do", async (t) => {
  const page = await openPage(t, {
    query: longAddress(),
    before: (page) =>
      page.addInitScript(() => {
        Storage.prototype.setItem = () => {
          throw new DOMException("full", "QuotaExceededError");
        };
      }),
  });
  await answers(page, "42");
  assert.match(await notice(page), /keeps nothing for this page[^]*labels[^]*JSON file/);
  assert.ok(page.url().length < SHORT);
});

test("what is kept is bounded: the oldest goes first, and snapshots stay", async (t) => {
  const page = await openPage(t, {
    query: longAddress(),
    before: (page) =>
      page.addInitScript(() => {
        if (localStorage.getItem("attograph-snapshots")) return;
        localStorage.setItem("attograph-snapshots", JSON.stringify([{ name: "mine", query: "?prompt=x", time: 1 }]));
        for (let i = 0; i < 150; i++)
          localStorage.setItem(
            `attograph-kept-old${i}`,
            JSON.stringify({ version: 1, time: 1000 + i, query: `prompt=${i}`.padEnd(3000, "x") }),
          );
        localStorage.setItem("attograph-kept-spoiled", "{");
      }),
  });
  await answers(page, "42");
  await query(page, (search) => search.has("kept"));
  const keys = await page.evaluate(() => Object.keys(localStorage));
  const kept = keys.filter((key) => key.startsWith("attograph-kept-"));
  assert.ok(kept.length <= 100, String(kept.length));
  assert.ok(kept.includes("attograph-kept-old149"));
  assert.ok(!kept.includes("attograph-kept-old0") && !kept.includes("attograph-kept-spoiled"));
  assert.ok(keys.includes("attograph-snapshots"));
});

test("typing leaves nothing behind in the storage but what the address names", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  for (let i = 0; i < 5; i++) {
    await type(page, `${"long ".repeat(500)}${i}`);
    await page.waitForTimeout(500);
  }
  await query(page, (search) => search.has("kept"));
  const kept = await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("attograph-kept-")));
  assert.equal(kept.length, 1, kept.join());
});

for (const [what, search, says, stays] of /** @type {const} */ ([
  ["numbers", "node=2&edge=x&zoom=-1&density=0.5", /the threshold of nodes, the threshold of edges and the zoom/, ["density", "0.5"]],
  ["choices", "engine=cpu&theme=pink&mode=sideways&transcoder=none", /the transcoder, what is held and the colours/, ["engine", "cpu"]],
  ["lists that are none", "supernodes={&clerps=3&pinnedIds=2_183_6", /groups and labels/, ["pinnedIds", "2_183_6"]],
  ["some of a list", "clerps=[[%221_2%22,%22good%22],[%22x%22,%22bad%22]]", /labels/, ["clerps", '[["1_2","good"]]']],
  ["settings", "steer=1/2@3=x0,nonsense", /steered features/, ["steer", "1/2@3=x0"]],
])) {
  test(`an address with spoiled ${what} is read as far as it makes sense, and says what was left out`, async (t) => {
    const page = await openPage(t, { query: `?${search}&engine=cpu` });
    await answers(page, "95");
    const said = await notice(page);
    assert.match(said, says);
    assert.match(said, /left out/);
    await query(page, (now) => now.get(stays[0]) === stays[1]);
  });
}

test("the fragment keeps its meaning", async (t) => {
  const page = await openPage(t, { query: `${longAddress()}#card` });
  await answers(page, "42");
  await query(page, (search) => search.has("kept"));
  assert.equal(new URL(page.url()).hash, "#card");
  assert.ok(page.url().startsWith(site));
});
