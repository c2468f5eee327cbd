// <atto-break>: a large button that sets features for as long as it is held, and lets go of them with it.

/** @import { ElementLab } from "./element-lab.js" */
/** @import { Story } from "../lab/engine-api.js" */
/** @import { Graph } from "../lab/messages.js" */

import { html } from "../lab/dom.js";
import { FEATURE } from "../lab/kinds.js";
import { checkedSteering, keyOfNode } from "../lab/steer/steering.js";
import { storyOf } from "../lab/story/told.js";
import { AttoElement } from "./atto-element.js";

export class AttoBreak extends AttoElement {
  static sheet = "style/element-story.css";
  static properties = { parts: {}, words: {}, value: {}, steer: {}, held: { attribute: false } };

  constructor() {
    super();
    /** @type {string | undefined} of the story: `both ones; sum ones` */ this.parts = undefined;
    /** @type {string | undefined} that a card of the story must have, in place of parts */ this.words = undefined;
    /** @type {string | undefined} what they are set to, `x0` if not given */ this.value = undefined;
    /** @type {string | undefined} in place of cards, settings as an address has them: `2/17@7=x0,3/4@7=2.5` */ this.steer = undefined;
    /** Whether they are set now. */ this.held = false;
  }

  #draw = () => {};
  #letGo = () => {};

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    super.updated(changed);
    // What is held is of the features that were named until now.
    if (["parts", "words", "value", "steer"].some((name) => changed.has(name))) this.#letGo();
    this.#draw();
  }

  /** @param {ElementLab} lab */
  async mount(lab) {
    const name = html("span", {}, this.textContent?.trim() || "Hold to break");
    const says = html("small", {});
    const button = html("button", { type: "button", class: "break", "aria-pressed": "false" }, name, says);
    this.place.replaceChildren(button);
    /** What was set before of what this button sets. @type {Record<string, string | undefined>} */ let before = {};

    /** @returns {Record<string, string>} */
    const settings = () => {
      if (this.steer) return checkedSteering(this.steer, null).set;
      const [graph, story] = [lab.view?.graph, storyOf(lab)];
      if (!graph || !story) return {};
      const keys = keysOf(graph, story, this.parts, this.words);
      return checkedSteering(keys.map((key) => `${key}=${this.value ?? "x0"}`).join(), null).set;
    };
    const hold = () => {
      const set = settings();
      if (this.held || Object.keys(set).length === 0) return;
      const now = lab.address.steering.set;
      before = Object.fromEntries(Object.keys(set).map((key) => [key, now[key]]));
      this.held = true;
      lab.steer("break", (steering) => Object.assign(steering.set, set));
      this.dispatchEvent(new CustomEvent("break", { detail: { held: true }, bubbles: true, composed: true }));
    };
    const letGo = () => {
      if (!this.held) return;
      this.held = false;
      lab.steer("break", ({ set }) => {
        for (const [key, value] of Object.entries(before)) {
          if (value === undefined) delete set[key];
          else set[key] = value;
        }
      });
      this.dispatchEvent(new CustomEvent("break", { detail: { held: false }, bubbles: true, composed: true }));
    };

    this.#letGo = letGo;
    let byHand = false;
    button.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      byHand = true;
      button.setPointerCapture(event.pointerId);
      hold();
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) button.addEventListener(end, letGo);
    button.addEventListener("pointercancel", () => (byHand = false)); // no click follows
    button.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press on a phone opens one
    const isKey = (/** @type {KeyboardEvent} */ { key }) => key === " " || key === "Enter";
    button.addEventListener("keydown", (event) => {
      if (!isKey(event)) return;
      event.preventDefault(); // Enter would click again and again
      if (!event.repeat) hold();
    });
    button.addEventListener("keyup", (event) => {
      if (!isKey(event)) return;
      event.preventDefault();
      letGo();
    });
    button.addEventListener("click", () => {
      // Who presses without holding, as by voice, breaks with one press and mends with the next.
      if (!byHand) this.held ? letGo() : hold();
      byHand = false;
    });

    const draw = () => {
      const count = Object.keys(settings()).length;
      button.disabled = count === 0 && !this.held;
      button.setAttribute("aria-pressed", String(this.held));
      const told = lab.view && (storyOf(lab) || this.steer);
      says.textContent = this.held ? "let go to mend" : count > 0 ? "hold" : told ? "nothing of it here" : "…";
    };
    this.#draw = draw;
    const unmount = lab.mount(this.place, () => {
      lab.watch(() => [lab.view, lab.view?.story], draw);
      const { address } = lab;
      lab.watch(() => [address.prompt, address.transcoder, address.hold, JSON.stringify(address.target)], letGo);
      // Somebody else let go of it, as by setting all back.
      const isSet = () => Object.keys(before).some((key) => address.steering.set[key] !== undefined);
      lab.watch(
        () => address.steering,
        () => this.held && !isSet() && letGo(),
      );
    });
    draw();
    return () => {
      letGo();
      unmount();
    };
  }
}

/**
 * The features of a story's cards, as steering has them.
 * @param {Graph} graph @param {Story} story @param {string | undefined} parts apart by `;` @param {string | undefined} words
 */
function keysOf(graph, story, parts, words) {
  const wanted = new Set(
    (parts ?? "")
      .split(";")
      .map((each) => each.trim())
      .filter(Boolean),
  );
  const items = story.items.filter((item) =>
    words ? item.kind === "features" && item.words.includes(words) : wanted.has(item.part ?? ""),
  );
  return items.flatMap(({ nodes }) =>
    nodes.filter((node) => graph.kind[node] === FEATURE).map((node) => /** @type {string} */ (keyOfNode(graph, node))),
  );
}
