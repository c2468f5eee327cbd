// An author's post on another origin: posters, a recorded graph, a live one, one in a frame; and what an element says when it cannot.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { authorSite } from "./author-site.mjs";
import { featuresOf, onTheCommandLine } from "./command-line.mjs";
import { openPage, screenshot, site } from "./harness.mjs";

/** @import { Page } from "playwright-core" */
/** @import { Options } from "./chromium.mjs" */

const ENGINE = /\/(wasm|worker|models)\//;
/** The post asks Attograph's site, which the harness takes for leaving it. */
const LEAVES = new RegExp(`^request leaves the site: ${site}`);
const recorded = await (await fetch(`${site}recorded/addition.json`)).text();

/** @param {{ after: (fn: () => Promise<void>) => void }} t @param {Options & { allow?: RegExp[] }} [options] @param {Record<string, string>} [files] */
async function openPost(t, options = {}, files = {}) {
  const at = await authorSite(t, site, { "recorded.json": recorded, ...files });
  /** @type {string[]} */ const asked = [];
  const page = await openPage(t, {
    at,
    webgpu: false,
    firstVisit: true, // a frame without an origin has no storage to say otherwise in
    ...options,
    allow: [LEAVES, ...(options.allow ?? [])],
    before: async (page) => {
      page.on("request", (request) => asked.push(request.url()));
      await options.before?.(page);
    },
  });
  return { page, asked, at };
}

/** A post of one line. @param {string} body */
function post(body) {
  return {
    "index.html": `<!doctype html><meta charset="utf-8"><title>Post</title><link rel="icon" href="data:,"><link rel="stylesheet" href="post.css">
      <script type="module" src="https://attograph.example/elements/atto.js"></script>${body}`,
  };
}

/** The text of what an element draws. @param {Page} page @param {string} element */
function bar(page, element) {
  return page.locator(`${element} .bar`);
}

test("without script the posters stand, and lead to the page", async (t) => {
  const at = await authorSite(t, site, { "recorded.json": recorded });
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
  t.after(() => browser.close());
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  await page.goto(at);
  const posters = page.locator("atto-graph > a > svg");
  assert.equal(await posters.count(), 2);
  for (const poster of await posters.all()) assert.ok((await poster.boundingBox())?.height ?? 0 > 20);
  assert.match((await page.locator("#recorded > a").getAttribute("href")) ?? "", /\?prompt=/);
});

test("a recorded graph shows its words when pointed at, keeps what is selected, and asks for no engine", async (t) => {
  const { page, asked } = await openPost(t);
  const graph = page.locator("#recorded");
  await graph.scrollIntoViewIfNeeded();
  await graph.locator(".node.logit").first().waitFor();
  assert.match(await bar(page, "#recorded").innerText(), /36\+59= 95\s+recorded/);
  const features = featuresOf(onTheCommandLine("trace", "calc: 36+59=").nodes);
  assert.equal(await graph.locator(".node.feature").count(), features.length);
  assert.equal(await graph.locator(".node.feature:not(.plotted)").count(), 0, "with their operand plots");
  assert.equal(await graph.locator("slot").isVisible(), false, "in place of the poster");
  const node = graph.locator(".node.feature").last();
  await node.hover();
  await graph.locator(".tooltip", { hasText: "activation" }).waitFor();
  const told = page.evaluate(
    () =>
      new Promise((tell) =>
        document.addEventListener("node-select", (event) => tell(/** @type {CustomEvent} */ (event).detail), { once: true }),
      ),
  );
  await node.click();
  const id = await node.getAttribute("data-id");
  assert.equal(/** @type {{ id: string }} */ (await told).id, id);
  const state = await graph.evaluate((each) => /** @type {any} */ (each).getState());
  assert.match(state, /^1\?.*selected=/);
  assert.equal(new URLSearchParams(state.slice(1)).get("selected"), id);
  await graph.evaluate((each) => /** @type {any} */ (each).setState("1?"));
  await graph.locator(".node.selected").waitFor({ state: "detached" });
  await graph.evaluate((each, state) => /** @type {any} */ (each).setState(state), state);
  await graph.locator(".node.selected").waitFor();
  assert.deepEqual(
    asked.filter((url) => ENGINE.test(url)),
    [],
  );
  await screenshot(page, "element-recorded");
});

