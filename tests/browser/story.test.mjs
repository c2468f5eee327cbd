// The story: what a visitor sees first, the graph in few cards; one click from the nodes.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { openPage, RELOADS, screenshot } from "./harness.mjs";
import { barriers, live, query, save, type } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";
const VIGNETTE = `${CPU}&model=diagnosis`;

/** What the cards say, by row from the answer down. @param {Page} page */
function cards(page) {
  return page
    .locator(".story-row")
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll(".title, .detail")].map((each) => each.textContent ?? "")));
}

/** Waits for a story of its own. @param {Page} page @param {string} answer */
async function told(page, answer) {
  await page.locator(".story-card.of-answer .title", { hasText: answer }).waitFor({ timeout: 60_000 });
}

test("36+59 is told untouched: inputs of both numbers by last digit and by size, lookups, sums, the answer", async (t) => {
  const page = await openPage(t, { query: CPU, story: true });
  await live(page);
  await told(page, "95");
  const text = (await cards(page)).flat().join("\n");
  for (const number of ["first", "second"]) {
    assert.match(text, new RegExp(`last digit of the ${number} number`));
    assert.match(text, new RegExp(`size of the ${number} number`));
  }
  assert.match(text, /both last digits/);
  assert.match(text, /both sizes/);
  assert.match(text, /last digit of the sum/);
  assert.match(text, /size of the sum/);
  assert.ok((await page.locator(".story-card.of-features").count()) <= 12);
  assert.ok((await page.locator(".story-card.of-features canvas").count()) >= 8, "with their operand plots");
  assert.ok((await page.locator(".story-flows path").count()) >= 10);
  const lanes = await page.locator(".lane, .lane-name").evaluateAll((all) => all.map((each) => each.getBoundingClientRect().toJSON()));
  assert.deepEqual(await page.locator(".lane-name").allTextContents(), ["Sizes", "Last digits"], "each path has its lane");
  assert.ok(lanes[0].right <= lanes[2].left + 8, "beside each other");
  assert.match(await page.locator(".story-foot").innerText(), /keep \d+\.\d % of the replacement score/);
  await screenshot(page, "story");
});

for (const viewport of [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
]) {
  test(`at ${viewport.width} px each path has its lane, and what is on none stands between them`, async (t) => {
    const page = await openPage(t, { query: CPU, story: true, viewport });
    await live(page);
    await told(page, "95");
    // All at once: it may be drawn again meanwhile.
    const seen = await page.evaluate(() =>
      [...document.querySelectorAll("[data-part=story] *")]
        .map((each) => ({ each, box: each.getBoundingClientRect() }))
        .flatMap(({ each, box }) => {
          const names = [".lane", ".between-lanes", ".laned .row-name", ".story-card.of-features:not(.magnitude, .ones)"];
          for (const path of ["magnitude", "ones"]) names.push(`.story-card.${path}`, `.lane-name.${path}`);
          return names.filter((name) => each.matches(name)).map((name) => ({ name, box: /** @type {DOMRect} */ (box.toJSON()) }));
        }),
    );
    const places = (/** @type {string} */ which) => seen.filter(({ name }) => name === which).map(({ box }) => box);
    const holds = (/** @type {DOMRect} */ outer, /** @type {DOMRect} */ inner) =>
      outer.left <= inner.left && outer.right >= inner.right && outer.top <= inner.top && outer.bottom >= inner.bottom;
    const [sizes, digits] = places(".lane");
    assert.ok(sizes.right <= digits.left, "beside each other");
    for (const [lane, path, name] of /** @type {const} */ ([
      [sizes, "magnitude", "Sizes"],
      [digits, "ones", "Last digits"],
    ])) {
      const cards = places(`.story-card.${path}`);
      assert.ok(cards.length > 1 && cards.every((card) => holds(lane, card)), name);
      const [named] = places(`.lane-name.${path}`);
      assert.ok(holds(lane, named), "its name is in it");
      for (const row of places(".laned .row-name")) assert.ok(row.top >= named.bottom - 4 || row.right <= named.left, "and can be read");
    }
    const others = places(".story-card.of-features:not(.magnitude, .ones)");
    const rooms = places(".between-lanes");
    assert.ok(others.length > 0);
    for (const [i, card] of others.entries()) {
      const middle = (card.left + card.right) / 2;
      assert.ok(sizes.right <= middle + 4 && digits.left >= middle - 4, `between both: ${sizes.right}, ${middle}, ${digits.left}`);
      assert.ok(holds(rooms[i], card), "with room of its own");
    }
  });
}

