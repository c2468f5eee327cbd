// Two boxes for the numbers of a sum, which an element then traces; the boxes follow the graph on show.

/** @import { AttoElement } from "../elements/atto-element.js" */

import { html } from "../lab/dom.js";
import { askOf, follow } from "./figures.js";

const MOST = 99;

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
  const show = () => {
    const operands = element.shared?.lab?.view?.operands;
    for (const name of names) if (operands && document.activeElement !== input(name)) input(name).value = String(operands[name]);
  };
  form.addEventListener("input", () => {
    // An empty box is about to be filled.
    const [a, b] = names.map((name) => (input(name).value === "" ? -1 : Number(input(name).value)));
    if (![a, b].every((each) => Number.isInteger(each) && each >= 0 && each <= MOST)) return;
    begin();
    askOf(element, `calc: ${a}+${b}=`);
  });
  form.addEventListener("focusout", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  follow(element, (lab) => [lab.view], show);
}