test("a live one is started by a press, in a worker of another origin's script, and finds 95", async (t) => {
  const { page, asked } = await openPost(t);
  const graph = page.locator("#live");
  await graph.scrollIntoViewIfNeeded();
  await page.waitForTimeout(500);
  assert.deepEqual(
    asked.filter((url) => ENGINE.test(url)),
    [],
    "nothing of it before",
  );
  const traced = page.evaluate(
    () =>
      new Promise((tell) => document.addEventListener("trace", (event) => tell(/** @type {CustomEvent} */ (event).detail), { once: true })),
  );
  await graph.locator("a svg").click();
  const { answer, prompt } = /** @type {{ answer: string, prompt: string }} */ (
    await Promise.race([
      traced,
      page
        .locator("#live .told")
        .innerText()
        .then((sentence) => assert.fail(sentence)),
    ])
  );
  assert.deepEqual([prompt, answer], ["calc: 36+59=", "95"]);
  assert.match(await bar(page, "#live").innerText(), /95 traced here in \d+ ms/);
  assert.equal(page.url().includes("attograph"), false, "the reader is still in the post");
  // The element beside it is of the same lab.
  await page
    .locator("atto-answers .answers li", { hasText: /^95\s*\d/ })
    .first()
    .waitFor();
  await graph.locator(".node.feature.plotted").first().waitFor({ timeout: 60_000 });
  await screenshot(page, "element-live");
});

test("what did not arrive is told, and another press tries again", async (t) => {
  for (const part of [/elements\/started-[^/]*\.js(\?\d+)?$/, /elements\/graph-[^/]*\.js(\?\d+)?$/]) {
    let spoiled = true;
    const { page } = await openPost(t, {
      allow: [/started-|graph-/],
      before: (page) => page.route(part, (route) => (spoiled ? route.fulfill({ status: 503 }) : route.continue())),
    });
    const poster = page.locator("#live a svg");
    await poster.click();
    const told = page.locator("#live .told");
    assert.match(await told.innerText(), /scripts could not be reached/);
    spoiled = false;
    await page.locator("#live").getByRole("button", { name: "Trace it here" }).click();
    await page.locator("#live .bar b", { hasText: "95" }).waitFor({ timeout: 30_000 });
    assert.equal(await told.count(), 0);
  }
});

test("a frame without an origin shows the recorded graph, is sized, takes a state and answers, and hears no nonsense", async (t) => {
  const { page } = await openPost(t);
  const frame = page.frameLocator("#framed");
  await page.locator("#framed").scrollIntoViewIfNeeded();
  await frame.locator(".node.logit").first().waitFor();
  const width = (await page.locator("#framed").boundingBox())?.width ?? 0;
  await page.waitForFunction(
    (least) => Number(/** @type {HTMLIFrameElement} */ (document.getElementById("framed")).height) > least,
    0.6 * width,
  );
  const id = await frame.locator(".node.feature").last().getAttribute("data-id");
  const ask = (/** @type {unknown} */ message) =>
    page.evaluate((message) => {
      const frame = /** @type {HTMLIFrameElement} */ (document.getElementById("framed"));
      return new Promise((tell) => {
        const hear = (/** @type {MessageEvent} */ { source, data }) => {
          if (source !== frame.contentWindow || !/^attograph-(state|refused)$/.test(data.type)) return;
          removeEventListener("message", hear);
          tell(data);
        };
        addEventListener("message", hear);
        setTimeout(() => tell(undefined), 1500);
        frame.contentWindow?.postMessage(message, "*");
      });
    }, message);
  assert.match(/** @type {any} */ (await ask({ type: "attograph-state" })).state, /^1\?/);
  await ask({ type: "attograph-state", state: `1?selected=${id}` });
  await frame.locator(`.node.selected[data-id="${id}"]`).waitFor();
  for (const nonsense of [undefined, null, 5, "attograph-state", { type: "other", state: "1?" }])
    assert.equal(await ask(nonsense), undefined);
  for (const state of ["", "2?selected=x", { toString: 1 }, 7, `1?${"x".repeat(200_000)}`])
    assert.match(/** @type {any} */ (await ask({ type: "attograph-state", state })).sentence, /state|State/);
  assert.equal(await frame.locator(".node.selected").getAttribute("data-id"), id, "what was set stays");
});

