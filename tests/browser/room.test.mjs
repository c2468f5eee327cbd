// Nothing lies on anything else, is cut off, or speaks of what is not there: the pictures and texts of the page, measured.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EARLIER, STRONGEST } from "./circuit.mjs";
import { openPage, site } from "./harness.mjs";
import { answers, query, type } from "./reading.mjs";

const PATIENCE = { timeout: 60_000 };
const CPU = "?engine=cpu";
const VIGNETTE = "?engine=cpu&model=diagnosis";

test("the large subgraph is on the screen, and in the address", async (t) => {
  const page = await openPage(t, { query: `${CPU}&pinnedIds=${STRONGEST},${EARLIER}`, viewport: { width: 1280, height: 800 } });
  await page.locator("[data-part=subgraph] .item").first().waitFor(PATIENCE);
  await page.locator("[data-part=subgraph-enlarge]").click();
  await query(page, (search) => search.get("large") === "1");
  const whole = async () => {
    const box = await page.locator("[data-part=subgraph-pane]").boundingBox();
    assert.ok(box && box.y >= 0 && box.y + box.height <= 800 && box.height > 250, JSON.stringify(box));
  };
  await whole();
  // A reload that comes before all is here breaks off a request.
  await page.waitForLoadState("networkidle");
  await page.goto(page.url());
  await page.locator("[data-part=subgraph] .item").first().waitFor(PATIENCE);
  assert.equal(await page.locator("[data-part=subgraph-enlarge]").innerText(), "Smaller");
  await whole();
  await page.locator("[data-part=subgraph-enlarge]").click();
  await query(page, (search) => search.get("large") === null);
});

for (const [what, search, width, height, most] of /** @type {const} */ ([
  ["a sum at 200 %", CPU, 640, 400, 300],
  ["a vignette at 200 %", VIGNETTE, 640, 400, 330],
  ["a sum on a phone held across", CPU, 844, 390, 300],
])) {
  test(`${what}: the graph begins on the first screen`, async (t) => {
    const page = await openPage(t, { query: search, viewport: { width, height }, scale: 2 });
    await page.locator(".node.logit").first().waitFor(PATIENCE);
    const box = await page.locator("[data-part=pane]").boundingBox();
    assert.ok(box && box.y < most, `it begins at ${box?.y} of ${height}`);
    const answer = await page.locator("[data-part=stage] .node.logit").first().boundingBox();
    assert.ok(answer && answer.y + answer.height < height && answer.x + answer.width <= width, JSON.stringify(answer));
  });
}

test("a long prompt makes the page longer: the graph stays above the footer", async (t) => {
  const page = await openPage(t, { query: CPU, viewport: { width: 1280, height: 720 } });
  await answers(page, "95");
  await type(page, "How did you get 36+59? I added the ones: 6+9=15. I wrote 5 and carried 1. ".repeat(3));
  await page.waitForTimeout(800);
  const [pane, footer] = [await page.locator("[data-part=pane]").boundingBox(), await page.locator("[data-part=status]").boundingBox()];
  assert.ok(pane && footer && pane.y + pane.height <= footer.y + 1, `${JSON.stringify(pane)} ${JSON.stringify(footer)}`);
});

test("names of rows cover no tile while the graph scrolls, and zooming in keeps a node in sight", async (t) => {
  const page = await openPage(t, { query: CPU, viewport: { width: 1280, height: 800 } });
  await answers(page, "95");
  for (let i = 0; i < 5; i++) {
    await page.locator("[data-part=zoom-in]").click();
    await page.waitForTimeout(100);
    const near = await page.evaluate(() => {
      const pane = /** @type {Element} */ (document.querySelector("[data-part=pane]")).getBoundingClientRect();
      const far = [...document.querySelectorAll("[data-part=stage] .node")].map((node) => {
        const box = node.getBoundingClientRect();
        return Math.hypot(box.left + box.width / 2 - pane.left - pane.width / 2, box.top + box.height / 2 - pane.top - pane.height / 2);
      });
      return Math.min(...far) / Math.min(pane.width, pane.height);
    });
    assert.ok(near < 0.3, `after ${i + 1} times the nearest node is ${near} of the pane from its middle`);
  }
  for (const left of [40, 200, 400, 700]) {
    await page.evaluate((to) => /** @type {Element} */ (document.querySelector("[data-part=pane]")).scrollTo(to, 200), left);
    await page.waitForTimeout(100);
    const covered = await page.evaluate(() => {
      const names = [...document.querySelectorAll("[data-part=stage] .names text")];
      const tiles = [...document.querySelectorAll("[data-part=stage] .node .frame")].map((each) => each.getBoundingClientRect());
      return names
        .filter((name) => {
          const box = name.getBoundingClientRect();
          return tiles.some(
            (tile) => box.left < tile.right && tile.left < box.right && box.top + 3 < tile.bottom && tile.top < box.bottom - 3,
          );
        })
        .map((name) => name.textContent);
    });
    assert.deepEqual(covered, [], `scrolled by ${left}`);
  }
});

