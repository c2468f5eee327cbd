// <atto-answers>: the most probable answers; with features set, before and after.

/** @import { ElementLab } from "./element-lab.js" */

import { html } from "../lab/dom.js";
import { triedAgain } from "../lab/tried-again.js";
import { AttoElement } from "./atto-element.js";

const answersParts = triedAgain(() => import("../lab/answers.js"));

export class AttoAnswers extends AttoElement {
  /** @param {ElementLab} lab */
  async mount(lab) {
    const { mountAnswers } = await answersParts();
    const caption = html("h3", { class: "caption", "data-part": "answers-caption" });
    this.place.replaceChildren(html("section", { class: "answers" }, caption, html("ol", { "data-part": "answers" })));
    return lab.mount(this.place, () => mountAnswers(lab));
  }
}
