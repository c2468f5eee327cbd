// Presenter mode: one step of a talk after another, with nothing but the graph, the prompt and the answer, legible from the last row.

/** @import { Lab } from "../lab/lab.js" */
/** @import { Shown } from "./shown.js" */

import { byTouch } from "../lab/device.js";
import { html } from "../lab/dom.js";
import { restore } from "../lab/restore.js";
import { toggleOff } from "../lab/steer/controls.js";
import { alikeOf } from "../lab/story/told.js";
import { queryOf, readAddress } from "../lab/url.js";
import { ModelsAhead } from "./models-ahead.js";
import { moving } from "./moving.js";
import { Speaker } from "./speaker-link.js";

/** What each key does. @type {Record<string, string>} */
const KEYS = {
  ArrowRight: "next",
  ArrowDown: "next",
  PageDown: "next",
  " ": "next",
  Enter: "next",
  ArrowLeft: "back",
  ArrowUp: "back",
  PageUp: "back",
  Backspace: "back",
  Home: "first",
  End: "last",
  b: "blank",
  ".": "blank",
  f: "full",
  t: "type",
  Escape: "return",
  n: "speaker",
  s: "flip",
};

const POINTED_MS = 2500;

export class Stage {
  /** @type {Shown[]} */ #steps = [];
  #at = -1;
  #blank = false;
  /** What the page said when the step on show was there. */ #entered = "";
  #title = "";
  #begun = 0;
  /** @type {Element | null} */ #focused = null;

