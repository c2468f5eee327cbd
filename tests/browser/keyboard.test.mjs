// The page by Tab alone: every stop is something, once, in sight and seen to have the focus; and the same way back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EARLIER, SECOND, STRONGEST, set } from "./circuit.mjs";
import { openPage } from "./harness.mjs";
import { CONTROLS } from "./reachable.mjs";
import { ANSWERING } from "./vignette.mjs";

/** @import { Page } from "playwright-core" */

const PATIENCE = { timeout: 60_000 };
const MOST_STOPS = 110; // with a feature, its steering, a subgraph, the table and the card on show

/** Where the keyboard is: nothing on the document itself. @param {Page} page */
function stop(page) {
  return page.evaluate(() => {
    const here = document.activeElement;
    if (!here || here === document.body || here === document.documentElement) return undefined;
    const numbered = /** @type {any} */ (here);
    const page = /** @type {any} */ (window);
    numbered.stopNumber ??= String((page.stops = (page.stops ?? 0) + 1));
    const { left, top, width, height } = here.getBoundingClientRect();
    const [x, y] = [
      Math.min(Math.max(left + width / 2, 1), innerWidth - 1),
      Math.min(Math.max(top + Math.min(height / 2, 40), 1), innerHeight - 1),
    ];
    const there = document.elementFromPoint(x, y);
    const style = getComputedStyle(here);
    const halo = here.querySelector(".halo");
    const label = here.id ? document.querySelector(`label[for="${here.id}"]`)?.textContent : here.closest("label")?.textContent;
    const name = here.getAttribute("aria-label") ?? (label || here.textContent || here.getAttribute("title")) ?? "";
    const acts = here.matches('button, a, input, select, textarea, summary, [role="graphics-symbol"], [role="img"], li');
    const scrolls = here.scrollWidth > here.clientWidth + 1 || here.scrollHeight > here.clientHeight + 1;
    const which = here.hasAttribute("data-part") ? `[data-part=${here.getAttribute("data-part")}]` : `.${here.getAttribute("class")}`;
    return {
      number: numbered.stopNumber,
      what: `${here.tagName.toLowerCase()}${which} “${name.trim().replaceAll(/\s+/g, " ").slice(0, 40)}”`,
      named: name.trim() !== "",
      dead: !acts && !scrolls,
      seen:
        (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) ||
        (halo !== null && getComputedStyle(halo).stroke !== "none") ||
        (here.matches("textarea") && style.borderColor !== ""),
      inSight: left < innerWidth && top < innerHeight && left + width > 0 && top + height > 0,
      covered:
        there !== null && !here.contains(there) && !there.contains(here) && !there.closest("label")?.contains(here)
          ? `${there.tagName}.${there.getAttribute("class")}`
          : undefined,
    };
  });
}

/** Presses Tab until the keyboard leaves the page. @param {Page} page @param {number} most */
async function walk(page, most) {
  const stops = [];
  for (let i = 0; i < most; i++) {
    await page.keyboard.press("Tab");
    const here = await stop(page);
    if (!here) return stops;
    stops.push(here);
  }
  throw new Error(
    `the keyboard is still on the page after ${most} stops: a trap, or too many of them. The last: ${stops
      .slice(-8)
      .map(({ what }) => what)
      .join("; ")}`,
  );
}