test("it is there with the recorded first picture, and stays the same when the live graph comes", async (t) => {
  /** @type {() => void} */ let release = () => {};
  const held = new Promise((resolve) => (release = () => resolve(undefined)));
  const before = (/** @type {Page} */ page) =>
    page.context().route(/model\.safetensors$/, async (route) => {
      await held;
      await route.continue();
    });
  const page = await openPage(t, { query: CPU, story: true, before });
  await page.locator("[data-part=first]", { hasText: /^Recorded/ }).waitFor();
  await told(page, "95");
  const first = await cards(page);
  release();
  await live(page);
  assert.deepEqual(await cards(page), first);
  await page.locator("[data-part=plot-progress]", { hasText: "done" }).waitFor({ timeout: 60_000 });
  assert.deepEqual(await cards(page), first, "and of its own names it is the same");
});

test("another sum that is typed is told anew; all nodes are one click away, and so is the story", async (t) => {
  const page = await openPage(t, { query: CPU, story: true, allow: RELOADS }); // it is loaded again
  await live(page);
  await page.locator("[data-part=plot-progress]", { hasText: "done" }).waitFor({ timeout: 60_000 });
  await page.evaluate(() => {
    const story = /** @type {HTMLElement} */ (document.querySelector("[data-part=story]"));
    Object.assign(window, { gone: 0 });
    new MutationObserver(() => Object.assign(window, { gone: /** @type {any} */ (window).gone + 1 })).observe(story, {
      attributeFilter: ["hidden"],
    });
  });
  await type(page, "calc: 17+25=");
  await told(page, "42");
  assert.equal(await page.evaluate(() => /** @type {any} */ (window).gone), 0, "the one before stays until it is there");
  await page.getByRole("heading", { name: "Reading the story" }).waitFor();
  await page.mouse.move(0, 0); // where the button is a node will stand, which would be told of
  await page.getByRole("button", { name: /^All \d+ nodes$/ }).press("Enter");
  await page.getByRole("heading", { name: "Reading the graph" }).waitFor();
  assert.equal(await page.locator("[data-part=story]").isVisible(), false);
  await page.waitForURL(/view=nodes/);
  await page.locator(".node.logit").first().click();
  await page.getByRole("button", { name: "Story", exact: true }).click();
  assert.equal(await page.locator(".story-card.of-answer.selected").count(), 1, "what is selected stays so");
  await page.waitForURL(/view=story/);
  await page.reload();
  await told(page, "42");
});

test("a card lights its arrows, and a click shows its features one after the other", async (t) => {
  const page = await openPage(t, { query: CPU, story: true });
  await live(page);
  await told(page, "95");
  const card = page.locator(".story-card.of-features.ones", { hasText: "last digit of the sum" });
  // Pointed at again where it was drawn anew meanwhile: a pointer that rests points at nothing.
  const own = page.locator(".story.lit .story-flows path.own");
  for (let tries = 0; tries < 20 && (await own.count()) === 0; tries++) {
    await page.mouse.move(5, 5);
    await card.hover();
    await page.waitForTimeout(100);
  }
  assert.ok((await own.count()) > 0);
  await card.click();
  const inspector = page.locator("[data-part=inspector]");
  await inspector.locator("h2", { hasText: "sum" }).waitFor();
  const [first, title] = [new URL(page.url()).searchParams.get("selected"), await card.locator(".title").innerText()];
  const where = (/** @type {number} */ place) => new RegExp(`${place} of \\d+ on the card “${title}”`);
  await inspector.locator(".where", { hasText: where(1) }).waitFor();
  await card.click();
  await inspector.locator(".where", { hasText: where(2) }).waitFor();
  await page.waitForFunction((before) => new URL(location.href).searchParams.get("selected") !== before, first);
  assert.equal(await card.getAttribute("aria-pressed"), "true");
  // What is selected goes on standing out, until something else is pointed at.
  await page.mouse.move(5, 5);
  await own.first().waitFor();
  const other = page.locator(".story-card.of-features.magnitude", { hasText: "size of the sum" });
  assert.ok(!(await card.evaluate((each) => each.classList.contains("near") && !each.classList.contains("selected"))));
  await other.hover();
  await page.waitForFunction(() => document.querySelector(".story-card.magnitude.near:hover"));
  // And a key switches off what it holds.
  await card.press("s");
  await card.locator(".changed").getByText("off").waitFor();
  await page.locator("[data-part=answers] .was").first().waitFor();
  await card.press("s");
  await card.locator(".changed").waitFor({ state: "detached" });
});