  #caption = html("p", { class: "stage-caption", role: "status" });
  #count = html("span", { class: "stage-count" });
  #hint = html("span", { class: "stage-hint" });
  #black = html("div", { class: "stage-black", hidden: true });
  #foot = html("div", { class: "stage-foot" }, this.#caption, html("p", { class: "stage-ways" }, this.#hint, this.#count));
  #leave = html("button", { type: "button", class: "quiet" }, "Leave");
  #pointed = 0;

  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
    this.speaker = new Speaker((command) => this.#do(command));
    this.moving = moving(lab);
    this.models = new ModelsAhead(lab);
    lab.listen(window, "keydown", (event) => this.#key(event), { capture: true });
    const { address, plots } = lab;
    lab.watch(
      () => [lab.view, lab.view?.steered, lab.view?.continuation, plots.arrivals],
      () => this.#follow(),
    );
    lab.watch(
      () => [lab.prompt, address.steering, address.selected, address.arrangement],
      () => this.#update(),
    );
    lab.listen(document, "fullscreenchange", () => this.isOn && !document.fullscreenElement && this.#update());
    const ways = /** @type {[string, HTMLElement][]} */ ([
      ["back", html("button", { type: "button", class: "quiet" }, "Back")],
      ["next", html("button", { type: "button", class: "quiet" }, "Next")],
      ["return", this.#leave],
    ]);
    for (const [command, button] of ways) {
      button.addEventListener("click", () => this.#do(command));
      this.#count.parentElement?.append(button);
    }
    // Who has no keys finds buttons when the pointer moves.
    lab.listen(window, "pointermove", () => {
      if (!this.isOn) return;
      this.#foot.classList.add("pointed");
      clearTimeout(this.#pointed);
      this.#pointed = window.setTimeout(() => this.#foot.classList.remove("pointed"), POINTED_MS);
    });
  }

  get isOn() {
    return this.#at >= 0;
  }

  /** @param {string} title @param {Shown[]} steps */
  begin(title, steps) {
    if (steps.length === 0) return;
    this.lab.steps.begin("talk");
    [this.#title, this.#steps, this.#begun] = [title, steps, Date.now()];
    this.#focused = document.activeElement;
    this.lab.root.classList.add("on-stage");
    this.lab.redraw();
    this.lab.part("screen").append(this.#foot, this.#black);
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    this.models.begin(steps.map((step) => step.state()));
    this.#go(0);
  }

  end() {
    if (!this.isOn) return;
    this.#at = -1;
    this.#show(false);
    this.lab.root.classList.remove("on-stage", "goes-on");
    this.lab.redraw();
    this.#foot.remove();
    this.#black.remove();
    if (document.fullscreenElement) document.exitFullscreen();
    this.speaker.end();
    this.models.end();
    this.lab.redraw(); // the graph is drawn for the lab again
    if (this.#focused instanceof HTMLElement) this.#focused.focus({ preventScroll: true });
  }

  /** @param {number} to */
  #go(to) {
    this.#at = Math.max(0, Math.min(this.#steps.length - 1, to));
    this.#show(false);
    this.moving.begin();
    this.#enter();
    scrollTo(0, 0);
    this.lab.redraw();
  }

  /** Sets what the step shows. */
  #enter() {
    const address = this.#steps[this.#at].state();
    this.#entered = said(address);
    this.lab.root.classList.toggle("goes-on", this.#steps[this.#at].goesOn);
    restore(this.lab, address);
    this.#update();
    requestAnimationFrame(() =>
      this.lab.part("stage").querySelector(".node.selected")?.scrollIntoView({ block: "nearest", inline: "center" }),
    );
  }

  /** Once more of the step is known, that is shown too; unless the speaker went elsewhere. */
  #follow() {
    if (!this.isOn) return;
    const address = this.#steps[this.#at].state();
    const now = said(this.lab.address);
    if (now === this.#entered && said(address) !== now) this.#enter();
    else this.#update();
  }

  get #strayed() {
    return said(this.lab.address) !== this.#entered;
  }

  #update() {
    if (!this.isOn) return;
    const step = this.#steps[this.#at];
    if (this.#caption.textContent !== step.caption) this.#caption.textContent = step.caption;
    this.#count.textContent = `${this.#at + 1} / ${this.#steps.length}`;
    this.#hint.textContent = this.#strayed && !byTouch ? "Esc: back to the step" : "";
    this.#leave.textContent = this.#strayed ? "Back to the step" : "Leave";
    this.speaker.send({
      title: this.#title,
      at: this.#at,
      count: this.#steps.length,
      caption: step.caption,
      notes: step.notes(),
      next: this.#steps[this.#at + 1]?.caption ?? "",
      begun: this.#begun,
      blank: this.#blank,
      strayed: this.#strayed,
    });
  }

  /** @param {boolean} blank */
  #show(blank) {
    this.#blank = blank;
    this.#black.hidden = !blank;
    this.#update();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!this.isOn || event.ctrlKey || event.metaKey || event.altKey) return;
    // Whoever stands on a button presses it.
    if ((event.key === "Enter" || event.key === " ") && event.target instanceof HTMLButtonElement) return;
    const typing = event.target instanceof Element && event.target.matches("textarea, input");
    // Who is on a card or a node means that one.
    if (event.key.toLowerCase() === "s" && event.target instanceof Element && event.target.closest(".story-card, .node")) return;
    const command = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!command || (typing && event.key !== "Escape" && event.key !== "PageDown" && event.key !== "PageUp")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (typing && document.activeElement instanceof HTMLElement) document.activeElement.blur();
    this.#do(command);
  }

  /** @param {string} command */
  #do(command) {
    if (!this.isOn) return;
    if (command === "next" && this.#blank) this.#show(false);
    else if (command === "next") this.#at + 1 < this.#steps.length && this.#go(this.#at + 1);
    else if (command === "back") this.#go(this.#at - 1);
    else if (command === "first") this.#go(0);
    else if (command === "last") this.#go(this.#steps.length - 1);
    else if (command === "blank") this.#show(!this.#blank);
    else if (command === "speaker") this.speaker.open();
    else if (command === "type") this.#type();
    else if (command === "flip") this.#flip();
    else if (command === "full") this.#full();
    else if (this.#blank) this.#show(false);
    else if (this.#strayed) this.#enter();
    else this.end();
  }

  #type() {
    /** @type {HTMLTextAreaElement} */ const prompt = this.lab.part("prompt");
    prompt.focus();
    prompt.select();
  }

  /** Switches off what stands out, or on again. */
  #flip() {
    const { selected } = this.lab;
    if (selected !== undefined) toggleOff(this.lab, alikeOf(this.lab, selected));
  }

  #full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {}); // where it is forbidden the window stays as it is
  }
}

/** What a state says, but for where one looks from and in which colours. @param {import("../lab/url.js").Address} address */
function said(address) {
  return queryOf({ ...readAddress(""), ...address, model: "", engine: "auto", theme: undefined, zoom: 1 });
}
