// <atto-prompt>: a box for a prompt, and the tokens that the model makes of it.

/** @import { ElementLab } from "./element-lab.js" */

import { html } from "../lab/dom.js";
import { triedAgain } from "../lab/tried-again.js";
import { AttoElement } from "./atto-element.js";

const promptParts = triedAgain(() => import("../lab/prompt.js"));

export class AttoPrompt extends AttoElement {
  /** @param {ElementLab} lab */
  async mount(lab) {
    const { mountPrompt } = await promptParts();
    const box = html("textarea", { "data-part": "prompt", rows: 1, spellcheck: "false", autocomplete: "off", "aria-label": "Prompt" });
    const tokens = html("ol", { "data-part": "tokens", class: "tokens", "aria-label": "Tokens of the prompt" });
    this.place.replaceChildren(html("section", { class: "asking" }, box, tokens));
    return lab.mount(this.place, () => mountPrompt(lab));
  }
}
