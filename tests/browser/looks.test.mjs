// The page for every screen and every reader: no sideways scrolling, light and dark, on paper, in forced colours.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPage } from "./harness.mjs";
import { answers, plotsDrawn } from "./reading.mjs";

const CPU = "?engine=cpu";

for (const width of [360, 390, 768, 1280, 1920]) {
  test(`${width} px wide, the page does not scroll sideways`, async (t) => {
    const page = await openPage(t, { query: CPU, viewport: { width, height: 844 } });
    await answers(page, "95");
    const sizes = await page.evaluate(() => ({ page: document.documentElement.scrollWidth, window: innerWidth }));
    assert.ok(sizes.page <= sizes.window, JSON.stringify(sizes));
    // The answer is in sight without scrolling the graph's pane.
    const pane = await page.locator("[data-part=pane]").boundingBox();
    const answer = await page.locator(".node.logit").first().boundingBox();
    assert.ok(pane && answer && answer.x >= pane.x && answer.x + answer.width <= pane.x + pane.width);
  });
}

test("the sentence that says what the page is can be read at every width, and the zoom buttons lie on nothing", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  for (const width of [390, 560, 768, 1000, 1001, 1181, 1366, 1440, 1920, 2400]) {
    await page.setViewportSize({ width, height: 900 });
    const found = await page.evaluate(() => {
      const sentence = /** @type {HTMLElement} */ (document.querySelector(".masthead .purpose"));
      const text = document.createRange();
      text.selectNodeContents(sentence);
      const box = (/** @type {Element | Range} */ of) => of.getBoundingClientRect();
      const apart = (/** @type {DOMRect} */ a, /** @type {DOMRect} */ b) =>
        a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1;
      const others = [...document.querySelectorAll(".masthead > *:not(.purpose)")].filter((each) => each.checkVisibility());
      const zoom = [...document.querySelectorAll(".zoom button")].filter((each) => each.checkVisibility());
      const beside = [...document.querySelectorAll(".node, .stage .names text, .slider, .score, .first:not([hidden])")];
      return {
        says: sentence.innerText,
        cut: sentence.scrollWidth > sentence.clientWidth || box(text).right > innerWidth || box(text).width < 100,
        under: others.filter((each) => !apart(box(text), box(each))).map((each) => each.outerHTML.slice(0, 60)),
        zoom: zoom.length,
        covered: beside.filter((each) => zoom.some((button) => !apart(box(button), box(each)))).map((each) => each.className),
      };
    });
    const says = "See how a language model finds its answer, live on your own machine.";
    assert.deepEqual(found, { says, cut: false, under: [], zoom: found.zoom, covered: [] }, `${width} px`);
    assert.ok(found.zoom >= 3);
  }
});

test("the theme button turns light into dark, and the address keeps it", async (t) => {
  const page = await openPage(t, { query: CPU });
  await answers(page, "95");
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.locator("[data-part=theme]").click();
  assert.notEqual(await ground(), light);
  await page.waitForFunction(() => location.search.includes("theme=dark"));
});

test("on paper the page is light, its canvases too, and afterwards dark again", async (t) => {
  const page = await openPage(t, { query: `${CPU}&theme=dark` });
  await answers(page, "95");
  await plotsDrawn(page);
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  /** Mean brightness of what is drawn on the canvas of the plots, 0 to 255. */
  const plots = () =>
    page.evaluate(() => {
      const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector("[data-part=stage] .plots"));
      const { data } = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d")).getImageData(0, 0, canvas.width, canvas.height);
      let sum = 0;
      let drawn = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (data[i + 3] < 255) continue;
        sum += data[i + 1];
        drawn += 1;
      }
      return sum / drawn;
    });
  const [dark, darkPlots] = [await ground(), await plots()];
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.notEqual(await ground(), dark);
  assert.ok((await plots()) > darkPlots + 60, `${await plots()} against ${darkPlots}`);
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  assert.equal(await ground(), dark);
  assert.ok(Math.abs((await plots()) - darkPlots) < 2);
});

test("in forced colours the bars keep their fills", async (t) => {
  const page = await openPage(t, { query: CPU });
  await page.emulateMedia({ forcedColors: "active" });
  await answers(page, "95");
  await page.locator(".node.logit").first().click();
  await page.locator("[data-part=inspector] .flows").first().waitFor();
  for (const selector of ["[data-part=answers] li:first-child .bar i", ".flows.inputs .positive .bar i"]) {
    const fill = await page
      .locator(selector)
      .first()
      .evaluate((bar) => [getComputedStyle(bar).backgroundColor, getComputedStyle(document.body).backgroundColor]);
    assert.notEqual(fill[0], fill[1], selector);
  }
});
