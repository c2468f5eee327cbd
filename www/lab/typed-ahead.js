// What is typed while the box that it is meant for is still on its way.

/** @import { Lab } from "./lab.js" */

/** Whether keys are text where they are pressed. @param {EventTarget | undefined} target */
export function takesText(target) {
  return target instanceof Element && target.matches("textarea, select, input:not([type=range])");
}

/**
 * Keeps what is typed from now on: no letter is lost, or taken for a command of the page.
 * @param {Lab} lab
 * @returns {(arrived: boolean) => void} ends it; where the box arrived and has the keyboard, what was typed stands in it then
 */
export function typedAhead(lab) {
  let text = "";
  const ended = new AbortController();
  const keep = (/** @type {KeyboardEvent} */ event) => {
    const { key } = event;
    const [target] = event.composedPath();
    const isOurs = target === document.body || (target instanceof Node && lab.root.contains(target));
    if (!isOurs || takesText(target) || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (key === "Backspace") text = text.slice(0, -1);
    else if (key.length === 1) text += key;
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("keydown", keep, { capture: true, signal: AbortSignal.any([ended.signal, lab.lifetime]) });
  return (arrived) => {
    ended.abort();
    const { focused } = lab;
    if (!arrived || !text || !(focused instanceof HTMLInputElement)) return;
    focused.value = text;
    focused.dispatchEvent(new Event("input", { bubbles: true }));
  };
}
