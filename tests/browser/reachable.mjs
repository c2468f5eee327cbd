// Whether everything that one can press can be seen and pressed where it stands.

import assert from "node:assert/strict";
import { STRONGEST, silent } from "./circuit.mjs";
import { openPage } from "./harness.mjs";

/** @import { Page } from "playwright-core" */

const PATIENCE = { timeout: 60_000 };

const SCREENS = [
  { screen: "1280 px", width: 1280, height: 800 },
  { screen: "390 px", width: 390, height: 844 },
  { screen: "1366 px", width: 1366, height: 768 },
  { screen: "1920 px", width: 1920, height: 1080 },
  { screen: "1280 px at 200 %", width: 640, height: 400 },
];

/** What one can press, type in or go to. */
export const CONTROLS = 'button, a[href], input:not([type="file"]), select, textarea, summary, [tabindex="0"]';

/**
 * Scrolls each control into view and looks what lies at its middle and near its corners.
 * @param {Page} page
 * @param {string} [within] a selector: only controls in there
 * @returns {Promise<string[]>} a line for each that is out of sight or has something else on top of it
 */
export function unreachable(page, within = "body") {
  return page.evaluate(
    ([controls, place]) => {
      /** @param {Element} element */
      const name = (element) => {
        const text = (element.getAttribute("aria-label") ?? element.textContent ?? "").trim().replaceAll(/\s+/g, " ").slice(0, 40);
        const known = element.hasAttribute("data-part")
          ? `[data-part=${element.getAttribute("data-part")}]`
          : [...element.classList].map((each) => `.${each}`).join("");
        return `${element.tagName.toLowerCase()}${known} “${text}” in ${element.closest("[data-part]")?.getAttribute("data-part")}`;
      };
      /** What of an element its scrolling ancestors and the window leave in sight. @param {Element} element */
      const inSight = (element) => {
        let { left, top, right, bottom } = element.getBoundingClientRect();
        [left, top, right, bottom] = [Math.max(left, 0), Math.max(top, 0), Math.min(right, innerWidth), Math.min(bottom, innerHeight)];
        for (let up = element.parentElement; up; up = up.parentElement) {
          if (up === document.body || up === document.documentElement || getComputedStyle(up).overflow === "visible") continue;
          const box = up.getBoundingClientRect();
          [left, top] = [Math.max(left, box.left + up.clientLeft), Math.max(top, box.top + up.clientTop)];
          [right, bottom] = [
            Math.min(right, box.left + up.clientLeft + up.clientWidth),
            Math.min(bottom, box.top + up.clientTop + up.clientHeight),
          ];
        }
        return { left, top, right, bottom };
      };
      const found = [];
      for (const element of document.querySelectorAll(`:is(${place}) :is(${controls})`)) {
        if (!element.checkVisibility({ visibilityProperty: true }) || element.closest(".for-readers")) continue;
        // An SVG that scrolls itself into view would scroll to the whole of the picture.
        element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
        const box = inSight(element);
        const whole = element.getBoundingClientRect();
        // What is larger than the window, as the graph's pane, need only be in sight.
        const small = whole.height < innerHeight / 2 && whole.width <= innerWidth;
        const [width, height] = [box.right - box.left, box.bottom - box.top];
        if (
          width < Math.min(8, whole.width) ||
          height < Math.min(8, whole.height) ||
          (small && (width < 0.9 * whole.width || height < 0.9 * whole.height))
        ) {
          found.push(
            `${name(element)} is cut off: ${Math.round(width)} x ${Math.round(height)} of ` +
              `${Math.round(whole.width)} x ${Math.round(whole.height)}`,
          );
          continue;
        }
        if (!small || element.matches(".node, .item")) continue; // drawn shapes: their corners are not theirs
        const inset = 0.2;
        for (const [x, y] of [
          [0.5, 0.5],
          [inset, inset],
          [1 - inset, inset],
          [inset, 1 - inset],
          [1 - inset, 1 - inset],
        ]) {
          const there = document.elementFromPoint(box.left + x * width, box.top + y * height);
          if (there && (element.contains(there) || (there.contains(element) === false && there.closest("label")?.contains(element))))
            continue;
          found.push(`${name(element)} lies under ${there ? name(there) : "nothing"}`);
          break;
        }
      }
      scrollTo(0, 0);
      return [...new Set(found)];
    },
    [CONTROLS, within],
  );
}

