// Study 2: what the model says when a feature writes the opposite in a text, and a table of what was tried so far.

/** @import { Feature } from "./contexts.js" */
/** @import { ElementLab } from "../elements/element-lab.js" */

import { html } from "../lab/dom.js";
import { answerText, percent } from "../lab/format.js";
import { shiftedAnswer } from "../lab/steer/shifted.js";
import { contexts, nameOf, within } from "./contexts.js";
import { textAt } from "./figures.js";

/**
 * @param {import("../elements/atto-break.js").AttoBreak} broken the button that has it write the opposite
 * @param {() => { feature: Feature, context: number }} chosen
 * @returns {(lab: ElementLab) => void} tells of what is now
 */
export function mountTried(broken, chosen) {
  /** What was tried, by feature and context. @type {Map<string, HTMLElement>} */ const tried = new Map();
  let said = "";

  return function showTried(lab) {
    const { feature, context } = chosen();
    const { view } = lab;
    const { example } = contexts[context];
    if (!view || view.prompt !== example) return;
    const [answer] = view.graph.answers;
    if (!answer) return;
    const was = answerText(view.graph, answer);
    const id = `${nameOf(feature)} ${context}`;
    const report = lab.isSteered && broken.held ? view.steered : undefined;
    if (!report) {
      const before = said && tried.has(id) ? `Mended: it says ${was} again. ` : `It says ${was}. Hold the button. `;
      return textAt("happened", before);
    }
    const now = shiftedAnswer(lab, report.answers[0]);
    const same = report.answers.map((shift) => shiftedAnswer(lab, shift)).find(({ text }) => text === was);
    said =
      now.text === was
        ? `With the opposite of “${feature.words}” it still says ${was}, ${percent(now.after)} in place of ${percent(now.before)}: here it is not this feature alone.`
        : `With the opposite of “${feature.words}” it says ${now.text}, ${percent(now.after)}, in place of ${was}` +
          `${same ? `, which falls from ${percent(same.before)} to ${percent(same.after)}` : ""}.`;
    textAt("happened", said);
    const cells = [`“${feature.words}”`, within(contexts[context]), was, `${now.text}, ${percent(now.after)}`];
    const row = html("tr", {}, ...cells.map((cell, i) => html(i === 0 ? "th" : "td", i === 0 ? { scope: "row" } : {}, cell)));
    const list = /** @type {HTMLTableElement} */ (document.getElementById("tried"));
    const known = tried.get(id);
    if (known) known.replaceWith(row);
    else list.tBodies[0].append(row);
    tried.set(id, row);
    list.hidden = false;
    const changed = [...list.rows].slice(1).filter(({ cells }) => !cells[3].textContent?.startsWith(`${cells[2].textContent},`)).length;
    textAt("tried-intro", triedSoFar(tried.size, changed));
  };
}

/** @param {number} times @param {number} changed in how many of them the answer did */
function triedSoFar(times, changed) {
  if (times === 1) return `Tried once: the answer ${changed === 1 ? "changed" : "stayed"}.`;
  return `Tried ${times} times: the answer changed in ${changed === 0 ? "none" : changed}.`;
}
