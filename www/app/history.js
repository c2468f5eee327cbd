// The prompts asked last, for each model, kept in this browser.

/** @import { App } from "./app.js" */

import { stored, store } from "./storage.js";

const REST_MS = 1500; // a prompt that stood as long was meant
const MOST = 12;

/** @param {App} app @returns {string[]} the newest first */
export function recentPrompts(app) {
  const list = stored(`attograph-prompts-${app.model}`);
  return Array.isArray(list) ? list.filter((each) => typeof each === "string").slice(0, MOST) : [];
}

/** @param {App} app */
export function mountHistory(app) {
  let timer = 0;
  app.bus.on("graph", () => {
    clearTimeout(timer);
    const { view } = app;
    if (!view || view.recorded || app.manifest?.examples.some(({ prompt }) => prompt === view.prompt)) return;
    timer = setTimeout(
      () =>
        store(`attograph-prompts-${app.model}`, [view.prompt, ...recentPrompts(app).filter((each) => each !== view.prompt)].slice(0, MOST)),
      REST_MS,
    );
  });
}
