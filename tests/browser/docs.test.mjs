// The documentation: every page opens under its policy, without barriers, and fits a phone; links lead where they say, and to the lab and back.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import { openPage, RELOADS, screenshot, site } from "./harness.mjs";
import { barriers } from "./reading.mjs";

const FOLDER = new URL("../../dist/docs/", import.meta.url);
const PHONE = { width: 390, height: 844 };

/** What the next page cuts off. */
const allow = [...RELOADS, /(pictures\/|screenshot).*ERR_ABORTED/];

const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".html"));

/** What the page's policy has refused from here on. @param {import("playwright-core").Page} page */
async function listening(page) {
  await page.addInitScript(() => {
    /** @type {any} */ (window).refused = [];
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) =>
      /** @type {any} */ (window).refused.push(effectiveDirective),
    );
  });
}

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  test(`every page opens in ${colorScheme}, within its policy and without a barrier`, async (t) => {
    assert.ok(names.length > 12, "the pages are built");
    const page = await openPage(t, { path: "docs/index.html", colorScheme, allow, before: listening });
    for (const name of names) {
      await page.goto(`${site}docs/${name}`);
      assert.deepEqual(await barriers(page), [], name);
      assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).refused), [], name);
      assert.equal(await page.locator("nav [aria-current=page]").getAttribute("href"), name);
      assert.match(await page.title(), /^.+ – Attograph$/);
    }
  });
}

test("a policy that knows no scripts and no inline styles stands in each page", async () => {
  for (const name of names) {
    const text = await readFile(new URL(name, FOLDER), "utf8");
    assert.match(text, /"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"/, name);
    assert.doesNotMatch(text, /<script|<style|\sstyle=|\son\w+=/, name);
  }
});

test("on a phone no page is wider than the screen, tables scroll in themselves, and all pages are a press away", async (t) => {
  const page = await openPage(t, { path: "docs/index.html", viewport: PHONE, allow });
  for (const name of names) {
    await page.goto(`${site}docs/${name}`);
    const found = await page.evaluate(() => {
      const within = (/** @type {Element} */ element) => element.closest("pre, .wide") !== null;
      const all = [...document.querySelectorAll("body *")].filter((element) => !within(element) || element.matches("pre, .wide"));
      const beyond = all.filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5);
      return { page: document.documentElement.scrollWidth, beyond: beyond.map(({ outerHTML }) => outerHTML.slice(0, 80)) };
    });
    assert.deepEqual(found, { page: PHONE.width, beyond: [] }, name);
  }
  await page.goto(`${site}docs/figures.html`);
  await screenshot(page, "docs-phone");
  const scrolled = await page
    .locator(".wide:has(th:nth-child(4))")
    .first()
    .evaluate((table) => {
      table.scrollLeft = 1000;
      return table.scrollLeft;
    });
  assert.ok(scrolled > 0, "a wide table scrolls");
  await page.getByRole("link", { name: "All pages" }).click();
  const link = page.getByRole("navigation").getByRole("link", { name: "Command line" });
  assert.ok(await link.evaluate((element) => element.getBoundingClientRect().top < innerHeight), "the list of pages is in sight");
  await link.click();
  await page.getByRole("heading", { level: 1, name: "Command line" }).waitFor();
});

test("every link within the site leads to a page, and to a heading of it", async (t) => {
  const page = await openPage(t, { path: "docs/index.html", allow });
  /** @type {Map<string, Set<string>>} ids by the page's address */
  const ids = new Map();
  /** @type {[string, string][]} */ const links = [];
  for (const name of names) {
    const at = `${site}docs/${name}`;
    await page.goto(at);
    const found = await page.evaluate(() => ({
      ids: [...document.querySelectorAll("[id]")].map(({ id }) => id),
      links: [...document.links].map(({ href }) => href),
      pictures: [...document.images].map(({ src }) => src),
    }));
    ids.set(at, new Set(found.ids));
    for (const to of [...found.links, ...found.pictures]) if (to.startsWith(site)) links.push([name, to]);
  }
  assert.ok(links.length > 300, `${links.length} links`);
  /** @type {Map<string, boolean>} */ const there = new Map();
  for (const [name, to] of links) {
    const [address, anchor] = to.split("#");
    if (!there.has(address)) there.set(address, (await fetch(address)).ok);
    assert.ok(there.get(address), `${name} leads to ${to}`);
    if (anchor) assert.ok(ids.get(address)?.has(decodeURIComponent(anchor)), `${name} leads to ${to}`);
  }
});

test("pictures are those of the page's colours", async (t) => {
  const page = await openPage(t, { path: "docs/talks.html", colorScheme: "dark", viewport: { width: 1440, height: 900 } });
  const picture = page.locator("main img");
  await picture.scrollIntoViewIfNeeded();
  await page.waitForFunction(() => [...document.images].every(({ complete }) => complete));
  const shown = await picture.evaluate((image) => [
    /** @type {HTMLImageElement} */ (image).currentSrc.split("/").pop(),
    /** @type {HTMLImageElement} */ (image).naturalWidth > 0,
  ]);
  assert.deepEqual(shown, ["stage-dark.png", true]);
  await screenshot(page, "docs-dark");
});

test("the lab leads to the documentation, and that back", async (t) => {
  const page = await openPage(t, { query: "?engine=cpu", allow: [/ERR_ABORTED/] });
  await page.getByRole("link", { name: "Docs", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Attograph’s documentation" }).waitFor();
  assert.equal(page.url(), `${site}docs/index.html`);
  await page.getByRole("main").getByRole("link", { name: "Reading a graph" }).click();
  await page.waitForURL(`${site}docs/reading.html`);
  await page.getByRole("link", { name: "Open the lab" }).click();
  await page.locator("[data-part=stage] .node.feature").first().waitFor({ timeout: 60_000 });
  assert.equal(new URL(page.url()).pathname, new URL(site).pathname);
});
