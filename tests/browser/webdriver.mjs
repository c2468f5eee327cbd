// A page in a browser that is driven by WebDriver's commands, whoever carries them: what a person does and reads there.

import { setTimeout as sleep } from "node:timers/promises";

/**
 * A browser that was started, with one window.
 * @typedef {object} Browser
 * @property {string} name with its version
 * @property {(command: keyof typeof COMMANDS, parameters?: Record<string, unknown>) => Promise<any>} send resolves to the command's value
 * @property {string[]} said what it printed, a line each
 * @property {string} downloads the folder that files are saved into
 * @property {() => Promise<void>} close ends its processes
 */

/** WebDriver's commands (https://www.w3.org/TR/webdriver2/): path and what Marionette, Firefox's own wire, calls each. */
export const COMMANDS = {
  navigate: { path: "url", marionette: "WebDriver:Navigate" },
  script: { path: "execute/sync", marionette: "WebDriver:ExecuteScript" },
  actions: { path: "actions", marionette: "WebDriver:PerformActions" },
  keys: { path: "element/{id}/value", marionette: "WebDriver:ElementSendKeys" },
  size: { path: "window/rect", marionette: "WebDriver:SetWindowRect" },
  frame: { path: "frame", marionette: "WebDriver:SwitchToFrame" },
};

