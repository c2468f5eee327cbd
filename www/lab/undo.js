// Undo and redo: what the address said before each step, and the keys that go there.

/** @import { Lab } from "./lab.js" */

import { restore } from "./restore.js";
import { Changes } from "./store.js";
import { queryOf, readAddress } from "./url.js";

const ONE_STEP_MS = 900; // typing, dragging and sliding are one step as long as they go on
const STEPS_KEPT = 200;

/**
 * What the address said, and the file that the graph was read from, if it was. @typedef {{ query: string, file: File | undefined }} Step
 */

export class Steps {
  /** @type {Step[]} */ #past = [];
  /** @type {Step[]} */ #future = [];
  #changes = new Changes();
  #kind = "";
  #time = -Infinity;

  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
  }

  get canUndo() {
    return this.#changes.seen >= 0 && this.#past.length > 0;
  }

  get canRedo() {
    return this.#changes.seen >= 0 && this.#future.length > 0;
  }

  /** To be called before a change. @param {string} kind changes of one kind in quick succession are one step */
  begin(kind) {
    const now = performance.now();
    const same = kind === this.#kind && now - this.#time < ONE_STEP_MS;
    [this.#kind, this.#time] = [kind, now];
    if (same) return;
    this.#past.push(this.#now());
    if (this.#past.length > STEPS_KEPT) this.#past.shift();
    this.#future = [];
    this.#changes.notify();
  }

  undo() {
    this.#go(this.#past, this.#future);
  }

  redo() {
    this.#go(this.#future, this.#past);
  }

  /** @param {Step[]} from @param {Step[]} to */
  #go(from, to) {
    const then = from.pop();
    if (then === undefined) return;
    to.push(this.#now());
    this.#kind = "";
    restore(this.lab, readAddress(then.query), then.file);
    this.#changes.notify();
  }

  /** Where one looks is no step: it comes back with the steps around it. */
  #now() {
    return { query: queryOf(this.lab.address), file: this.lab.opened?.file };
  }
}

/** @param {Lab} lab */
export function mountUndo(lab) {
  /** @type {HTMLButtonElement} */ const undo = lab.part("undo");
  /** @type {HTMLButtonElement} */ const redo = lab.part("redo");
  lab.effect(() => {
    const [first, last] = [!lab.steps.canUndo, !lab.steps.canRedo];
    // A button that is disabled loses the keyboard: the other one takes it.
    const lost = (first && lab.focused === undo && redo) || (last && lab.focused === redo && undo);
    [undo.disabled, redo.disabled] = [first, last];
    if (lost) lost.focus();
  });
  undo.addEventListener("click", () => lab.steps.undo());
  redo.addEventListener("click", () => lab.steps.redo());
  lab.listen(document, "keydown", (event) => {
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || event.altKey || (key !== "z" && key !== "y")) return;
    // While one types, these keys belong to the text.
    if (event.target instanceof Element && event.target.matches("textarea, input:not([type=range])")) return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) lab.steps.redo();
    else lab.steps.undo();
  });
}
