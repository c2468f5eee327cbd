// Parts of the page that the first graph needs none of. Their file is loaded when one of them is asked for, or when the page is idle after
// the first live graph, so that who asks does not wait; each begins when it is asked for, or then.

/** @import { Lab } from "./lab.js" */

import { isForGuide } from "./guide-key.js";
import { untracked } from "./store.js";
import { inspectedParts, laterParts } from "./tried-again.js";
import { takesText, typedAhead } from "./typed-ahead.js";

const LONGEST_REST_MS = 2000; // an idle page is waited for no longer

/**
 * @typedef {object} Part
 * @property {string} name for the sentence that says that it did not arrive
 * @property {() => Promise<(lab: Lab) => void>} load its mount function
 * @property {() => boolean} [needed] whether what is set now needs it
 * @property {() => boolean} [instead] whether it is needed after something had to be told
 * @property {boolean} [quietly] whether nobody waits for it
 * @property {boolean} [typed] whether what is typed after it was asked for is meant for its box
 * @property {[string, string][]} [clicks] elements and events that ask for it, and are told again once it is here
 */

/** @param {Lab} lab */
export function mountLater(lab) {
  const parts = partsOf(lab).map((part) => new Waiting(lab, part));
  let idle = false;
  lab.effect(() => {
    if (idle || !lab.view || lab.view.early) return;
    idle = true;
    const load = () => parts.forEach((part) => void part.load(true));
    // Safari does not tell when it is idle.
    if ("requestIdleCallback" in globalThis) requestIdleCallback(load, { timeout: LONGEST_REST_MS });
    else setTimeout(load, LONGEST_REST_MS);
  });
  lab.listen(document, "keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    // While one types, it belongs to the text; and who presents shows no box.
    const { target } = event;
    if (takesText(target ?? undefined) || (target instanceof Element && target.matches(".on-stage *"))) return;
    event.preventDefault();
    lab.part("search-begin").click();
  });
}

/** A part that is not here yet. */
class Waiting {
  /** @type {Promise<boolean> | undefined} */ #coming;

  /** @param {Lab} lab @param {Part} part */
  constructor(lab, part) {
    this.lab = lab;
    this.part = part;
    lab.effect(() => void (part.needed?.() && this.load(part.quietly)));
    lab.bus.on("notice", () => void (part.instead?.() && this.load(part.quietly)));
    for (const [selector, type] of part.clicks ?? []) this.#ask(selector, type);
  }

  /**
   * Holds back an event until the part is here, which hears of it then.
   * @param {string} id @param {string} type
   */
  #ask(id, type) {
    const element = this.lab.part(id);
    let asked = false;
    const ask = async (/** @type {Event} */ event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (asked) return; // who presses again while it is on its way means no second press, which would close it
      asked = true;
      const end = this.part.typed ? typedAhead(this.lab) : undefined;
      const arrived = await this.load();
      // Where it was here already this event still goes on, and Chromium drops a second click, or submission, inside of one by key.
      await new Promise((resolve) => setTimeout(resolve));
      if (arrived && element instanceof HTMLFormElement) element.requestSubmit();
      else if (arrived && type === "click") element.click();
      end?.(arrived);
      asked = false;
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
        this.lab.bus.emit("notice", {
          about: "engine",
          sentence: `${this.part.name} did not arrive.`,
          advice: "Check the connection and try again, or reload the page: its address holds what you set.",
        });
      return false;
    });
  }

  async #load() {
    const mount = await this.part.load();
    if (this.lab.lifetime.aborted) return false;
    for (const forget of this.#forget) forget();
    mount(this.lab);
    return true;
  }
}

/** @param {Lab} lab @returns {Part[]} */
function partsOf(lab) {
  return [
    {
      name: "The guide",
      load: async () => (await laterParts()).mountGuide,
      needed: () => lab.manifest !== undefined && untracked(() => isForGuide(lab)), // what is let go of later makes no first visit
      clicks: [["guide-begin", "click"]],
    },
    {
      name: "The grade",
      load: async () => (await laterParts()).mountGrade,
      needed: () => lab.address.grade,
      clicks: [["grade-begin", "click"]],
    },
    {
      name: "The panel of heads",
      load: async () => (await laterParts()).mountAttention,
      needed: () => lab.address.head !== undefined,
      clicks: [["attention-begin", "click"]],
    },
    {
      name: "The search",
      load: async () => {
        const [{ mountSearch }, { BigPlot, factsOf }] = await Promise.all([laterParts(), inspectedParts()]);
        return () => mountSearch(lab, { BigPlot, factsOf });
      },
      typed: true,
      clicks: [["search-begin", "click"]],
    },
    {
      name: "The comparison",
      load: async () => (await laterParts()).mountCompare,
      needed: () => lab.address.compare !== undefined,
      clicks: [["compare-begin", "click"]],
    },
    {
      name: "The steering panel",
      load: async () => (await laterParts()).mountSteering,
      needed: () => lab.isSteered,
    },
    {
      name: "The subgraph",
      load: async () => (await laterParts()).mountSubgraph,
      needed: () => lab.arrangement.pinned.length > 0,
    },
    {
      name: "The list of snapshots",
      load: async () => (await laterParts()).mountSnapshots,
      clicks: [
        ["keep", "toggle"],
        ["copy-link", "click"],
        ["snapshot-form", "submit"],
      ],
    },
    {
      name: "What embeds the graph",
      load: async () => (await laterParts()).mountEmbed,
      clicks: [["embed", "click"]],
    },
    {
      name: "The talk",
      load: async () => (await laterParts()).mountTalk,
      needed: () => lab.manifest !== undefined && location.hash.startsWith("#talk"),
      clicks: [
        ["talk-make", "click"],
        ["talk-shipped", "click"],
      ],
    },
    {
      name: "The choice of what is explained",
      load: async () => (await laterParts()).mountTarget,
      needed: () => lab.address.target.kind !== "answers" || lab.address.hold !== "patterns,norms",
      clicks: [["target", "toggle"]],
    },
    {
      name: "The table",
      load: async () => (await laterParts()).mountTable,
      clicks: [["table-details", "toggle"]],
    },
    {
      name: "The model’s card",
      load: async () => (await laterParts()).mountCard,
      quietly: true,
      needed: () => lab.isLive,
      instead: () => lab.manifest !== undefined && !lab.view,
    },
  ];
}
