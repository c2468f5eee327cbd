// Two boxes for the numbers of a sum, which an element then traces; the boxes follow the graph on show.

/** @import { AttoElement } from "../elements/atto-element.js" */

import { askOf, follow } from "./figures.js";

/**
 * @param {string} id of the form that holds the boxes `a` and `b`
 * @param {AttoElement} element whose prompt they write
 * @param {() => void} [begin] what is done first when the numbers are others
 */
export function numberBoxes(id, element, begin = () => {}) {
  const form = /** @type {HTMLFormElement} */ (document.getElementById(id));
  const input = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  const names = /** @type {const} */ (["a", "b"]);
  const show = () => {
    const operands = element.shared?.lab?.view?.operands;
    for (const name of names) if (operands && document.activeElement !== input(name)) input(name).value = String(operands[name]);
  };
  form.addEventListener("input", () => {
    // An empty box is about to be filled.
    const [a, b] = names.map((name) => (input(name).value === "" ? -1 : Number(input(name).value)));
    if (![a, b].every((each) => Number.isInteger(each) && each >= 0 && each <= 99)) return;
    begin();
    askOf(element, `calc: ${a}+${b}=`);
  });
  form.addEventListener("focusout", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  follow(element, (lab) => [lab.view], show);
}