test("what is taken out of the page computes no more, what is moved goes on, and what comes back begins anew", async (t) => {
  const body = '<atto-graph model="addition" loading="visible"><a href="https://attograph.example/">The page</a></atto-graph><div></div>';
  const { page } = await openPost(t, {}, post(body));
  const traced = page.locator("atto-graph .bar", { hasText: "traced here in" });
  await traced.waitFor({ timeout: 60_000 });
  await page.evaluate(() => document.querySelector("div")?.append(/** @type {Element} */ (document.querySelector("atto-graph"))));
  assert.equal(await traced.count(), 1);
  assert.equal(page.workers().length, 1);
  await page.evaluate(() => {
    const graph = /** @type {Element} */ (document.querySelector("atto-graph"));
    Object.assign(window, { graph });
    graph.remove();
  });
  await page.waitForFunction(() => /** @type {any} */ (window).graph.shared === undefined);
  for (let waited = 0; page.workers().length > 0 && waited < 8000; waited += 200) await page.waitForTimeout(200);
  assert.equal(page.workers().length, 0, "the last one takes the engine with it, after a moment");
  await page.evaluate(() => document.body.append(/** @type {any} */ (window).graph));
  await traced.waitFor({ timeout: 60_000 });
});

test("ten live ones on one page have one engine, and each finds its own sum", async (t) => {
  const sums = Array.from({ length: 10 }, (_, i) => [11 + 7 * i, 83 - 6 * i]);
  const body = sums.map(([a, b]) => `<atto-graph model="addition" prompt="calc: ${a}+${b}=" loading="eager"></atto-graph>`).join("");
  const { page, asked } = await openPost(t, {}, post(body));
  for (const [i, [a, b]] of sums.entries()) {
    const said = page.locator(`atto-graph:nth-of-type(${i + 1}) .bar`);
    await said.getByText(`calc: ${a}+${b}= ${a + b}`).waitFor({ timeout: 120_000 });
  }
  assert.equal(page.workers().length, 1);
  const weights = asked.filter((url) => /addition\/model\.safetensors/.test(url));
  assert.ok(weights.length <= 1, `the weights were asked for ${weights.length} times`);
});

test("what edges take as given is an attribute, and part of the state", async (t) => {
  const body = ["", 'hold="nothing"'].map(
    (held) => `<atto-graph model="addition" ${held} prompt="calc: 36+59=" loading="eager"></atto-graph>`,
  );
  const { page } = await openPost(t, {}, post(body.join("")));
  const drawn = [];
  for (const [i, state] of ["1?model=addition", "hold=nothing"].entries()) {
    const graph = page.locator(`atto-graph:nth-of-type(${i + 1})`);
    await graph.locator(".bar", { hasText: "95" }).waitFor({ timeout: 120_000 });
    await graph.locator(".node.logit").first().waitFor();
    assert.ok((await graph.evaluate((each) => /** @type {any} */ (each).getState())).includes(state));
    drawn.push(await graph.locator(".node").evaluateAll((all) => all.map((node) => node.getAttribute("data-id")).sort()));
  }
  assert.notDeepEqual(drawn[0], drawn[1], "other nodes carry what would change");
});

