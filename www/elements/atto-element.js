// What all elements are: attributes, the author’s poster until one is started, and in words what goes on.

/** @import { Reading } from "../lab/messages.js" */
/** @import { ElementLab } from "./element-lab.js" */

import { html, LitElement, nothing } from "lit";
import { READINGS } from "../lab/address-fields.js";
import { SharedLab } from "./shared-lab.js";
import { SHELL } from "./shell-style.js";
import { EMPTY } from "./state.js";

/** What attributes may say; what they say else is told. */
const KNOWN = /** @type {const} */ ({
  view: ["graph"],
  hold: READINGS,
  theme: ["light", "dark", "auto"],
  interactive: ["true", "false"],
  loading: ["click", "visible", "eager"],
});

export class AttoElement extends LitElement {
  static styles = SHELL;
  /** The stylesheet of what it draws. */
  static sheet = "style/element.css";
  /** @type {import("lit").PropertyDeclarations} */
  static properties = {
    lab: {},
    src: {},
    model: {},
    base: {},
    prompt: {},
    state: {},
    view: {},
    hold: {},
    theme: {},
    interactive: {},
    loading: {},
  };

  /** Whether it is on the screen. */
  isSeen = false;
  /** What its panel is drawn in. */
  place = document.createElement("div");
  /** What the line below it has for the panel. @type {HTMLElement | undefined} */ tools;
  /** @type {SharedLab | undefined} */ shared;
  /** @type {(() => void) | undefined} */ #exit;
  #watch = new IntersectionObserver((entries) => this.#look(entries.some((entry) => entry.isIntersecting)), { rootMargin: "200px" });
  #dark = matchMedia("(prefers-color-scheme: dark)");
  #around = new MutationObserver(() => this.#repaint());
  #inside = false;

  constructor() {
    super();
    /** @type {string | undefined} */ this.lab = undefined;
    /** @type {string | undefined} */ this.src = undefined;
    /** @type {string | undefined} */ this.model = undefined;
    /** @type {string | undefined} */ this.base = undefined;
    /** @type {string | undefined} */ this.prompt = undefined;
    /** @type {string | undefined} */ this.state = undefined;
    /** @type {string | undefined} */ this.view = undefined;
    /** @type {Reading | undefined} */ this.hold = undefined;
    /** @type {string | undefined} */ this.theme = undefined;
    /** @type {string | undefined} */ this.interactive = undefined;
    /** @type {string | undefined} */ this.loading = undefined;
    this.place.className = "lab";
  }

  /** Puts the panel into its place. @param {ElementLab} _lab @returns {Promise<() => void>} takes it out again */
  async mount(_lab) {
    return () => {};
  }

  /** What all of it shows can be taken elsewhere with. @returns {string} */
  getState() {
    return this.shared?.state ?? EMPTY;
  }

  /** @param {string} state from `getState()` @throws {RangeError} where it is none */
  setState(state) {
    if (this.shared) this.shared.state = state;
  }

