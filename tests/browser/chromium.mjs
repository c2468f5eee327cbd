// A Chromium with or without WebGPU, and pages that tell on themselves.

import { chromium } from "playwright-core";

/** The address of the built site, with a slash at its end. It lies below a path, as on many hosts. */
export const site = given("ATTOGRAPH_SITE");

// A page under a service worker takes its files from that, and the tests' own answers to requests would not reach it.
const SERVICE_WORKERS = "block";

const COMMON = [
  "--no-sandbox", // needed by root, as in containers
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

// Debian's Chromium has a WebGPU adapter in software; without it there would be none on a machine without a GPU.
const FLAGS = {
  on: ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
  off: ["--disable-blink-features=WebGPU"],
};

/**
 * @typedef {object} Options
 * @property {boolean} [webgpu] whether the browser has WebGPU; it does unless told otherwise
 * @property {string} [path] the page below the site, "" for its first
 * @property {string} [query] with its question mark
 * @property {"allow" | "block"} [serviceWorkers] blocked unless told otherwise
 * @property {string} [at] the address of another site than the built one's
 * @property {"light" | "dark"} [colorScheme]
 * @property {"reduce" | "no-preference"} [reducedMotion]
 * @property {{width: number, height: number}} [viewport]
 * @property {number} [scale] pixels a CSS pixel
 * @property {boolean} [touch] whether its screen can be touched
 * @property {boolean} [firstVisit] whether the guide is still to begin by itself; it has been seen unless told otherwise
 * @property {boolean} [story] whether the graph is told as a story, as a visitor sees it first; its nodes are on show unless told otherwise
 * @property {(page: import("playwright-core").Page) => Promise<unknown>} [before] runs before the page is opened, e.g. to spoil a request
 */

/** @type {Map<"on" | "off", Promise<import("playwright-core").Browser>>} */
const browsers = new Map();

/**
 * Opens a page of the site in a browser profile of its own. Whatever goes wrong on it (an uncaught
 * error, one on the console, a request that failed or went to another site) is added to `problems`.
 * @param {Options} options
 * @returns {Promise<{page: import("playwright-core").Page, problems: string[], close: () => Promise<void>}>}
 */
export async function open(options) {
  const browser = await launch(options.webgpu === false ? "off" : "on");
  const context = await browser.newContext({
    viewport: options.viewport ?? { width: 1280, height: 800 },
    colorScheme: options.colorScheme ?? "light",
    reducedMotion: options.reducedMotion ?? "no-preference",
    deviceScaleFactor: options.scale ?? 1,
    hasTouch: options.touch ?? false,
    serviceWorkers: options.serviceWorkers ?? SERVICE_WORKERS,
  });
  if (!options.firstVisit) await context.addInitScript(() => localStorage.setItem("attograph-guide-seen", "true"));
  // Most tests are of the nodes; who had them last sees them again. In a sandboxed frame nothing is kept.
  const sawNodes = () => {
    try {
      localStorage.setItem("attograph-view", JSON.stringify("nodes"));
    } catch {}
  };
  if (!options.story) await context.addInitScript(sawNodes);
  const page = await context.newPage();
  const at = options.at ?? site;
  const problems = watch(page, at);
  const close = async () => {
    // Requests that closing cuts off are no problem, nor is it one of the tests' own answers to them.
    page.removeAllListeners();
    if (!page.isClosed()) await page.unrouteAll({ behavior: "ignoreErrors" });
    await context.unrouteAll({ behavior: "ignoreErrors" });
    await context.close();
  };
  try {
    await options.before?.(page);
    await page.goto(at + (options.path ?? "") + (options.query ?? ""), { waitUntil: "load" });
  } catch (error) {
    await close();
    throw error;
  }
  return { page, problems, close };
}

/** Ends every browser that was started here. */
export async function closeBrowsers() {
  for (const browser of browsers.values()) await (await browser).close();
  browsers.clear();
}

/** The browser of a test file; one that falls over as it starts is started once more. @param {"on" | "off"} webgpu */
function launch(webgpu) {
  const begin = () =>
    chromium.launch({
      executablePath: given("CHROMIUM"),
      headless: true,
      args: [...COMMON, ...FLAGS[webgpu]],
    });
  const browser = browsers.get(webgpu) ?? begin().catch(begin);
  browsers.set(webgpu, browser);
  return browser;
}

/** @param {import("playwright-core").Page} page @param {string} at the address of its site */
function watch(page, at) {
  /** @type {string[]} */
  const problems = [];
  page.on("pageerror", (error) => problems.push(`uncaught: ${error.stack ?? error.message}`));
  page.on("crash", () => problems.push("the page crashed"));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(at) && !/^(data|blob):/.test(url)) problems.push(`request leaves the site: ${url}`);
  });
  page.on("requestfailed", (request) => {
    problems.push(`request failed: ${request.url()} (${request.failure()?.errorText})`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) problems.push(`request failed: ${response.url()} (${response.status()})`);
  });
  return problems;
}

/** @param {string} name */
function given(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run this with \`cargo xtask test browser\``);
  return value;
}