test("a state that is set while the model is on its way is set once there is a graph, and one of another model is refused then", async (t) => {
  const body = '<atto-graph model="addition" prompt="calc: 36+59=" loading="eager"></atto-graph>'.repeat(2);
  let held = true;
  const { page } = await openPost(
    t,
    {
      before: (page) =>
        page.route(/model\.safetensors/, async (route) => {
          while (held) await new Promise((go) => setTimeout(go, 50));
          await route.continue();
        }),
    },
    post(body),
  );
  const [one, other] = [1, 2].map((i) => page.locator(`atto-graph:nth-of-type(${i})`));
  await one.locator(".bar", { hasText: "Loading the model" }).waitFor({ timeout: 60_000 });
  const set = (/** @type {HTMLElement} */ each, /** @type {string} */ state) => /** @type {any} */ (each).setState(state);
  await one.evaluate(set, "1?prompt=calc:+17%2B25%3D");
  await other.evaluate(set, "1?model=diagnosis");
  assert.match(await one.evaluate((each) => /** @type {any} */ (each).getState()), /17%2B25/, "what was set is what is given");
  held = false;
  await one.locator(".bar", { hasText: "42" }).waitFor({ timeout: 120_000 });
  await other.locator(".told", { hasText: "This state is of the model “diagnosis”" }).waitFor({ timeout: 120_000 });
  await other.locator(".bar", { hasText: "95" }).waitFor();
});

test("a frame without an origin computes too, or says why it cannot", async (t) => {
  const src = "https://attograph.example/embed.html?src=recorded/addition.json&model=addition";
  const body = `<iframe title="Graph" height="400" sandbox="allow-scripts" src="${src}"></iframe>`;
  const { page } = await openPost(t, {}, post(body));
  const frame = page.frameLocator("iframe");
  await frame.getByRole("button", { name: "Trace it here" }).click();
  const traced = frame.locator(".bar", { hasText: /95 traced here in/ });
  await traced.or(frame.locator(".told", { hasText: "frame without an origin" })).waitFor({ timeout: 60_000 });
  await frame.locator(".node.logit").first().waitFor(); // with a graph in either case
});

test("a frame whose address does not all make sense says so under its graph", async (t) => {
  const page = await openPage(t, { path: "embed.html", query: "?src=recorded/addition.json&zoom=huge&view=sideways" });
  await page.locator(".node.logit").first().waitFor();
  const told = /No sense in this state: (view, zoom|zoom, view)\./;
  await page.locator(".told", { hasText: told }).waitFor();
});

test("a frame with no file begins as a poster of its prompt, all of which starts it", async (t) => {
  const viewport = { width: 640, height: 360 };
  const page = await openPage(t, { path: "embed.html", query: "?engine=cpu&prompt=calc:+12%2B34%3D", viewport });
  const poster = page.getByRole("link", { name: "calc: 12+34= Press to trace here" });
  const box = await poster.boundingBox();
  assert.ok(box && box.width > 600 && box.height > 280, JSON.stringify(box));
  await screenshot(page, "embed-poster");
  await poster.click({ position: { x: 20, y: 20 } });
  await page.locator(".bar", { hasText: /46 traced here in/ }).waitFor({ timeout: 60_000 });
});

test("a frame takes no file of another site, and says so", async (t) => {
  const page = await openPage(t, { path: "embed.html", query: "?src=https://elsewhere.example/graph.json&prompt=calc:+36%2B59%3D" });
  await page.getByText("This frame reads no file of another site: https://elsewhere.example/graph.json").waitFor();
  assert.equal(await page.locator("atto-graph").count(), 0, "and shows no other graph in its place");
});

test("a frame that is asked to show what it does not know says so", async (t) => {
  const page = await openPage(t, { path: "embed.html", query: "?shows=storey&prompt=calc:+36%2B59%3D" });
  await page.getByText("This frame shows “story” or “graph”, not “storey”: correct its address.").waitFor();
  assert.equal(await page.locator("atto-graph, atto-story").count(), 0);
});

