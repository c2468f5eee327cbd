// The lab behind elements: its panels may stand in several shadow roots, and it computes nothing that nobody allowed.

/** @import { Target } from "../lab/messages.js" */
/** @import { Steering } from "../lab/steer/steering.js" */
/** @import { Address } from "../lab/url.js" */

import { fetchFile, urlOf } from "../lab/delivery.js";
import { Lab } from "../lab/lab.js";

/** Whether panels may ask the engine, and what is done where they may not. @typedef {{ live: boolean, wish: () => void }} Leave */

const REM = 15; // pixels

export class ElementLab extends Lab {
  /** What holds panels: the elements’ own roots. @type {Set<HTMLElement>} */ #places = new Set();
  /** Where a panel is being put right now. @type {{ place: HTMLElement, lifetime: AbortSignal } | undefined} */ mounting;
  /** Colours as they are here; outside a document’s own tree no property is registered as one. @type {Map<string, string>} */
  #resolved = new Map();
  /** How much smaller the graph is drawn than what stands around it, so that all of it fits. */ scale = 1;

  /** @param {HTMLElement} place @param {Address} address @param {Leave} leave */
  constructor(place, address, leave) {
    super(place, address);
    this.root = place;
    this.leave = leave;
  }

  /**
   * Puts a panel into an element.
   * @param {HTMLElement} place holds the panel’s parts
   * @param {() => void} begin
   * @returns {() => void} takes it out again
   */
  mount(place, begin) {
    const end = new AbortController();
    this.#places.add(place);
    this.mounting = { place, lifetime: AbortSignal.any([end.signal, this.lifetime]) };
    try {
      begin();
    } finally {
      this.mounting = undefined;
    }
    return () => {
      end.abort();
      this.#places.delete(place);
      if (this.root === place) this.root = [...this.#places][0] ?? place;
    };
  }

  get lifetime() {
    return this.mounting?.lifetime ?? super.lifetime;
  }

  /**
   * @template {Element} [E=HTMLElement]
   * @param {string} name
   * @returns {E}
   */
  part(name) {
    const places = this.mounting ? [this.mounting.place] : [...this.#places];
    const found = places.map((place) => place.querySelector(`[data-part="${name}"]`)).find((each) => each !== null);
    if (!found) throw new Error(`no element of this lab has the part “${name}”`);
    return /** @type {E} */ (/** @type {unknown} */ (found));
  }

  get focused() {
    const roots = [...this.#places].map((place) => place.getRootNode());
    return roots.map((root) => (root instanceof ShadowRoot ? root.activeElement : null)).find((each) => each !== null) ?? null;
  }

  get rem() {
    // What is just taken out of the page has no letters, and may still be drawn once.
    return (super.rem || REM) * (this.scale ?? 1);
  }

  /** @param {string} name */
  colour(name) {
    void this.colours; // who draws with it follows them
    const known = this.#resolved.get(name);
    if (known !== undefined) return known;
    const { root } = this;
    const style = getComputedStyle(root);
    let colour = style.getPropertyValue(`--${name}`).trim();
    if (/[a-z]\(/.test(colour)) {
      // Light or dark is decided where a colour is used.
      root.style.outlineColor = `var(--${name})`;
      colour = style.outlineColor;
      root.style.outlineColor = "";
    }
    this.#resolved.set(name, colour);
    return colour;
  }

  repaint() {
    this.#resolved.clear();
    super.repaint();
  }

  /** What only an engine can answer is a wish for it, where there is none yet. @param {() => void} ask */
  #ask(ask) {
    if (this.leave.live) return ask();
    this.leave.wish();
    if (this.leave.live) ask();
  }

  /** @param {string} prompt */
  ask(prompt) {
    this.#ask(() => super.ask(prompt));
  }

  /** @param {Target} target */
  explain(target) {
    this.#ask(() => super.explain(target));
  }

  /** @param {string} kind @param {(steering: Steering) => void} change */
  steer(kind, change) {
    this.#ask(() => super.steer(kind, change));
  }
}

/** @type {Map<string, Promise<CSSStyleSheet>>} */ const sheets = new Map();

/** A stylesheet of what is drawn, for a shadow root. @param {string} name */
export function styleSheet(name) {
  const known = sheets.get(name);
  if (known) return known;
  const sheet = fetchFile(urlOf(name)).then(async (response) => {
    if (!response.ok) throw new Error(`${name} is missing there (HTTP status ${response.status})`);
    const made = new CSSStyleSheet();
    made.replaceSync(await response.text());
    return made;
  });
  sheets.set(name, sheet);
  sheet.catch(() => sheets.delete(name)); // the next one asks again
  return sheet;
}
