// The steps of the talk that is being made, a row each: caption, notes, and what can be done with it.

/** @import { TalkStep } from "./talk.js" */

import { html } from "../lab/dom.js";
import { MOST } from "./talk.js";

/**
 * @typedef {object} Doings what can be done with the step at a place
 * @property {(at: number) => void} show
 * @property {(at: number) => void} set to what is on show
 * @property {(from: number, to: number) => void} move
 * @property {(at: number) => void} duplicate
 * @property {(at: number) => void} remove
 * @property {(at: number, change: Partial<TalkStep>) => void} edit
 */

/** @param {TalkStep} step @param {number} at @param {number} count @param {Doings} doings */
export function stepRow({ caption, notes }, at, count, doings) {
  const what = html("input", {
    value: caption,
    maxlength: MOST.caption,
    "aria-label": `Caption of step ${at + 1}`,
    placeholder: "Caption",
  });
  what.addEventListener("input", () => doings.edit(at, { caption: what.value }));
  const more = html("textarea", {
    rows: 2,
    maxlength: MOST.notes,
    "aria-label": `Notes of step ${at + 1}`,
    placeholder: "Notes for the speaker",
  });
  more.value = notes;
  more.addEventListener("input", () => doings.edit(at, { notes: more.value }));
  /** @param {string} text @param {string} name what it does to a step @param {() => void} act @param {boolean} [dead] @param {string} [how] */
  const button = (text, name, act, dead = false, how = "") => {
    const made = html(
      "button",
      { type: "button", class: "quiet", "aria-label": `${name} step ${at + 1}${how}`, title: name + how, "data-act": name },
      text,
    );
    made.setAttribute("aria-disabled", String(dead));
    made.addEventListener("click", () => !dead && act());
    return made;
  };
  const acts = html(
    "span",
    { class: "acts" },
    button("Show", "Show", () => doings.show(at)),
    button("Set to this", "Set", () => doings.set(at), false, " to what is on show"),
    button("↑", "Move up", () => doings.move(at, at - 1), at === 0),
    button("↓", "Move down", () => doings.move(at, at + 1), at === count - 1),
    button("Duplicate", "Duplicate", () => doings.duplicate(at)),
    button("Delete", "Delete", () => doings.remove(at)),
  );
  return html("li", { "data-step": at }, html("span", { class: "number", "aria-hidden": "true" }, String(at + 1)), what, acts, more);
}
