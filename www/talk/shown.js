// What a talk shows, step by step, whether it was made in the lab or is the one that ships: that one finds its features anew.

/** @import { Lab } from "../lab/lab.js" */
/** @import { Address } from "../lab/url.js" */
/** @import { Talk, TalkStep } from "./talk.js" */

import { GUIDE_PROMPT as PROMPT } from "../lab/guide-key.js";
import { STEPS } from "../lab/guide-steps.js";
import { queryOf, readAddress } from "../lab/url.js";

/**
 * @typedef {object} Shown
 * @property {string} caption
 * @property {() => string} notes
 * @property {() => Address} state as far as it is known
 * @property {boolean} goesOn whether what the model goes on to say is shown
 */

/** All that is set now, as a step keeps it. @param {Lab} lab */
export function stateNow(lab) {
  const { lasting } = lab;
  // A stage shows nodes unless it is told to show the story.
  const view = lab.part("screen").classList.contains("story-view") ? "story" : lasting.view;
  return queryOf({ ...lasting, view, model: lab.model, prompt: lasting.prompt ?? lab.prompt, engine: "auto", theme: undefined });
}

/**
 * The steps of a talk; one that names no model is of that of the step before it.
 * @param {Lab} lab @param {Talk} talk @returns {Shown[]}
 */
export function shownOf(lab, talk) {
  let { model } = lab;
  return talk.steps.map(({ state, caption, notes }) => {
    const own = (model = readAddress(state).model || model);
    return { caption, notes: () => notes, state: () => asHere(lab, { ...readAddress(state), model: own }), goesOn: false };
  });
}

/** The talk on a sum that ships with the page. @param {Lab} lab @returns {Shown[]} */
export function shippedSteps(lab) {
  return STEPS.map((step) => ({
    caption: step.title,
    notes: () => step.say(lab).text,
    goesOn: step.prompt !== undefined,
    state: () => {
      const here = lab.prompt === (step.prompt ?? PROMPT);
      const node = here ? step.say(lab).node : undefined;
      const selected = node === undefined ? undefined : lab.view?.graph.id[node];
      const state = { ...readAddress(""), view: /** @type {const} */ ("story"), prompt: step.prompt ?? PROMPT, selected };
      return asHere(lab, { ...state, model: lab.address.model, steering: { ...state.steering, set: (here && step.set?.(lab)) || {} } });
    },
  }));
}

/** The engine and the colours are those of this page. @param {Lab} lab @param {Address} address @returns {Address} */
function asHere(lab, address) {
  return { ...address, engine: lab.address.engine, theme: lab.address.theme };
}

/** The talk that ships, as one that can be changed: with the features that it finds now. @param {Lab} lab @returns {TalkStep[]} */
export function asWritten(lab) {
  return shippedSteps(lab).map(({ caption, notes, state }) => ({
    caption,
    notes: notes(),
    state: queryOf({ ...state(), model: lab.model }),
  }));
}
