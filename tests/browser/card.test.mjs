// The model's card: what the model is, and every figure that was measured, with the targets met and missed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage, screenshot } from "./harness.mjs";
import { answers, barriers } from "./reading.mjs";
import { addPerLayer, copyOfAddition, serve } from "./stand-in.mjs";

/** @import { Page } from "playwright-core" */
/** @import { Quality } from "../../www/lab/messages.js" */

const HOW = "cargo run --release -- evaluate --model www/models/both";
const CROSS = { transcoder: /** @type {const} */ ("cross-layer"), how: HOW };
const PER = { transcoder: /** @type {const} */ ("per-layer"), how: HOW };

/** @type {Quality[]} */
const FIGURES = [
  {
    group: "Right answers",
    measure: "right/calc/trained",
    name: "trained pairs",
    value: 100,
    of: 9000,
    unit: "%",
    target: { at_least: 100 },
    how: HOW,
  },
  {
    group: "Right answers",
    measure: "right/calc/held-out",
    name: "held-out pairs",
    value: 99.9967,
    of: 30_000,
    unit: "%",
    target: { at_least: 100 },
    how: HOW,
  },
  {
    group: "Every MLP replaced",
    measure: "replaced/calc/held-out",
    name: "the original's answer",
    value: 99.7,
    of: 1000,
    unit: "%",
    target: { at_least: 99.9 },
    ...CROSS,
  },
  {
    group: "Error",
    measure: "error/all/0",
    name: "variance left unexplained",
    value: 0.3121,
    of: 45_210,
    unit: "%",
    target: { at_most: 1 },
    ...CROSS,
  },
  {
    group: "Graphs",
    measure: "score/replacement",
    name: "replacement score",
    value: 0.9498,
    of: 200,
    unit: "",
    target: { at_least: 0.95 },
    ...CROSS,
  },
  { group: "Active features", measure: "active/all", name: "active a token", value: 7.2134, of: 45_210, unit: "features", ...CROSS },
  { group: "Size", measure: "size", name: "on <b>disk</b>", value: 6.712, unit: "MB", target: { at_most: 10 }, ...CROSS },
  {
    group: "Every MLP replaced",
    measure: "replaced/calc/held-out",
    name: "the original's answer",
    value: 98.6,
    of: 1000,
    unit: "%",
    ...PER,
  },
  { group: "Graphs", measure: "score/replacement", name: "replacement score", value: 0.94961, of: 200, unit: "", ...PER },
];

/** @param {Page} page */
async function measured(page) {
  const both = await copyOfAddition({
    name: "both",
    title: "A model",
    description: "It adds.",
    notice: "Not to be relied on.",
    licence: "CC0-1.0",
    quality: FIGURES,
  });
  await addPerLayer(both);
  await serve(page, { both });
}

test("the card says what the model is, and how every figure stands to its target", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu", before: measured });
  await answers(page, "95");
  await page.getByRole("link", { name: "About this model" }).click();
  const card = page.locator("[data-part=card]");
  assert.ok(
    await card.getByRole("heading", { name: "About this model" }).evaluate((it) => it.getBoundingClientRect().top < innerHeight),
    "the link leads to it",
  );
  const text = await card.innerText();
  for (const part of [
    /A model\s+It adds\./,
    /Not to be relied on\./,
    /CC0-1\.0/,
    /4 layers/,
    /model [\d.]+ MB, cross-layer transcoder [\d.]+ MB, per-layer transcoders [\d.]+ MB/,
  ])
    assert.match(text, part);
  assert.match(text, /3 of 6 targets are met\./);
  assert.ok(text.includes(HOW));

  const tables = await card
    .locator("table")
    .evaluateAll((all) =>
      all.map((table) =>
        [...table.querySelectorAll("tr")].map((row) =>
          [...row.children].map((cell) => [...cell.childNodes].map((node) => node.textContent).join(" ")),
        ),
      ),
    );
  assert.deepEqual(tables, [
    [
      ["Measure", "Model", "Target"],
      ["Right answers"],
      ["trained pairs", "100 % 9,000 of 9,000", "≥ 100 % ✓ met"],
      ["held-out pairs", "99.997 % 29,999 of 30,000", "≥ 100 % ✗ missed"],
    ],
    [
      ["Measure", "Cross-layer transcoder", "Per-layer transcoders", "Target"],
      ["Every MLP replaced"],
      ["the original's answer", "99.70 % 997 of 1,000", "98.60 % 986 of 1,000", "≥ 99.9 % ✗ missed"],
      ["Error"],
      ["variance left unexplained", "0.31 % n = 45,210", "–", "≤ 1 % ✓ met"],
      ["Graphs"],
      ["replacement score", "0.9498 n = 200", "0.9496 n = 200", "≥ 0.95 ✗ missed"],
      ["Active features"],
      ["active a token", "7.2 n = 45,210", "–", ""],
      ["Size"],
      ["on <b>disk</b>", "6.7 MB", "–", "≤ 10 MB ✓ met"],
    ],
  ]);
  assert.deepEqual(await barriers(page), []);
  await screenshot(page, "card");
});

