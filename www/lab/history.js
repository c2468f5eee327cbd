// The prompts asked last, for each model, kept in this browser.

/** @import { Lab } from "./lab.js" */

import { store, stored } from "./storage.js";

const REST_MS = 1500; // a prompt that stood as long was meant
const MOST = 12;

/** @param {Lab} lab @returns {string[]} the newest first */
export function recentPrompts(lab) {
  const list = stored(`attograph-prompts-${lab.model}`);
  return Array.isArray(list) ? list.filter((each) => typeof each === "string").slice(0, MOST) : [];
}

/** @param {Lab} lab */
export function mountHistory(lab) {
  let timer = 0;
  lab.effect(() => {
    const { view } = lab;
    clearTimeout(timer);
    if (!view || view.recorded || lab.manifest?.examples.some(({ prompt }) => prompt === view.prompt)) return;
    timer = setTimeout(
      () =>
        store(`attograph-prompts-${lab.model}`, [view.prompt, ...recentPrompts(lab).filter((each) => each !== view.prompt)].slice(0, MOST)),
      REST_MS,
    );
  });
}
