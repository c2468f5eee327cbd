// Search: what is in the graph, hidden in it, or not in it at all, by keys and by touch, of live graphs and of files.

import assert from "node:assert/strict";
import { test } from "node:test";
import { feature, number, STRONGEST, silent } from "./circuit.mjs";
import { openPage, screenshot } from "./harness.mjs";
import { graphFile, SHAPES } from "./large-graphs.mjs";
import { answers, barriers, nodes, query, type } from "./reading.mjs";

/** @import { Page } from "playwright-core" */

const CPU = "?engine=cpu";
const PHONE = { width: 390, height: 844 };
const PARTS = /lab\/parts-[^/]*\.js(\?\d+)?$/;
const PATIENCE = { timeout: 60_000 };

/** Opens the box by its key, and types. @param {Page} page @param {string} text */
async function search(page, text) {
  await page.keyboard.press("/");
  await page.locator("[data-part=search][open]").waitFor();
  await page.locator("[data-part=search-input]").fill(text);
}

/** What is listed, by the headings; of each its name, what is told of it, and what is marked. @param {Page} page */
function listed(page) {
  return page.locator("[data-part=search]").evaluate((dialog) => {
    const text = (/** @type {ParentNode} */ within, /** @type {string} */ selector) => within.querySelector(selector)?.textContent ?? "";
    const groups = [...dialog.querySelectorAll("[role=group]")].map((group) => ({
      heading: text(group, ".caption span"),
      more: text(group, ".caption span + span"),
      options: [...group.querySelectorAll("[role=option]")].map((option) => ({
        name: text(option, ".name").replace(text(option, "small"), "").trim(),
        told: text(option, "small"),
        number: text(option, ".number"),
        marked: [...option.querySelectorAll("mark")].map((mark) => mark.textContent),
        chosen: option.getAttribute("aria-selected") === "true",
      })),
    }));
    return { groups, options: groups.flatMap(({ options }) => options), said: text(dialog, "[role=status]") };
  });
}

/** @param {Page} page */
const focused = (page) =>
  page.evaluate(() => {
    const { activeElement } = document;
    return activeElement?.getAttribute("data-part") ?? activeElement?.getAttribute("data-id") ?? activeElement?.tagName;
  });

/** Waits until the keyboard is at a node of the graph. @param {Page} page @param {string} id */
const isAt = (page, id) => page.waitForFunction((node) => document.activeElement?.getAttribute("data-id") === node, id);

test("by keyboard: a node on show is found by its number, marked, chosen and gone to", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await search(page, `feature ${number(STRONGEST)}`);
  const { groups, options } = await listed(page);
  assert.equal(groups[0].heading, "Nodes of this graph");
  assert.equal(options[0].number, feature(STRONGEST));
  assert.deepEqual(options[0].marked[0]?.toLowerCase(), `feature ${number(STRONGEST)}`);
  assert.deepEqual(
    options.map(({ chosen }) => chosen),
    options.map((_, i) => i === 0),
    "the best is what Enter chooses",
  );
  const input = page.locator("[data-part=search-input]");
  assert.equal(await input.getAttribute("aria-expanded"), "true");
  assert.deepEqual(await barriers(page), []);
  await screenshot(page, "search");

  // Arrows walk through the list and around its ends; the list says which one it is at.
  await page.keyboard.press("ArrowUp");
  assert.equal((await listed(page)).options.at(-1)?.chosen, true);
  await page.keyboard.press("ArrowDown");
  const active = await input.getAttribute("aria-activedescendant");
  assert.equal(await page.locator(`[id="${active}"]`).getAttribute("aria-selected"), "true");
  assert.equal((await listed(page)).options[0].chosen, true);
  await page.keyboard.press("Enter");
  await query(page, (address) => address.get("selected") === STRONGEST);
  await isAt(page, STRONGEST);
  assert.ok(await page.locator("[data-part=search]").isHidden());
  assert.ok(await page.locator("[data-part=search-said]").isHidden(), "there is nothing to tell");

  // Esc gives the keyboard back, and what is selected stays.
  await search(page, "no such thing");
  assert.match((await listed(page)).said, /^Nothing in this graph, its prompt and its model’s features is called “no such thing”\.$/);
  assert.ok(await page.locator("[data-part=search-list]").isHidden());
  assert.deepEqual(await barriers(page), []);
  await page.keyboard.press("Escape");
  await isAt(page, STRONGEST);
  assert.equal(new URL(page.url()).searchParams.get("selected"), STRONGEST);
});