test("the card fits a phone, and paper", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu", viewport: { width: 390, height: 844 }, before: measured });
  await answers(page, "95");
  const card = page.locator("[data-part=card]");
  const right = () =>
    card.locator("td, th, p, dd").evaluateAll((all) => Math.max(...all.map((each) => each.getBoundingClientRect().right)));
  assert.ok((await right()) <= 390);
  await page.emulateMedia({ media: "print" });
  assert.equal(await card.isVisible(), false, "whoever prints a graph gets the graph");
  await page.emulateMedia({ media: "screen" });
  await page.locator('.masthead a[href="#card"]').click();
  await page.emulateMedia({ media: "print" });
  assert.ok(await card.getByText("replacement score").isVisible());
  assert.equal(await page.locator("[data-part=caution]").isVisible(), true);
});

test("a card is a link of its own, which typing keeps", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu#card", before: measured });
  await answers(page, "95");
  await page.locator("[data-part=prompt]").fill("calc: 17+25=");
  await answers(page, "42");
  await page.waitForFunction(() => location.search.includes("17%2B25") && location.hash === "#card");
});

test("of many figures in a group those that are held to a target are shown first, and a button shows all", async (t) => {
  const plain = Array.from({ length: 30 }, (_, i) => ({
    group: "Many",
    measure: `many/${i}`,
    name: `figure ${i}`,
    value: i / 30,
    of: 100,
    unit: "",
    ...CROSS,
  }));
  const quality = [
    ...plain,
    { group: "Many", measure: "many/held", name: "held to a target", value: 0.5, of: 100, unit: "", target: { at_least: 0.4 }, ...CROSS },
  ];
  const page = await openPage(t, {
    query: "?engine=cpu",
    before: async (page) => serve(page, { many: await copyOfAddition({ quality }) }),
  });
  await answers(page, "95");
  const card = page.locator("[data-part=card]");
  await card.getByText("held to a target").waitFor();
  assert.equal(await card.getByText("figure 7", { exact: true }).isVisible(), false);
  const button = card.getByRole("button", { name: "Show all 31" });
  await button.click();
  assert.ok(await card.getByText("figure 7", { exact: true }).isVisible());
  await card.getByRole("button", { name: "Show fewer" }).click();
  await page.locator('.masthead a[href="#card"]').click();
  await page.emulateMedia({ media: "print" });
  assert.ok(await card.getByText("figure 7", { exact: true }).isVisible(), "on paper all are there");
});

test("a model that was not measured says so", async (t) => {
  const page = await openPage(t, {
    query: "?engine=cpu",
    before: async (page) => serve(page, { new: await copyOfAddition({ quality: [] }) }),
  });
  await answers(page, "95");
  await page.locator("[data-part=card]").getByText("Nothing has been measured yet").waitFor();
});

test("a link within the page leaves what was just typed", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu" });
  await answers(page, "95");
  // At once: the address does not hold the new prompt yet.
  await page.evaluate(() => {
    const prompt = /** @type {HTMLTextAreaElement} */ (document.querySelector("[data-part=prompt]"));
    prompt.value = "calc: 20+30=";
    prompt.dispatchEvent(new Event("input"));
    location.hash = "#card";
  });
  await answers(page, "50");
  await page.waitForFunction(() => location.search.includes("20%2B30") && location.hash === "#card");
  assert.equal(await page.locator("[data-part=prompt]").inputValue(), "calc: 20+30=");
});
