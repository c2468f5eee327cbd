// Two boxes for the numbers of a sum, which an element then traces; the boxes follow the graph on show.

/** @import { AttoElement } from "../elements/atto-element.js" */

import { html } from "../lab/dom.js";
import { askOf, follow } from "./figures.js";

const MOST = 99;
const DIGITS = String(MOST).length;

/**
 * @param {string} id of the form that they stand in first: its `data-sum` is what they begin with, `data-of` whose numbers they are where a
 *   page has others
 * @param {AttoElement} element whose prompt they write
 * @param {() => void} [begin] what is done first when the numbers are others
 */
export function numberBoxes(id, element, begin = () => {}) {
  const form = /** @type {HTMLFormElement} */ (document.getElementById(id));
  const { sum = "", of } = form.dataset;
  const names = /** @type {const} */ (["a", "b"]);
  const [first, second] = sum.split("+").map((value, i) => {
    const label = `${["First", "Second"][i]} number${of ? ` of ${of}` : ""}`;
    return html("input", { name: names[i], type: "number", min: 0, max: MOST, value, "aria-label": label });
  });
  form.prepend(first, " + ", second, " ");
  const input = (/** @type {"a" | "b"} */ name) => (name === "a" ? first : second);
  const isLeft = (/** @type {"a" | "b"} */ name) => document.activeElement !== input(name);
  const show = (isDone = isLeft) => {
    const operands = element.shared?.lab?.view?.operands;
    for (const name of names) if (operands && isDone(name)) input(name).value = String(operands[name]);
  };
  form.addEventListener("input", () => {
    for (const each of [first, second]) {
      const digits = each.value.replace(/\D/g, "").slice(0, DIGITS);
      if (each.value !== digits) each.value = digits; // no other number than these is taken
    }
    // An empty box is about to be filled.
    const [a, b] = names.map((name) => input(name).value);
    if (!a || !b) return;
    begin();
    askOf(element, `calc: ${Number(a)}+${Number(b)}=`);
  });
  form.addEventListener("focusout", () => show());
  form.addEventListener("change", () => show((name) => input(name).value === ""));
  form.addEventListener("submit", (event) => event.preventDefault());
  follow(
    element,
    (lab) => [lab.view],
    () => show(),
  );
}