test("while one types, the key is a letter; and the button does the same", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const prompt = page.locator("[data-part=prompt]");
  await prompt.focus();
  await page.keyboard.type("/");
  assert.match(await prompt.inputValue(), /\//);
  assert.equal(await page.locator("[data-part=search][open]").count(), 0);
  await page.locator("[data-part=search-begin]").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.type("bos");
  await page.locator("[role=option]", { hasText: "<bos>" }).first().waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await focused(page), "search-begin");
});

test("the key works before its part is here, and where that does not arrive this is told", async (t) => {
  let spoiled = true;
  const page = await openPage(t, {
    query: CPU,
    allow: [/parts-/],
    before: (page) => page.route(PARTS, (route) => (spoiled ? route.fulfill({ status: 503 }) : route.continue())),
  });
  await page.locator("[data-part=search-begin]").waitFor();
  await page.keyboard.press("/");
  await page.locator("[data-part=notice]", { hasText: "The search did not arrive." }).waitFor(PATIENCE);
  spoiled = false;
  await page.keyboard.press("/");
  await page.locator("[data-part=search][open]").waitFor();
  assert.equal(await focused(page), "search-input");
});

for (const by of /** @type {const} */ (["its key", "its button"])) {
  test(`what is typed while the box is on its way stands in it: by ${by}`, async (t) => {
    let arrive = () => {};
    const late = new Promise((resolve) => (arrive = () => resolve(undefined)));
    const before = (/** @type {Page} */ page) => page.route(PARTS, async (route) => (await late, route.continue()));
    const page = await openPage(t, { query: CPU, before });
    await answers(page, "95");
    if (by === "its key") await page.keyboard.press("/");
    else await page.locator("[data-part=search-begin]").press("Enter");
    await page.keyboard.type("/bosx");
    await page.keyboard.press("Backspace");
    assert.equal(await page.locator("[data-part=search][open]").count(), 0, "the box is still on its way");
    arrive();
    await page.locator("[data-part=search][open]").waitFor(PATIENCE);
    assert.equal(await page.locator("[data-part=search-input]").inputValue(), "/bos");
    assert.match((await listed(page)).said, /“\/bos”/, "what is typed is looked for");
    await page.keyboard.press("Home");
    await page.keyboard.press("Delete");
    await page.locator("[role=option]", { hasText: "<bos>" }).first().waitFor(PATIENCE);
  });
}

test("a node that the sliders hide is drawn, which is told and undone; others are too many to draw unasked", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const before = await nodes(page);
  await search(page, "layer 1");
  const { groups } = await listed(page);
  const hidden = groups.find(({ heading }) => heading === "Nodes that these thresholds hide");
  assert.ok(hidden && hidden.options.length > 1 && / of /.test(hidden.more), JSON.stringify(groups.map(({ heading }) => heading)));
  const option = page.getByRole("group", { name: /^Nodes that these thresholds hide/ }).getByRole("option");
  const key = (await option.nth(1).getAttribute("data-key")) ?? "";
  await option.nth(1).click();
  const id = key.replace("node ", "");
  await query(page, (address) => address.get("selected") === id && Number(address.get("node")) > 0.8);
  await isAt(page, id);
  assert.ok(!before.includes(id) && (await nodes(page)).includes(id));
  const said = page.locator("[data-part=search-said]");
  assert.match(await said.innerText(), /^The sliders hid this node\. Now it is drawn, with Nodes from 80\s% to \d+\s%.*: \d+ nodes\./);
  assert.deepEqual(await barriers(page), []);
  await said.getByRole("button", { name: "Undo" }).click();
  await page.waitForFunction((count) => document.querySelectorAll("[data-part=stage] .node").length === count, before.length);
  assert.deepEqual(await nodes(page), before);
  assert.ok(await said.isHidden());
});

test("tokens, answers, heads and error nodes are found, each goes where it belongs", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  await search(page, "59");
  const first = await listed(page);
  assert.equal(first.groups[0].heading, "Tokens of the prompt");
  assert.equal(first.options[0].name, "59");
  await page.keyboard.press("Enter");
  await query(page, (address) => /^E_\d+_6$/.test(address.get("selected") ?? ""));
  await search(page, "95");
  assert.equal((await listed(page)).groups[0].heading, "Answers");
  await page.keyboard.press("Enter");
  await page.locator("[data-part=inspector] h2", { hasText: "Answer “95”" }).waitFor();
  await search(page, "error");
  assert.match((await listed(page)).options[0].told, /^layer \d, at “/);
  await search(page, "1.0");
  assert.equal((await listed(page)).groups[0].heading, "Attention heads");
  await page.keyboard.press("Enter");
  await query(page, (address) => address.get("head") === "1.0@7");
  await page.locator("[data-part=attention]:not(.waiting) .sums dd").nth(2).waitFor(PATIENCE);
  // From there to a node: the graph is in sight again.
  await search(page, feature(STRONGEST));
  await page.keyboard.press("Enter");
  await query(page, (address) => address.get("head") === null && address.get("selected") === STRONGEST);
  await isAt(page, STRONGEST);
});