  connectedCallback() {
    super.connectedCallback();
    this.shared ??= SharedLab.join(this, this.lab ?? this.getAttribute("lab") ?? undefined);
    this.#watch.observe(this);
    this.#dark.addEventListener("change", this.#repaint);
    this.#around.observe(document.documentElement, { attributes: true });
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#watch.disconnect();
    this.#around.disconnect();
    this.#dark.removeEventListener("change", this.#repaint);
    // What is only moved within the page goes on.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#exit?.();
      this.#exit = undefined;
      this.#inside = false;
      this.shared?.leave(this);
      this.shared = undefined;
      this.place.replaceChildren();
    });
  }

  /** @param {ElementLab} lab @param {CSSStyleSheet} sheet */
  async enter(lab, sheet) {
    const root = /** @type {ShadowRoot} */ (this.renderRoot);
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [sheet, ...root.adoptedStyleSheets];
    this.#inside = true;
    this.requestUpdate();
    await this.updateComplete;
    this.#exit = await this.mount(lab);
    this.place.dataset.mounted = "";
    this.requestUpdate();
  }

  /** @param {boolean} seen */
  #look(seen) {
    this.isSeen = seen;
    const { shared } = this;
    shared?.look();
    if (!seen || !shared) return;
    shared.sight.seen();
    const [src, loading] = [shared.setting("src"), shared.setting("loading")];
    if (!this.#fault() && (loading === "visible" || (src && loading === undefined))) void shared.begin();
  }

  #repaint = () => this.shared?.lab?.repaint();

  /** What its attributes say that is not known, in words. */
  #fault() {
    for (const [name, known] of Object.entries(KNOWN)) {
      const value = this[/** @type {keyof typeof KNOWN} */ (name)];
      if (value && !(/** @type {readonly string[]} */ (known).includes(value)))
        return `${name}="${value}" is not known, but ${known.join(", ")}.`;
    }
    return undefined;
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    const { shared } = this;
    if (!shared) return;
    if (changed.has("loading") && this.loading === "eager" && !this.#fault()) void shared.begin();
    if (changed.has("theme") && this.#inside) this.#repaint();
    if (changed.has("prompt") && changed.get("prompt") !== undefined && this.prompt !== undefined && shared.lab) {
      const { lab } = shared;
      const { prompt } = this;
      shared.sight.whenSeen(() => lab.ask(prompt));
    }
    this.place.inert = this.interactive === "false";
  }

  /** Where the author’s own link leads. */
  get #link() {
    return this.querySelector("a[href]")?.getAttribute("href");
  }

  /** The poster is a link; pressed as usual, it starts here instead. @param {MouseEvent} event */
  #press(event) {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || this.#fault()) return;
    if (!event.composedPath().some((each) => each instanceof HTMLAnchorElement)) return;
    event.preventDefault();
    this.#start();
  }

  #start() {
    const { shared } = this;
    if (!shared) return;
    if (shared.setting("src") && shared.phase === "waiting") void shared.begin();
    else void shared.goLive();
  }

  render() {
    const { shared } = this;
    const fault = this.#fault();
    const speaks = shared?.speaker === this;
    const told = fault ? { sentence: fault, advice: "" } : speaks ? shared?.told : undefined;
    return html`
      <div class="poster" ?hidden=${this.#inside} @click=${this.#press}><slot></slot></div>
      <div class="frame" ?hidden=${!this.#inside}>${this.place}</div>
      ${told ? html`<p class="told" role="alert">${told.sentence} ${told.advice} ${this.#out()}</p>` : nothing}
      ${fault ? nothing : speaks ? this.#bar() : html`<div class="bar">${this.#tools}</div>`}
    `;
  }

  #out() {
    const link = this.#link;
    return link ? html`<a href=${link} target="_blank" rel="noopener">Open in Attograph</a>` : nothing;
  }

  get #tools() {
    return (this.interactive !== "false" && this.tools) || nothing;
  }

  #bar() {
    const shared = /** @type {SharedLab} */ (this.shared);
    const { phase, lab, coming } = shared;
    const view = lab?.view;
    const answer = view?.graph.answers[0];
    const says = shared.started && view && answer ? `${view.prompt} ${shared.started.answerText(view.graph, answer)}` : "";
    const waits = !shared.told && (phase === "starting" || (phase === "live" && !lab?.isLive));
    const how = waits
      ? coming || "Starting…"
      : phase === "recorded"
        ? "recorded"
        : phase === "live" && view
          ? `traced here in ${Math.round(view?.graph.timing?.total_ms ?? 0)} ms`
          : "";
    const can = phase === "waiting" || (phase === "recorded" && shared.canGoLive);
    const name = phase === "waiting" && shared.setting("src") ? "Show it here" : "Trace it here";
    return html`<div class="bar" part="bar">
      ${can ? html`<button type="button" @click=${this.#start}>${name}</button>` : nothing}
      <span role="status">${says ? html`<b>${says}</b> ` : nothing}${how}</span>
      ${this.#inside ? this.#out() : nothing}
      ${view ? this.#tools : nothing}
    </div>`;
  }
}
