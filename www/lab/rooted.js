// What lives in one element of a document: it finds its parts there, hears what is around it, follows the state, and leaves nothing behind.

import { effect, untracked } from "./store.js";

/** How many there have been: what needs an id gets one that no other has. */
let born = 0;

/** Attributes of parts that name other parts, and what they become: ids are the document's, parts are not. */
const NAMING = /** @type {const} */ ([
  ["data-for", "for"],
  ["data-labelledby", "aria-labelledby"],
  ["data-describedby", "aria-describedby"],
  ["data-href", "href"],
]);

export class Rooted {
  #number = (born += 1);
  #end = new AbortController();

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    for (const [from, to] of NAMING) {
      for (const element of root.querySelectorAll(`[${from}]`)) {
        const names = (element.getAttribute(from) ?? "").split(" ");
        const ids = names.map((name) => this.idOf(this.part(name)));
        element.setAttribute(to, (to === "href" ? "#" : "") + ids.join(" "));
      }
    }
  }

  /**
   * An element that its markup is known to hold.
   * @template {Element} [E=HTMLElement]
   * @param {string} name as its `data-part` has it
   * @returns {E}
   */
  part(name) {
    const element = this.root.querySelector(`[data-part="${name}"]`);
    if (!element) throw new Error(`the markup has no part “${name}”`);
    return /** @type {E} */ (/** @type {unknown} */ (element));
  }

  /** An element's id, given to it where it has none. @param {Element} element */
  idOf(element) {
    element.id ||= `lab-${this.#number}-${element.getAttribute("data-part")}`;
    return element.id;
  }

  /** What has the keyboard, also where the root stands in a shadow. */
  get focused() {
    const around = this.root.getRootNode();
    return around instanceof ShadowRoot ? around.activeElement : document.activeElement;
  }

  /** The size of its letters, in pixels: what is drawn is measured in it. */
  get rem() {
    return parseFloat(getComputedStyle(this.root).fontSize);
  }

  /** Ends with it: for listeners of the document and the window, and for whatever else would outlive it. */
  get lifetime() {
    return this.#end.signal;
  }

  /**
   * Hears events of the document or the window as long as it lives.
   * @template {keyof WindowEventMap | keyof DocumentEventMap} K
   * @param {Document | Window} target @param {K} type @param {(event: (WindowEventMap & DocumentEventMap)[K]) => void} listener
   * @param {AddEventListenerOptions} [options]
   */
  listen(target, type, listener, options) {
    target.addEventListener(type, /** @type {EventListener} */ (listener), { ...options, signal: this.lifetime });
  }

  /** Does something now, and again whenever a signal that it reads is another. @param {() => void} act */
  effect(act) {
    const { lifetime } = this;
    if (lifetime.aborted) return;
    lifetime.addEventListener("abort", effect(act), { once: true });
  }

  /**
   * Does something now, and again when one of these is another, whatever else it reads: for what is dear, or does more than draw.
   * @param {() => unknown} read a value or a list of values
   * @param {() => void} act
   */
  watch(read, act) {
    /** @type {unknown[] | undefined} */ let last;
    this.effect(() => {
      const now = [read()].flat();
      const same = last?.length === now.length && now.every((value, i) => value === last?.[i]);
      last = now;
      if (!same) untracked(act);
    });
  }

  /** Ends all that it began. Its elements are whoever's they were. */
  destroy() {
    this.#end.abort();
  }
}
