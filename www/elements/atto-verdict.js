// <atto-verdict>: one line on how far the graph can be trusted.

/** @import { ElementLab } from "./element-lab.js" */

import { html } from "../lab/dom.js";
import { showVerdict } from "../lab/verdict.js";
import { AttoElement } from "./atto-element.js";

export class AttoVerdict extends AttoElement {
  static sheet = "style/element-story.css";

  /** @param {ElementLab} lab */
  async mount(lab) {
    const line = html("p", { class: "verdict" });
    this.place.replaceChildren(line);
    return lab.mount(this.place, () => lab.effect(() => showVerdict(lab, line)));
  }
}