test("a feature that is silent here is found by number and by name, with what it does, and can be set", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const there = silent();
  await search(page, there);
  const { groups } = await listed(page);
  assert.equal(groups[0].heading, "Features not in this graph");
  assert.equal(groups[0].options[0].number, there);
  await page.keyboard.press("Enter");
  const panel = page.locator("[data-part=silent]");
  await panel.locator(".effects li").first().waitFor(PATIENCE);
  const only =
    /not in this graph\n+It is silent at the last token, the only one from which a feature of the last layer leads to an answer\./;
  assert.match(await panel.innerText(), only);
  assert.ok(await page.locator("[data-part=inspector]").isHidden());
  assert.equal(await focused(page), "silent");
  await panel.locator(".silent-set button").waitFor(PATIENCE);
  assert.deepEqual(await barriers(page), []);
  const name = await panel.locator("h2").innerText();
  await panel.locator(".silent-set button").click();
  await query(page, (address) => address.get("steer")?.startsWith(`${there}@7=`) === true);
  await page.keyboard.press("Escape");
  await page.locator("[data-part=inspector]").waitFor();
  assert.equal(await focused(page), "search-begin");

  await search(page, silent(0));
  await page.keyboard.press("Enter");
  await panel.waitFor();
  assert.match(await panel.innerText(), /not in this graph\n+It is silent on this prompt: active at none of its tokens\./);
  await page.keyboard.press("Escape");

  // All names are read while one looks for them, so that it is found by its own.
  await search(page, `${name} ${there}`);
  await page.locator("[data-part=search] [role=option]", { hasText: there }).waitFor(PATIENCE);
  await page.locator("[data-part=search] footer", { hasText: "are being read" }).waitFor({ state: "hidden", ...PATIENCE });
  await page.locator("[data-part=search-input]").fill("says");
  const many = (await listed(page)).groups.find(({ heading }) => heading.startsWith("Features"));
  assert.match(many?.more ?? "", /^6 of \d{2,}$/);
  await page.keyboard.press("Escape");

  // Of another prompt it may be in the graph: then there is nothing to say of silence.
  await type(page, "calc: 17+25=");
  await answers(page, "42");
  await page.locator("h1").click(); // out of the prompt
  await search(page, "42");
  assert.equal((await listed(page)).groups[0].heading, "Answers", "of the graph on show now");
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`on a phone by touch, ${colorScheme}`, async (t) => {
    const page = await openPage(t, { query: CPU, viewport: PHONE, colorScheme });
    await answers(page, "95");
    await page.locator("[data-part=search-begin]").click();
    await page.locator("[data-part=search-input]").fill("layer 2");
    const option = page.locator("[data-part=search] [role=option]").nth(2);
    const box = await option.boundingBox();
    assert.ok(box && box.x >= 0 && box.x + box.width <= PHONE.width && box.height >= 24);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), PHONE.width);
    assert.deepEqual(await barriers(page), []);
    const key = (await option.getAttribute("data-key")) ?? "";
    await option.dispatchEvent("pointerdown", { pointerType: "touch" });
    await option.click();
    await query(page, (address) => `node ${address.get("selected")}` === key);
    const node = page.locator(`[data-part=stage] .node[data-id="${key.replace("node ", "")}"]`);
    await page.waitForFunction(
      (element) => {
        const { top, bottom } = /** @type {Element} */ (element).getBoundingClientRect();
        return top >= 0 && bottom <= innerHeight;
      },
      await node.elementHandle(),
    );
    await page.locator("[data-part=search-begin]").click();
    await page.locator("[data-part=search] header button").click();
    assert.ok(await page.locator("[data-part=search]").isHidden());
    // Beside the box one closes it, too.
    await page.locator("[data-part=search-begin]").click();
    await page.mouse.click(PHONE.width / 2, PHONE.height - 4);
    assert.ok(await page.locator("[data-part=search]").isHidden());
  });
}