test("the answer's bar among what a feature pushes stands on the zero line like the others", async (t) => {
  const page = await openPage(t, { query: `${CPU}&selected=${STRONGEST}`, viewport: { width: 1920, height: 1080 } });
  const chart = page.locator(".feature-facts .chart svg").first();
  await chart.waitFor(PATIENCE);
  const [mark, plain] = await Promise.all(
    [".mark", ".plus:not(.mark)"].map((which) =>
      chart
        .locator(which)
        .first()
        .evaluate((/** @type {SVGRectElement} */ bar) => ({
          position: getComputedStyle(bar).position,
          width: bar.getBBox().width,
          foot: bar.getBBox().y + bar.getBBox().height,
          shadow: getComputedStyle(bar).boxShadow,
          stroke: getComputedStyle(bar).borderTopWidth,
          drawn: bar.getBoundingClientRect().width,
        })),
    ),
  );
  assert.equal(mark.position, plain.position);
  assert.ok(
    Math.abs(mark.foot - plain.foot) < 0.01 && Math.abs(mark.width - plain.width) < 0.01 && Math.abs(mark.drawn - plain.drawn) < 1,
    JSON.stringify([mark, plain]),
  );
  assert.equal(mark.shadow, "none");
  assert.equal(mark.stroke, plain.stroke);
});

test("on a phone no text speaks of keys that it does not have, nor of a pointer", async (t) => {
  const page = await openPage(t, {
    query: "",
    before: async (given) => {
      const session = await given.context().newCDPSession(given);
      await session.send("Emulation.setEmulatedMedia", {
        features: [
          { name: "pointer", value: "coarse" },
          { name: "any-pointer", value: "coarse" },
          { name: "hover", value: "none" },
        ],
      });
      await session.send("Emulation.setTouchEmulationEnabled", { enabled: true });
    },
    viewport: { width: 390, height: 844 },
  });
  await page.locator(".node.logit").first().waitFor(PATIENCE);
  if (!(await page.evaluate(() => matchMedia("(pointer: coarse)").matches)))
    return t.skip("this browser cannot be told that it has no mouse");
  const said = () =>
    page.evaluate(() => {
      const texts = [...document.querySelectorAll("body *")]
        .filter((each) => each.checkVisibility())
        .flatMap((each) => [
          each.getAttribute("title"),
          each.getAttribute("aria-label"),
          each.childElementCount === 0
            ? each.textContent
            : [...each.childNodes]
                .filter((node) => node.nodeType === 3)
                .map((node) => node.textContent)
                .join(" "),
        ]);
      return texts.filter((text) =>
        /\b(Shift|Esc|Tab|Ctrl|Alt|Enter|[Aa]rrow keys|[Cc]lick|[Hh]over|[Pp]oint at|drop it)\b/.test(text ?? ""),
      );
    });
  assert.deepEqual(await said(), []);
  await page.locator("[data-part=stage] .node.feature").last().click();
  await page.locator("[data-part=inspector] .flows").first().waitFor(PATIENCE);
  await page.locator("[data-part=inspector] .pin").click();
  await page.locator("[data-part=keep] > summary").click();
  assert.deepEqual(await said(), []);
});

test("an unknown model leads on to those that there are", async (t) => {
  const page = await openPage(t, { query: "?model=none", allow: [/none/, /engine_bg/] }); // it is left while that loads
  await page.locator("[data-part=models] a", { hasText: "Diagnosis" }).waitFor(PATIENCE);
  await page.locator("[data-part=models] a", { hasText: "Addition" }).click();
  await answers(page, "95");
  assert.ok(page.url().startsWith(site));
});
