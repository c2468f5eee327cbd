// The prompts asked last, for each model, kept in this browser; and the very last, which this tab comes back to.

/** @import { Lab } from "./lab.js" */

import { store, stored } from "./storage.js";

const REST_MS = 1500; // a prompt that stood as long was meant
const MOST = 12;

/** @param {Lab} lab @returns {string[]} the newest first */
export function recentPrompts(lab) {
  const list = stored(`attograph-prompts-${lab.model}`);
  return Array.isArray(list) ? list.filter((each) => typeof each === "string").slice(0, MOST) : [];
}

/** The prompt that another model had in this tab, if any. @param {string} model @returns {string | undefined} */
export function lastPrompt(model) {
  const prompt = stored(`attograph-prompt-${model}`, "sessionStorage");
  return typeof prompt === "string" ? prompt : undefined;
}

/** @param {Lab} lab */
export function mountHistory(lab) {
  let timer = 0;
  lab.effect(() => {
    const { view } = lab;
    clearTimeout(timer);
    const isFirst = lab.manifest?.examples[0]?.prompt === view?.prompt; // which is there without being asked for
    if (view && !view.recorded) store(`attograph-prompt-${lab.model}`, isFirst ? null : view.prompt, "sessionStorage");
    if (!view || view.recorded || lab.manifest?.examples.some(({ prompt }) => prompt === view.prompt)) return;
    timer = setTimeout(
      () =>
        store(`attograph-prompts-${lab.model}`, [view.prompt, ...recentPrompts(lab).filter((each) => each !== view.prompt)].slice(0, MOST)),
      REST_MS,
    );
  });
}