for (const [name, query, width, height] of /** @type {const} */ ([
  ["addition", "?engine=cpu", 1280, 800],
  [
    "addition with panels",
    `?engine=cpu&pinnedIds=${STRONGEST},${SECOND},${EARLIER}&selected=${STRONGEST}&steer=${set(STRONGEST, "x-1")}`,
    1440,
    900,
  ],
  ["diagnosis, on a phone", `?model=diagnosis&engine=cpu&pinnedIds=${ANSWERING}`, 390, 844],
])) {
  test(`${name}: Tab goes to everything once, and Shift and Tab back`, async (t) => {
    const page = await openPage(t, { query, viewport: { width, height } });
    await page.locator(".node.logit").first().waitFor(PATIENCE);
    if (query.includes("steer")) await page.locator(".steering-foretold tbody tr").first().waitFor(PATIENCE);
    if (query.includes("steer"))
      await page
        .locator(".feature-facts .examples-of")
        .first()
        .waitFor({ ...PATIENCE, state: "attached" });
    await page.locator("[data-part=tokens] .said button").nth(2).waitFor(PATIENCE);
    await page.waitForFunction(() => !document.querySelector("[data-part=tokens] [aria-hidden]"), null, PATIENCE); // the text goes on no further
    await page.locator("[data-part=density]:enabled").waitFor(PATIENCE); // once the sample texts are read
    if (!query.includes("diagnosis")) await page.locator("[data-part=plot-progress]").getByText("done").waitFor(PATIENCE);
    await page.waitForTimeout(1500); // labels and plots
    const there = await walk(page, MOST_STOPS);
    const faults = there.flatMap(({ what, named, dead, seen, inSight, covered }) => [
      ...(named ? [] : [`${what} has no name`]),
      ...(dead ? [`${what} is a stop where nothing can be done`] : []),
      ...(seen ? [] : [`${what} does not show that it has the focus`]),
      ...(inSight ? [] : [`${what} is out of sight`]),
      ...(covered ? [`${what} lies under ${covered}`] : []),
    ]);
    assert.deepEqual(faults, []);
    const numbers = there.map(({ number }) => number);
    assert.equal(new Set(numbers).size, numbers.length, "each once");
    // Whatever one can press is on the way, unless arrow keys lead to it.
    const missed = await page.evaluate(
      (controls) =>
        [...document.querySelectorAll(controls)]
          .filter(
            (each) =>
              each.checkVisibility({ visibilityProperty: true }) &&
              each instanceof HTMLElement &&
              each.tabIndex >= 0 &&
              !each.matches(":disabled") &&
              !(/** @type {any} */ (each).stopNumber),
          )
          .filter((each) => !each.matches('input[type="radio"]:not(:checked)'))
          .map((each) => `${each.tagName} ${each.getAttribute("data-part")} ${each.textContent?.slice(0, 30)}`),
      CONTROLS,
    );
    assert.deepEqual(missed, []);
    assert.equal(
      await page.locator('[data-part=tokens] .said button[tabindex="0"]').count(),
      1,
      "one stop for what the model goes on to say",
    );
    // Beyond the first stop the browser's own controls are, or in their place the last stop again.
    const back = [];
    for (const _ of numbers) {
      await page.keyboard.press("Shift+Tab");
      back.push((await stop(page))?.what);
    }
    assert.deepEqual(back, there.map(({ what }) => what).toReversed());
  });
}

test("the tokens that the model goes on with are one tab stop, and arrows lead along them", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu" });
  await page.locator("[data-part=tokens] .said button").nth(5).waitFor(PATIENCE);
  await page.waitForFunction(() => !document.querySelector("[data-part=tokens] [aria-hidden]"), null, PATIENCE);
  const place = () =>
    page.evaluate(() =>
      [...document.querySelectorAll("[data-part=tokens] .said button")].indexOf(/** @type {Element} */ (document.activeElement)),
    );
  await page.locator("[data-part=tokens] .said button").first().focus();
  for (const [key, at] of /** @type {const} */ ([
    ["ArrowRight", 1],
    ["ArrowRight", 2],
    ["ArrowLeft", 1],
    ["Home", 0],
    ["ArrowLeft", 0],
  ])) {
    await page.keyboard.press(key);
    assert.equal(await place(), at, key);
  }
  await page.keyboard.press("End");
  assert.equal(await place(), (await page.locator("[data-part=tokens] .said button").count()) - 1);
  await page.keyboard.press("Tab");
  assert.equal(await place(), -1);
});

test("Esc closes one thing at a time: the dialog, then the selected node, then the panel in the graph's place", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu", story: true });
  await page.locator(".story-card.of-features", { hasText: "size of the sum" }).click(PATIENCE);
  await page.waitForURL(/selected=/);
  await page.locator("[data-part=grade-begin]:enabled").click(PATIENCE);
  await page.locator(".keep > summary").click();
  await page.locator("[data-part=embed]").click();
  await page.locator("dialog.embed").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog.embed").waitFor({ state: "hidden" });
  assert.match(page.url(), /selected=/);
  await page.locator("[data-part=grade-begin]").focus();
  await page.keyboard.press("Escape");
  await page.waitForURL((url) => !url.searchParams.has("selected"));
  assert.ok(await page.locator("[data-part=grade]").isVisible());
  await page.keyboard.press("Escape");
  await page.locator("[data-part=grade]").waitFor({ state: "hidden" });
});