/** Whether what a button opens stands more than a row of buttons away from it. @param {Element} details */
export function opensElsewhere(details) {
  const [button, menu] = [...details.children].map((each) => each.getBoundingClientRect());
  const apart = Math.max(menu.top - button.bottom, button.top - menu.bottom);
  return apart > 2 * button.height || menu.left > button.right || menu.right < button.left;
}

/**
 * Opens every panel and menu of a page in turn, on every screen, and fails for each control that cannot be reached.
 * @param {{ after: (fn: () => Promise<void>) => void }} t
 * @param {string} query with a feature selected, one set and some pinned
 */
export async function nothingCovered(t, query) {
  /** @type {string[]} */ const found = [];
  const page = await openPage(t, { query });
  await page.locator(".node.logit").first().waitFor(PATIENCE);
  await page.locator("[data-part=subgraph] .item").first().waitFor(PATIENCE);
  await page
    .locator(".feature-facts .examples-of")
    .first()
    .waitFor({ ...PATIENCE, state: "attached" });
  await page.locator(".steering-foretold tbody tr").first().waitFor(PATIENCE);
  await page.locator(".steering-text li").nth(1).waitFor(PATIENCE);
  await page.locator("[data-part=table-details] > summary").click();
  await page.locator("[data-part=card-body] table").first().waitFor();
  for (const { screen, width, height } of SCREENS) {
    const note = async (/** @type {string} */ state, /** @type {string} */ within) =>
      found.push(...(await unreachable(page, within)).map((each) => `${screen}, ${state}: ${each}`));
    await page.setViewportSize({ width, height });
    await page.waitForTimeout(200);
    await note("all open", "body");
    for (const menu of ["[data-part=keep]", "[data-part=examples]", "[data-part=target]", "[data-part=steering-add]"]) {
      await page.locator(`${menu} > summary`).click();
      if (await page.locator(menu).evaluate(opensElsewhere)) found.push(`${screen}: ${menu} opens away from its button`);
      await note(menu, menu);
      await page.keyboard.press("Escape");
    }
    await page.locator("[data-part=subgraph-enlarge]").click();
    await note("large subgraph", "[data-part=screen]");
    await page.locator("[data-part=subgraph-enlarge]").click();
    if (await page.locator("[data-part=guide-begin]").isVisible()) {
      await page.locator("[data-part=guide-begin]").click();
      await note("guide", "[data-part=screen]");
      await page.keyboard.press("Escape");
      await page.locator(`[data-part=stage] .node[data-id="${STRONGEST}"]`).click();
    }
    await page.locator("[data-part=compare-begin]").click();
    await page.locator("[data-part=compare-lists] section").first().waitFor(PATIENCE);
    await note("comparing", "[data-part=screen]");
    await page.locator("[data-part=compare-close]").click();
    await page.locator("[data-part=attention-begin]").click();
    await page.locator("[data-part=attention] tbody tr").first().waitFor(PATIENCE);
    await note("a head", "[data-part=screen]");
    await page.keyboard.press("Escape");
    await page.locator("[data-part=search-begin]").click();
    await page.keyboard.type("5");
    await page.locator("[data-part=search] [role=option]").first().waitFor(PATIENCE);
    await note("searching", "[data-part=search]");
    await page.locator("[data-part=search] input").fill(silent());
    await page.keyboard.press("Enter");
    await page.locator("[data-part=silent] .effects").first().waitFor(PATIENCE);
    await note("a silent feature", "[data-part=screen]");
    await page.locator("[data-part=silent] header button").click();
    await page.locator("[data-part=grade-begin]").click();
    await page.locator(".findings li").first().waitFor(PATIENCE);
    await note("grading", "[data-part=screen]");
    await page.locator("[data-part=grade-close]").click();
  }
  assert.deepEqual(found, []);
}
