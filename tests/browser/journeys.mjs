// What a visitor does, from the first graph to a file that is opened again, in any browser that WebDriver's commands reach.

import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { set, STRONGEST as strongest } from "./circuit.mjs";
import { onTheCommandLine, sameGraph } from "./command-line.mjs";
import { Page } from "./webdriver.mjs";

/** @import { Browser } from "./webdriver.mjs" */

const FIRST = "calc: 36+59=";
const SECOND = "calc: 17+25=";
const STRONGEST = { id: strongest, set: set(strongest, "0") };
const STAGE = { width: 1440, height: 1000 };
const PHONE = { width: 390, height: 844, framed: true };

/**
 * The journeys of one browser on one engine. Each fails if the browser tells of an error on the page meanwhile.
 * @param {() => Promise<Browser>} open
 * @param {"cpu" | "gpu"} engine
 * @param {(line: string) => boolean} isProblem whether a line that the browser printed tells of an error on the page
 */
export function journeys(open, engine, isProblem) {
  /** @type {Browser} */
  let browser;
  /** @type {Page} */
  let page;
  const query = `?engine=${engine}`;
  const found = async (/** @type {number} */ since) => [...browser.said.slice(since).filter(isProblem), ...(await page.errors())];

  /** @param {string} name @param {(page: Page) => Promise<void>} go */
  function journey(name, go) {
    test(name, { timeout: 240_000 }, async () => {
      const printed = browser.said.length;
      await go(page);
      assert.deepEqual(await found(printed), [], `${browser.name} tells of errors`);
    });
  }

  before(async () => {
    browser = await open();
    console.log(browser.name);
    const site = process.env.ATTOGRAPH_SITE;
    if (!site) throw new Error("ATTOGRAPH_SITE is not set: run this with `cargo xtask test browsers`");
    page = new Page(browser, site);
  });
  after(() => browser?.close());

  journey(
    "traces a prompt, then another that is typed; the graph is the command line's; files are saved and opened again",
    async (page) => {
      await page.open(query, STAGE);
      await page.answers(FIRST, "95");
      await page.until(`the name of the ${engine}`, async () =>
        (await page.text("[data-part=engines] .active")).startsWith(engine.toUpperCase()),
      );
      await page.type(SECOND);
      await page.answers(SECOND, "42");
      const file = await saved(page, "[data-part=save]", ".json");
      sameGraph(JSON.parse(file), onTheCommandLine("trace", SECOND));
      const drawn = await page.evaluate(() => document.querySelectorAll("[data-part=stage] .node").length);
      const picture = await saved(page, "[data-part=save-svg]", ".svg");
      assert.match(picture, /^(<\?xml[^>]*>\s*)?<svg[^]*<\/svg>\s*$/);
      assert.ok(picture.includes(SECOND), "the picture's caption names the prompt");

      await page.type(FIRST);
      await page.answers(FIRST, "95");
      const kept = join(page.browser.downloads, "kept.json");
      await writeFile(kept, file);
      await page.choose("[data-part=open-file]", kept);
      await page.until("the recorded graph", async () =>
        (await page.text("[data-part=recorded]")).includes("Recorded graph from kept.json"),
      );
      assert.equal(await page.evaluate(() => document.querySelectorAll("[data-part=stage] .node").length), drawn);
      sameGraph(JSON.parse(await saved(page, "[data-part=save]", ".json")), JSON.parse(file));
    },
  );

  journey("a feature is switched off: the answers become the command line's", async (page) => {
    await page.open(query, STAGE);
    await page.answers(FIRST, "95");
    await switchOff(page, STRONGEST.id);
    await page.element("[data-part=answers].steered");
    const { answers } = onTheCommandLine("steer", FIRST, ["--set", STRONGEST.set]);
    const rows = await page.until("the steered answers", async () => {
      const rows = await page.evaluate(() => {
        const text = (/** @type {Element} */ row, /** @type {string} */ part) => row.querySelector(part)?.textContent ?? "";
        return [...document.querySelectorAll("[data-part=answers] li")].map((row) => [text(row, ".token"), text(row, ".share")]);
      });
      return rows.every((/** @type {string[]} */ [, share]) => share.includes("→")) && rows;
    });
    const percents = rows.map((/** @type {string[]} */ [token, share]) => {
      return [token, ...share.split("→").map((text) => Number(text.replace(/[<% ]/g, "")))];
    });
    assert.ok(percents.length > 3);
    for (const [token, was, is] of percents) {
      const written = answers.find((/** @type {{ token: string }} */ each) => each.token === token);
      const near = Math.abs(was - 100 * written.before) < 0.11 && Math.abs(is - 100 * written.after) < 0.11;
      assert.ok(near, `${token}: ${was} → ${is}, not ${written.before} → ${written.after}`);
    }
    await page.click(".steer-buttons button", "Off");
    await page.until("the old answers", () => page.evaluate(() => document.querySelector("[data-part=answers].steered") === null));
  });

  journey("the plots of features are computed, and drawn when they are done", async (page) => {
    await page.open(query, STAGE);
    await page.answers(FIRST, "95");
    if (engine === "gpu") {
      // In software all of them take long.
      const share = async () => Number(/(\d+) %/.exec(await page.text("[data-part=plot-progress]"))?.[1]);
      await page.until("some of the plots", async () => (await share()) >= 5);
      return;
    }
    await page.until("the last plot", async () => (await page.text("[data-part=plot-progress]")).includes("done"), 110_000);
    await page.until("every picture", () => page.evaluate(() => document.querySelector(".node.feature:not(.plotted)") === null));
  });

  test("an error on the page would be told", async () => {
    await page.open(query, STAGE);
    await page.answers(FIRST, "95");
    const printed = browser.said.length;
    await page.evaluate(() => void console.error("on purpose"));
    await page.evaluate(() => void setTimeout(() => Promise.reject("refused on purpose")));
    await page.evaluate(
      () =>
        void setTimeout(() => {
          throw new Error("thrown on purpose");
        }),
    );
    for (const words of [/^on purpose/, /refused on/, /thrown on/]) {
      await page.until(`word of ${words}`, async () => (await found(printed)).some((line) => words.test(line)));
    }
  });
  if (engine === "gpu") {
    journey("a GPU without a name is called a GPU", async (page) => {
      await page.open(query, STAGE);
      await page.answers(FIRST, "95");
      assert.doesNotMatch(await page.text("[data-part=engines]"), /GPU GPU/);
    });
    return;
  }

  journey("a graph is graded as the command line grades it", async (page) => {
    await page.open(query, STAGE);
    await page.answers(FIRST, "95");
    await page.click("[data-part=grade-begin]");
    await page.element(".findings li");
    const words = (/** @type {string} */ text) =>
      text
        .replace(/^(Holds|Roughly|Does not hold):\s/, "")
        .replace(/\s*Explain .*$/, "")
        .trim();
    const written = onTheCommandLine("grade", FIRST).findings.map((/** @type {{ text: string }} */ each) => each.text);
    // The first tells how exact it is, which the last digits of wasm and native arithmetic decide.
    assert.deepEqual((await page.texts(".findings li p")).slice(1).map(words), written.slice(1));
    await page.until("four rungs", async () => (await page.texts(".rungs figcaption")).length === 4);
  });

  journey("on a phone of 390 pixels: a prompt is typed, a feature switched off, and nothing is wider than the screen", async (page) => {
    await page.open(query, PHONE);
    await page.answers(FIRST, "95");
    await page.type(SECOND);
    await page.answers(SECOND, "42");
    await page.type(FIRST);
    await page.answers(FIRST, "95");
    await switchOff(page, STRONGEST.id);
    await page.element("[data-part=answers].steered");
    const [inner, width] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
    assert.equal(inner, 390);
    assert.ok(width <= 390, `${width} pixels`);
  });
}