test("P, or Shift and a click, pins what a card holds, and takes it out again", async (t) => {
  const page = await openPage(t, { query: CPU, story: true });
  await live(page);
  await told(page, "95");
  const card = page.locator(".story-card.of-features.ones", { hasText: "last digit of the sum" });
  const button = page.locator("[data-part=inspector] button.pin");
  // Where its feature is selected that one, as the panel's button does.
  await card.click();
  await button.getByText("Pin", { exact: true }).waitFor();
  await card.press("p");
  await button.getByText("Unpin").waitFor();
  await query(page, (search) => search.get("pinnedIds") !== null && search.get("pinnedIds") === search.get("selected"));
  const selected = new URL(page.url()).searchParams.get("selected");
  await card.click({ modifiers: ["Shift"] });
  await button.getByText("Pin", { exact: true }).waitFor();
  await query(page, (search) => search.get("pinnedIds") === null);
  assert.equal(new URL(page.url()).searchParams.get("selected"), selected, "with Shift nothing else is selected");
  // Of another card all, as one step of undo.
  const other = page.locator(".story-card.of-features.magnitude", { hasText: "size of the sum" });
  await other.click({ modifiers: ["Shift"] });
  await query(page, (search) => search.get("pinnedIds") !== null && !search.get("pinnedIds")?.includes(search.get("selected") ?? ""));
  await page.locator("[data-part=undo]").click();
  await query(page, (search) => search.get("pinnedIds") === null);
});

test("who is on a card with the keyboard stays on it while the story is drawn again", async (t) => {
  const page = await openPage(t, { query: CPU, story: true }); // drawn as it was recorded, and again when it is live and has its plots
  await told(page, "95");
  const title = await page.locator(".story-card.of-answer").evaluate((card) => {
    /** @type {any} */ (window).focusedFirst = card;
    /** @type {HTMLElement} */ (card).focus();
    /** @type {HTMLElement} */ (card).click();
    return card.textContent;
  });
  await page.waitForFunction(() => !(/** @type {any} */ (window).focusedFirst.isConnected), null, { timeout: 60_000 });
  const now = await page.evaluate(() => document.activeElement?.textContent);
  assert.equal(now, title, "the same card, drawn anew");
  const spans = await page.locator(".story-flows path.own").evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height));
  assert.ok(spans.length > 0 && spans.every((height) => height > 10), "with its arrows");
});

test("a vignette is told by what it says: findings, what they speak for, and what is asked", async (t) => {
  const page = await openPage(t, { query: VIGNETTE, story: true });
  await told(page, "visual disturbances");
  await live(page);
  const [answers, concludes, combines, reads] = (await cards(page)).map((row) => row.join("\n"));
  for (const finding of ["30 weeks gestation", "right upper quadrant", "mild headache"]) assert.ok(reads.includes(finding), reads);
  assert.match(combines, /preeclampsia/);
  assert.match(concludes, /preeclampsia/);
  assert.match(answers, /proteinuria/);
  await screenshot(page, "story-vignette");
});

test("on a phone the page scrolls through it, nothing is wider than the screen, and nobody is shut out", async (t) => {
  for (const query of [CPU, VIGNETTE]) {
    const page = await openPage(t, { query, story: true, viewport: { width: 390, height: 844 } });
    await live(page);
    await page.locator(".story-card.of-answer").first().waitFor();
    const { wide, inner } = await page.evaluate(() => {
      const story = /** @type {HTMLElement} */ (document.querySelector("[data-part=story]"));
      return { wide: document.documentElement.scrollWidth - innerWidth, inner: story.scrollHeight - story.clientHeight };
    });
    assert.ok(wide <= 0 && inner <= 1, `${wide} px too wide, ${inner} px hidden`);
    assert.deepEqual(await barriers(page), []);
    await page.close();
  }
});

