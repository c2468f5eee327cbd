// An effect on a token's logit, in a list of such: a bar, and how much.

import { html } from "./dom.js";
import { signed, visible } from "./format.js";

/** @param {string} token @param {number} value @param {number} most of the list, for the length of the bar */
export function effectRow(token, value, most) {
  const bar = html("i");
  bar.style.width = `${(100 * Math.abs(value)) / most}%`;
  return html(
    "li",
    { class: value < 0 ? "negative" : "positive" },
    html("span", { class: "token" }, visible(token)),
    html("span", { class: "bar", "aria-hidden": "true" }, bar),
    html("span", { class: "weight" }, signed(value)),
  );
}