/** Selects a feature and switches it off. @param {Page} page @param {string} id of its node */
async function switchOff(page, id) {
  const buttons = () => page.evaluate(() => document.querySelector(".steer-buttons") !== null);
  await page.until("the feature's buttons", async () => {
    // A click that falls between two drawings of the graph is lost; one clicks again.
    await page.click(`.node[data-id="${id}"]`);
    return page.until("the buttons", buttons, 5000).catch(() => false);
  });
  await page.click(".steer-buttons button", "Off");
}

/** Saves a file from the menu, and returns what is in it. @param {Page} page @param {string} button @param {string} ending */
async function saved(page, button, ending) {
  const { downloads } = page.browser;
  await rm(downloads, { recursive: true, force: true }); // WebKit does not write over a file, Firefox gives another name
  await mkdir(downloads);
  if (!(await page.evaluate(() => /** @type {HTMLDetailsElement} */ (document.querySelector("[data-part=keep]")).open)))
    await page.click("[data-part=keep] summary");
  await page.click(button);
  return page.until(`the whole of a saved ${ending}`, async () => {
    const name = (await readdir(downloads)).find((name) => name.endsWith(ending));
    const text = name ? await readFile(join(downloads, name), "utf8").catch(() => "") : ""; // its first name may be another
    return /[}>]\s*$/.test(text) ? text : "";
  });
}