test("a saved graph is told as it was when its file is opened, as long as all of it is on show", async (t) => {
  const page = await openPage(t, { query: CPU, story: true });
  await live(page);
  await told(page, "95");
  await page.locator("[data-part=plot-progress]", { hasText: "done" }).waitFor({ timeout: 60_000 });
  const before = await cards(page);
  const [download] = await Promise.all([page.waitForEvent("download"), save(page)]);
  const file = await readFile(await download.path(), "utf8");
  const graph = JSON.parse(file);
  assert.deepEqual(Object.keys(graph).sort(), ["links", "metadata", "nodes", "qParams"], "nothing that another viewer would stumble over");
  assert.deepEqual(graph.qParams.supernodes, [], "groups are the reader's");

  const open = (/** @type {string} */ name, /** @type {string} */ text) =>
    page.locator("[data-part=open-file]").setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });
  await open("saved.json", file);
  await page.locator("[data-part=recorded]", { hasText: "saved.json" }).waitFor();
  await page.locator("[data-part=story]").waitFor();
  assert.deepEqual(await cards(page), before);
  assert.ok((await page.locator(".story-card.of-features canvas").count()) >= 8, "with their operand plots");
  assert.match(await page.locator(".story-foot").innerText(), /keep \d+\.\d % of the replacement score/);
  await page.locator(".story-card.of-features").first().click();
  await page.locator(".story-card.selected").waitFor();
  assert.ok(await page.locator("[data-part=inspector]").isVisible());
  await screenshot(page, "story-of-file");

  // Less of it on show is another graph than the one that is told.
  const story = page.locator("[data-part=view-story]");
  const nodes = page.locator("[data-part=node-threshold]");
  const all = await nodes.inputValue();
  await page.locator("[data-part=view-nodes]").click();
  await nodes.fill("0.4");
  await page.locator("[data-part=view-story]:disabled").waitFor();
  assert.match((await story.getAttribute("title")) ?? "", /of all its nodes/);
  await nodes.fill(all);
  await story.click();
  await page.locator("[data-part=story]").waitFor();
  assert.deepEqual(await cards(page), before);

  // Without one, or with nonsense in its place, its nodes are on show.
  for (const kept of [undefined, { items: [{ kind: "answer", nodes: ["x"], leader: "x" }], flows: 7 }]) {
    graph.metadata.attograph.page.story = kept;
    await open("other.json", JSON.stringify(graph));
    await page.locator("[data-part=recorded]", { hasText: "other.json" }).waitFor();
    await page.locator(".node.feature").first().waitFor();
    assert.ok(await story.isDisabled());
    assert.match((await story.getAttribute("title")) ?? "", /holds no story/);
    await open("saved.json", file);
    await page.locator("[data-part=story]").waitFor();
  }
  await page.getByRole("button", { name: "Trace this prompt here" }).click();
  await page.locator("[data-part=recorded]").waitFor({ state: "hidden" });
  await told(page, "95");
});

test("features that are set: each card tells what became of it, and a verdict in one line stands beside the graph", async (t) => {
  const page = await openPage(t, { query: CPU, story: true });
  await live(page);
  assert.match(
    await page.locator("[data-part=verdict]").innerText(),
    /^\d+(\.\d+)? % explained; graphs like this foretell small changes \w+ \(r = 0\.\d\d\)\.$/,
  );
  const score = Number(await page.locator("[data-part=replacement]").innerText());
  assert.ok((await page.locator("[data-part=verdict]").innerText()).startsWith(`${(100 * score).toFixed(1)} %`), "the same figure");
  await page.locator("[data-part=verdict-words]").focus();
  await page.locator("[data-part=bubble]").getByText("r: of predicted and measured changes on").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("[data-part=bubble]").waitFor({ state: "hidden" });
  const card = page.locator("[data-part=story] .story-card", { hasText: "last digit of the sum" });
  await card.click();
  await page.locator(".steer-buttons button", { hasText: "Off" }).click();
  // The card is of several features, of which one is off: the others act.
  await card.locator(".changed.set", { hasText: /^1 of [2-9] off$/ }).waitFor();
  assert.ok(!(await card.getAttribute("class"))?.split(" ").includes("set"), "it does not look as if all of it were off");
  await page.locator("[data-part=story] .of-answer .changed.less", { hasText: "now" }).waitFor();
  await page.locator(".steer-buttons button", { hasText: "Off" }).click();
  await page.locator("[data-part=story] .changed").first().waitFor({ state: "detached" });
});