for (const [width, height] of [
  [300, 200],
  [640, 360],
  [1200, 900],
]) {
  test(`a frame of ${width} x ${height} shows all of the graph`, async (t) => {
    const page = await openPage(t, { path: "embed.html", query: "?src=recorded/addition.json", viewport: { width, height } });
    await page.locator(".node.logit").first().waitFor();
    await page.waitForTimeout(300);
    const fits = await page.locator("atto-graph").evaluate((element) => {
      const pane = /** @type {HTMLElement} */ (element.shadowRoot?.querySelector(".pane"));
      return [
        pane.scrollWidth - pane.clientWidth,
        pane.scrollHeight - pane.clientHeight,
        document.documentElement.scrollHeight - innerHeight,
      ];
    });
    await screenshot(page, `embed-${width}`);
    for (const over of fits) assert.ok(over <= 1, fits.join());
    const [pane, zoom] = [await page.locator(".pane").boundingBox(), await page.locator(".zoom").boundingBox()];
    assert.ok(pane && zoom && zoom.y >= pane.y + pane.height && zoom.y + zoom.height <= height, "its zoom buttons lie below the graph");
    await page.getByRole("button", { name: "Zoom in" }).click();
    await page.getByRole("button", { name: "Back to 100 %" }).waitFor();
  });
}

for (const [what, attributes, files, sentence] of /** @type {[string, string, Record<string, string>, RegExp][]} */ ([
  ["a file that is missing", 'src="none.json"', {}, /none\.json is missing there \(HTTP status 404\)/],
  ["a file that is no JSON", 'src="bad.json"', { "bad.json": "{" }, /bad\.json is not valid JSON/],
  ["a file that is no graph", 'src="bad.json"', { "bad.json": '{"nodes":[1]}' }, /bad\.json is no recorded graph/],
  ["a view that is not there", 'view="opera" src="recorded.json"', {}, /view="opera" is not known, but graph\./],
  ["something held that there is not", 'hold="all" src="recorded.json"', {}, /hold="all" is not known, but patterns,norms, patterns/],
  ["a way of loading that is not there", 'loading="soon" src="recorded.json"', {}, /loading="soon" is not known/],
  ["a model that is not there", 'model="other" loading="eager"', {}, /no model called “other” here/],
])) {
  test(`it says so, and the link out stays: ${what}`, async (t) => {
    const body = `<atto-graph ${attributes}><a href="https://attograph.example/">The page</a></atto-graph>`;
    const { page } = await openPost(t, { allow: [/404|none\.json/] }, { ...post(body), ...files });
    const told = page.locator("atto-graph .told");
    await told.waitFor();
    assert.match(await told.innerText(), sentence);
    assert.equal(await told.locator("a").getAttribute("href"), site);
  });
}

test("its letters do not follow the page around it, nor its colours where it is told", async (t) => {
  const body = '<atto-graph theme="dark" src="recorded.json"></atto-graph>';
  const { page } = await openPost(t, {}, post(body));
  await page.locator("atto-graph .node.logit").first().waitFor();
  const [size, ground] = await page.locator("atto-graph").evaluate((element) => {
    const pane = /** @type {HTMLElement} */ (element.shadowRoot?.querySelector(".pane"));
    return [getComputedStyle(pane).fontSize, getComputedStyle(pane).backgroundColor];
  });
  assert.deepEqual([size, ground], ["15px", "rgb(20, 26, 35)"]);
});

test("a feature's operand plot, a switch and the answers, of one lab without a graph", async (t) => {
  const one = JSON.parse(recorded).nodes.find((/** @type {{ kind: number, layer: number }} */ node) => node.kind === 0 && node.layer === 0);
  const name = `${one.layer}/${one.index}`;
  const body = `<atto-plot lab="a" src="recorded.json" prompt="calc: 36+59=" feature="${name}"></atto-plot>
    <atto-steer lab="a" features="${name} the one"></atto-steer><atto-answers lab="a"></atto-answers><atto-prompt lab="a"></atto-prompt>`;
  const { page } = await openPost(t, {}, post(body));
  await page.locator("atto-plot .readout", { hasText: "activation" }).waitFor();
  const answers = page.locator("atto-answers .answers");
  await answers.locator("li", { hasText: "95" }).first().waitFor();
  await page.locator("atto-steer input").click();
  await page.locator("atto-steer output", { hasText: "off" }).waitFor({ timeout: 60_000 });
  await answers.locator(".was").first().waitFor({ timeout: 60_000 });
  await screenshot(page, "element-others");
  await page.locator("atto-prompt textarea").fill("calc: 12+31=");
  await answers.locator("li", { hasText: "43" }).first().waitFor({ timeout: 60_000 });
});
