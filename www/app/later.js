// Parts of the page that the first graph needs none of. Their file is loaded when one of them is asked for, or when the page is idle after
// the first live graph, so that who asks does not wait; each begins when it is asked for, or then.

/** @import { App } from "./app.js" */
/** @import { Events } from "./bus.js" */

import { byId } from "./dom.js";
import { stored } from "./storage.js";
import { GUIDE_KEY, GUIDE_PROMPT } from "./guide-key.js";

const LONGEST_REST_MS = 2000; // an idle page is waited for no longer

/**
 * @typedef {object} Part
 * @property {string} name for the sentence that says that it did not arrive
 * @property {() => Promise<(app: App) => void>} load its mount function
 * @property {(keyof Events)[]} [on] after these events it is looked whether it is needed
 * @property {() => boolean} [needed] whether what is set now needs it
 * @property {boolean} [quietly] whether nobody waits for it
 * @property {[string, string][]} [clicks] elements and events that ask for it, and are told again once it is here
 */

/** @param {App} app */
export function mountLater(app) {
  const parts = partsOf(app).map((part) => new Waiting(app, part));
  let idle = false;
  app.bus.on("graph", () => {
    if (idle || app.view?.early) return;
    idle = true;
    const load = () => parts.forEach((part) => void part.load(true));
    // Safari does not tell when it is idle.
    if ("requestIdleCallback" in globalThis) requestIdleCallback(load, { timeout: LONGEST_REST_MS });
    else setTimeout(load, LONGEST_REST_MS);
  });
}

/** A part that is not here yet. */
class Waiting {
  /** @type {Promise<boolean> | undefined} */ #coming;

  /** @param {App} app @param {Part} part */
  constructor(app, part) {
    this.app = app;
    this.part = part;
    const look = () => void ((part.needed?.() ?? true) && this.load(part.quietly));
    for (const name of part.on ?? []) app.bus.on(name, look);
    for (const [selector, type] of part.clicks ?? []) this.#ask(selector, type);
    if (part.needed?.()) look();
  }

  /**
   * Holds back an event until the part is here, which hears of it then.
   * @param {string} id @param {string} type
   */
  #ask(id, type) {
    const element = byId(id);
    const ask = async (/** @type {Event} */ event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!(await this.load())) return;
      if (element instanceof HTMLFormElement) element.requestSubmit();
      else if (type === "click") element.click();
    };
    element.addEventListener(type, ask);
    this.#forget.push(() => element.removeEventListener(type, ask));
  }

  /** @type {(() => void)[]} */ #forget = [];

  /**
   * Loads and mounts it, once.
   * @param {boolean} [quietly] whether nobody waits for it, so that a failure is not told
   * @returns {Promise<boolean>} whether it is here
   */
  load(quietly = false) {
    this.#coming ??= this.#load();
    return this.#coming.catch(() => {
      this.#coming = undefined;
      if (!quietly)
        this.app.bus.emit("notice", {
          about: "engine",
          sentence: `${this.part.name} did not arrive.`,
          advice: "Check the connection and try again, or reload the page: its address holds what you set.",
        });
      return false;
    });
  }

  async #load() {
    const mount = await this.part.load();
    for (const forget of this.#forget) forget();
    this.app.bus.catchUp(() => mount(this.app));
    return true;
  }
}

/** @param {App} app @returns {Part[]} */
function partsOf(app) {
  const isFirstVisit = () =>
    app.address.prompt === undefined &&
    app.address.selected === undefined &&
    stored(GUIDE_KEY) !== true &&
    (app.manifest?.examples.some(({ prompt }) => prompt === GUIDE_PROMPT) ?? false);
  return [
    {
      name: "The guide",
      load: async () => (await import("./parts.js")).mountGuide,
      on: ["manifest"],
      needed: isFirstVisit,
      clicks: [["guide-begin", "click"]],
    },
    {
      name: "The grade",
      load: async () => (await import("./parts.js")).mountGrade,
      on: ["grade"],
      needed: () => app.address.grade,
      clicks: [["grade-begin", "click"]],
    },
    {
      name: "The comparison",
      load: async () => (await import("./parts.js")).mountCompare,
      on: ["compare"],
      needed: () => app.address.compare !== undefined,
      clicks: [["compare-begin", "click"]],
    },
    {
      name: "The steering panel",
      load: async () => (await import("./parts.js")).mountSteering,
      on: ["steering"],
      needed: () => Object.keys(app.address.steering.set).length > 0,
    },
    {
      name: "The subgraph",
      load: async () => (await import("./parts.js")).mountSubgraph,
      on: ["arrangement"],
      needed: () => app.arrangement.pinned.length > 0,
    },
    {
      name: "The list of snapshots",
      load: async () => (await import("./parts.js")).mountSnapshots,
      clicks: [
        ["keep", "toggle"],
        ["copy-link", "click"],
        ["snapshot-form", "submit"],
      ],
    },
    {
      name: "The talk",
      load: async () => (await import("./parts.js")).mountTalk,
      on: ["manifest"],
      needed: () => location.hash.startsWith("#talk"),
      clicks: [
        ["talk-make", "click"],
        ["talk-shipped", "click"],
      ],
    },
    {
      name: "The table",
      load: async () => (await import("./parts.js")).mountTable,
      clicks: [["table-details", "toggle"]],
    },
    {
      name: "The model’s card",
      load: async () => (await import("./parts.js")).mountCard,
      quietly: true,
      on: ["graph", "notice"],
      needed: () => app.isLive || (app.manifest !== undefined && !app.view),
    },
  ];
}
