// A box to type a name in: Enter and leaving it keep the name, Escape does not.

import { html } from "./dom.js";

/**
 * @param {{ value: string, label: string, class?: string }} what
 * @param {(name: string | undefined) => void} leave what is done with the box then, once, with the name that is to be kept
 */
export function nameBox({ value, label, class: kind = "rename" }, leave) {
  const input = html("input", { class: kind, value, maxlength: 80, "aria-label": label });
  let left = false;
  const end = (/** @type {boolean} */ keep) => {
    if (left) return;
    left = true;
    leave(keep ? input.value : undefined);
  };
  input.addEventListener("keydown", (event) => {
    // No key that is typed here is a command of what lies below.
    event.stopPropagation();
    if (event.key === "Enter" || event.key === "Escape") end(event.key === "Enter");
  });
  input.addEventListener("blur", () => end(true));
  return input;
}