/** The key under which WebDriver writes an element's id. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

const PATIENCE = 60_000;

export class Page {
  /** @param {Browser} browser @param {string} site */
  constructor(browser, site) {
    this.browser = browser;
    this.site = site;
  }

  /**
   * Opens the site's page. @param {string} query with its question mark
   * @param {{ width: number, height: number, framed?: boolean }} [size] `framed` shows it in a frame of this size, for sizes that no
   *   window can have
   */
  async open(query, { width, height, framed } = { width: 1440, height: 1000 }) {
    const { send } = this.browser;
    await send("frame", { id: null });
    if (!framed) await send("size", { width, height });
    // A text of the site: its storage is the site's, and it forbids nothing.
    await send("navigate", { url: `${this.site}worker/main.js` });
    await this.evaluate(() => {
      localStorage.clear();
      localStorage.setItem("attograph-guide-seen", "true");
      localStorage.setItem("attograph-view", '"nodes"');
    });
    if (!framed) {
      await send("navigate", { url: this.site + query });
      return this.#listen();
    }
    const frame = await this.evaluate(
      (url, width, height) => {
        const frame = document.createElement("iframe");
        Object.assign(frame.style, { position: "fixed", inset: "0", border: "0", width: `${width}px`, height: `${height}px` });
        frame.src = url;
        document.body.replaceChildren(frame);
        return new Promise((resolve) => frame.addEventListener("load", () => resolve(frame)));
      },
      this.site + query,
      width,
      height,
    );
    await send("frame", { id: frame, element: frame[ELEMENT] });
    await this.#listen();
  }

  /** Keeps what goes wrong on the page from here on: not every browser prints it. */
  #listen() {
    return this.evaluate(() => {
      /** @type {string[]} */
      const errors = [];
      Object.assign(window, { errors });
      addEventListener("error", (event) => errors.push(event.message));
      addEventListener("unhandledrejection", (event) => errors.push(String(event.reason)));
      console.error = (...words) => errors.push(words.join(" "));
    });
  }

  /** What went wrong since the page was opened, a line each. @returns {Promise<string[]>} */
  errors() {
    return this.evaluate(() => /** @type {any} */ (window).errors);
  }

  /**
   * Runs a function in the page. @template T @template {any[]} A
   * @param {(...args: A) => T} run @param {A} args @returns {Promise<any>}
   */
  evaluate(run, ...args) {
    return this.browser.send("script", { script: `return (${run})(...arguments)`, args });
  }

  /** The text of the first element of a selector, "" if there is none. @param {string} selector @returns {Promise<string>} */
  text(selector) {
    return this.evaluate((selector) => /** @type {HTMLElement | null} */ (document.querySelector(selector))?.innerText ?? "", selector);
  }

  /** The texts of all elements of a selector. @param {string} selector @returns {Promise<string[]>} */
  texts(selector) {
    const read = (/** @type {string} */ selector) => {
      const all = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector));
      return [...all].map((each) => each.innerText ?? each.textContent);
    };
    return this.evaluate(read, selector);
  }

  /**
   * Waits until something is so, and resolves to it. @template T
   * @param {string} what said if it never is @param {() => Promise<T>} look @returns {Promise<NonNullable<T>>}
   */
  async until(what, look, patience = PATIENCE) {
    const end = Date.now() + patience;
    for (;;) {
      const found = await look();
      if (found) return found;
      if (Date.now() > end)
        throw new Error(`${this.browser.name}: ${what} never came; the page says: ${(await this.text("body")).slice(0, 2000)}`);
      await sleep(50);
    }
  }

  /** Waits for an element that can be seen. @param {string} selector */
  element(selector) {
    const find = (/** @type {string} */ selector) =>
      [...document.querySelectorAll(selector)].find((each) => each.getClientRects().length > 0) ?? null;
    return this.until(selector, () => this.evaluate(find, selector));
  }

  /**
   * Clicks where an element is, as a mouse does, once it stands still.
   * @param {string} selector
   * @param {string} [text] a part of its text
   */
  async click(selector, text = "") {
    /** @type {[number, number, string] | null} */
    let last = null;
    const [x, y, hit] = await this.until(`${selector} ${text}`, async () => {
      const found = await this.#middle(selector, text);
      const still = found !== null && String(found) === String(last);
      last = found;
      return still ? found : null;
    });
    if (hit) throw new Error(`${this.browser.name}: where ${selector} is to be clicked lies ${hit}`);
    const press = [
      { type: "pointerMove", duration: 0, origin: "viewport", x, y },
      { type: "pointerDown", button: 0 },
      { type: "pointerUp", button: 0 },
    ];
    await this.browser.send("actions", {
      actions: [{ type: "pointer", id: "mouse", parameters: { pointerType: "mouse" }, actions: press }],
    });
  }

  /**
   * Where an element's middle is, after it was scrolled into sight, and what lies on it, "" if nothing.
   * @param {string} selector @param {string} text @returns {Promise<[number, number, string] | null>}
   */
  #middle(selector, text) {
    // All in one: what the page draws anew in between is another element.
    return this.evaluate(
      (selector, text) => {
        const all = [...document.querySelectorAll(selector)];
        const element = all.find((each) => each.getClientRects().length > 0 && each.textContent?.includes(text));
        if (!element) return null;
        element.scrollIntoView({ block: "center", behavior: "instant" });
        const { x, y, width, height } = element.getBoundingClientRect();
        const middle = [Math.round(x + width / 2), Math.round(y + height / 2)];
        const hit = document.elementFromPoint(middle[0], middle[1]);
        return [...middle, element.contains(hit) ? "" : (hit?.outerHTML.slice(0, 200) ?? "nothing")];
      },
      selector,
      text,
    );
  }

  /** Replaces the prompt, as typing does. @param {string} prompt */
  async type(prompt) {
    const element = await this.element("[data-part=prompt]");
    await this.evaluate((/** @type {HTMLTextAreaElement} */ box) => {
      box.focus();
      box.select();
    }, element);
    await this.browser.send("keys", { id: element[ELEMENT], text: prompt });
  }

  /**
   * Waits until the page shows the graph of a prompt, and this as the most probable next token.
   * @param {string} prompt
   * @param {string} token
   */
  async answers(prompt, token) {
    await this.until(`${token} after ${prompt}`, () =>
      this.evaluate(
        (prompt, token) =>
          document.querySelector("[data-part=answers] li:first-child .token")?.textContent === token &&
          document.querySelector("[data-part=stage] svg[role]")?.getAttribute("aria-label")?.includes(`“${prompt}”`) &&
          document.querySelector(".node.logit") !== null &&
          document.querySelector(".stale") === null &&
          document.querySelector("[data-part=first]:not([hidden])") === null, // nor is it the recorded one
        prompt,
        token,
      ),
    );
  }

  /** Chooses a file of this machine. @param {string} selector an input, which may be hidden @param {string} path */
  async choose(selector, path) {
    const element = await this.evaluate((selector) => document.querySelector(selector), selector);
    await this.browser.send("keys", { id: element[ELEMENT], text: path });
  }
}