/** @param {Page} page @param {unknown} graph */
async function openFile(page, graph) {
  const buffer = Buffer.from(JSON.stringify(graph));
  await page.locator("[data-part=open-file]").setInputFiles({ name: "other.json", mimeType: "application/json", buffer });
  await page.locator("[data-part=recorded]", { hasText: "other.json" }).waitFor(PATIENCE);
}

test("of a file with hostile labels: text stays text, and nothing of a model is offered", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const graph = graphFile({ ...SHAPES[0], nodes: 60, links: 120, layers: 4 });
  const hostile = "<img src=x onerror=alert(1)> & “says” ";
  const labelled = graph.nodes.filter((node) => node.feature_type === "cross layer transcoder");
  for (const node of labelled) node.clerp = `${hostile}${node.feature}`;
  await openFile(page, graph);
  await search(page, "<img src=x onerror");
  const { groups, options } = await listed(page);
  assert.deepEqual(groups.length > 0 && groups.every(({ heading }) => heading.startsWith("Nodes")), true);
  assert.match(options[0].name, /^<img src=x onerror=alert\(1\)> & “says” \d+$/);
  assert.deepEqual(options[0].marked, ["<img src=x onerror"]);
  assert.equal(await page.locator("[data-part=search] img").count(), 0);
  const key = await page.locator("[data-part=search] [role=option]").first().getAttribute("data-key");
  await page.keyboard.press("Enter");
  await page.locator("[data-part=inspector] h2", { hasText: "<img src=x" }).waitFor();
  await isAt(page, (key ?? "").replace("node ", ""));
  await search(page, "1.0");
  assert.match((await listed(page)).said, /^Nothing in this graph and its prompt is called “1\.0”\.$/);
  await search(page, "3/9999");
  assert.match((await listed(page)).said, /^Nothing/);
});

/** The number of the feature that gives least. @param {ReturnType<typeof graphFile>} graph */
function weakest({ nodes, links }) {
  /** @type {Map<string, number>} */ const given = new Map();
  for (const { source, weight } of links) given.set(source, (given.get(source) ?? 0) + Math.abs(weight));
  const features = nodes.filter((node) => node.feature_type === "cross layer transcoder");
  const sum = (/** @type {{ node_id: string }} */ node) => given.get(node.node_id) ?? Infinity;
  return features.reduce((least, node) => (sum(node) < sum(least) ? node : least)).feature;
}

test("of thousands of nodes a key is followed at once, and what would be too many is not drawn unasked", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const shape = SHAPES.find(({ name }) => name === "8,000 nodes");
  assert.ok(shape);
  const graph = graphFile(shape);
  await openFile(page, graph);
  await search(page, "");
  const took = await page.locator("[data-part=search-input]").evaluate((input) => {
    const box = /** @type {HTMLInputElement} */ (input);
    return ["f", "fe", "feature 7", "feature 777", "layer 3"].map((text) => {
      box.value = text;
      const begun = performance.now();
      box.dispatchEvent(new Event("input"));
      return performance.now() - begun;
    });
  });
  assert.ok(Math.max(...took) < 1000, took.join()); // some 60 on an idle machine
  const hidden = page.getByRole("group", { name: /^Nodes that these thresholds hide/ }).getByRole("option");
  await page.locator("[data-part=search-input]").fill(`feature ${weakest(graph)}`);
  await hidden.first().click();
  const said = page.locator("[data-part=search-said]");
  await said.waitFor();
  assert.match(await said.innerText(), /^The sliders hide this node: with it [\d,]+ nodes would be drawn\./);
});

test("what stands on a card finds the features on it", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu&model=diagnosis", story: true });
  const titles = page.locator(".story-card.of-features .title");
  await page.locator("[data-part=trace-time] strong").waitFor({ timeout: 60_000 });
  await titles.first().waitFor({ timeout: 60_000 });
  // A word that one card alone has, of all cards.
  const all = await page.locator(".story-card").allInnerTexts();
  const words = (await titles.allInnerTexts()).flatMap((title) => title.match(/[a-z]{5,}/g) ?? []);
  const own = words.find((some) => all.filter((text) => text.includes(some)).length === 1);
  assert.ok(own, `no card of ${all.join("; ")} has words of its own`);
  await page.keyboard.press("/");
  await page.keyboard.type(own);
  await page.locator("[data-part=search-list] [role=option]", { hasText: own }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".story-card.selected", { hasText: own }).waitFor();
});
