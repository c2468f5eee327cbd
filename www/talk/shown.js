// What a talk shows, step by step, whether it was made in the lab or is the one that ships: that one finds its features anew.

/** @import { App } from "../app/app.js" */
/** @import { Address } from "../app/url.js" */
/** @import { Talk, TalkStep } from "./talk.js" */

import { GUIDE_PROMPT as PROMPT } from "../app/guide-key.js";
import { STEPS } from "../app/guide-steps.js";
import { queryOf, readAddress } from "../app/url.js";

/**
 * @typedef {object} Shown
 * @property {string} caption
 * @property {() => string} notes
 * @property {() => Address} state as far as it is known
 * @property {boolean} goesOn whether what the model goes on to say is shown
 */

/** All that is set now, as a step keeps it. @param {App} app */
export function stateNow(app) {
  const { lasting } = app;
  return queryOf({ ...lasting, model: app.model, prompt: lasting.prompt ?? app.prompt, engine: "auto", theme: undefined });
}

/** The steps of a talk. @param {App} app @param {Talk} talk @returns {Shown[]} */
export function shownOf(app, talk) {
  return talk.steps.map(({ state, caption, notes }) => ({
    caption,
    notes: () => notes,
    state: () => own(app, readAddress(state)),
    goesOn: false,
  }));
}

/** The talk on a sum that ships with the page. @param {App} app @returns {Shown[]} */
export function shippedSteps(app) {
  return STEPS.map((step) => ({
    caption: step.title,
    notes: () => step.say(app).text,
    goesOn: step.prompt !== undefined,
    state: () => {
      const here = app.prompt === (step.prompt ?? PROMPT);
      const node = here ? step.say(app).node : undefined;
      const selected = node === undefined ? undefined : app.view?.graph.id[node];
      const state = { ...readAddress(""), prompt: step.prompt ?? PROMPT, selected };
      return own(app, { ...state, steering: { ...state.steering, set: (here && step.set?.(app)) || {} } });
    },
  }));
}

/** The model, the engine and the colours are those of this page. @param {App} app @param {Address} address @returns {Address} */
function own(app, address) {
  return { ...address, model: app.address.model, engine: app.address.engine, theme: app.address.theme };
}

/** The talk that ships, as one that can be changed: with the features that it finds now. @param {App} app @returns {TalkStep[]} */
export function asWritten(app) {
  return shippedSteps(app).map(({ caption, notes, state }) => ({
    caption,
    notes: notes(),
    state: queryOf({ ...state(), model: app.model }),
  }));
}
