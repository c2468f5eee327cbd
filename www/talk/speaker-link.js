// The stage's side of the speaker window: opens it, and keeps it in step.

/** @import { Told } from "./speaker.js" */

import { CHANNEL, mountSpeaker } from "./speaker.js";

const SIZE = "popup,width=900,height=640";

export class Speaker {
  /** @type {BroadcastChannel | undefined} */ #channel;
  /** @type {Told | undefined} */ #told;
  /** @type {Window | null} */ #window = null;

  /** @param {(command: string) => void} command */
  constructor(command) {
    this.command = command;
  }

  /** Opens the speaker window, or brings it to the front. */
  open() {
    this.#listen();
    // Below an address there is a page for it, which outlives a reload of this one; a file has none beside it.
    if (location.protocol.startsWith("http")) this.#window = open("speaker.html", "attograph-speaker", SIZE);
    else if (!this.#window || this.#window.closed) {
      this.#window = open("", "attograph-speaker", SIZE);
      const styles = Array.from(document.querySelectorAll("link[rel=stylesheet], style"), (each) => each.cloneNode(true));
      this.#window?.document.head.append(...styles);
      if (this.#window) mountSpeaker(this.#window.document, new BroadcastChannel(CHANNEL));
    }
    this.#window?.focus();
  }

  /** @param {Told} told */
  send(told) {
    this.#told = told;
    this.#listen();
    this.#channel?.postMessage({ type: "told", told });
  }

  end() {
    this.#channel?.postMessage({ type: "ended" });
    this.#told = undefined;
  }

  #listen() {
    if (this.#channel || typeof BroadcastChannel === "undefined") return;
    this.#channel = new BroadcastChannel(CHANNEL);
    this.#channel.addEventListener("message", ({ data }) => {
      if (data?.type === "hello" && this.#told) this.#channel?.postMessage({ type: "told", told: this.#told });
      if (data?.type === "command" && typeof data.command === "string") this.command(data.command);
    });
  }
}
