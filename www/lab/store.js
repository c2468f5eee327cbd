// The store: state stands in signals, and who reads it in an effect or in something derived is told once it is another.

import { batch, computed, effect, signal, untracked } from "@preact/signals-core";

export { batch, computed, effect, signal, untracked };

/**
 * Makes properties of an object signals. They are read and set as before; what is inside of a value is never changed, the value is replaced.
 * @template {object} T
 * @param {T} object
 * @param {readonly (keyof T)[]} names
 * @returns {T} the same
 */
export function observable(object, names) {
  for (const name of names) {
    const held = signal(object[name]);
    Object.defineProperty(object, name, {
      get: () => held.value,
      set: (value) => (held.value = value),
      enumerable: true, // so that it is copied with the others
      configurable: true,
    });
  }
  return object;
}

/** What is kept outside of signals, for those who read it: each change is told to all of them. */
export class Changes {
  #count = signal(0);

  /** To be called where it is read. How often it was another until now. */
  get seen() {
    return this.#count.value;
  }

  /** To be called where it is changed. */
  notify() {
    this.#count.value = this.#count.peek() + 1;
  }
}
