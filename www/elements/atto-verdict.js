// <atto-verdict>: one line on how far the graph can be trusted.

/** @import { ElementLab } from "./element-lab.js" */

import { html } from "../lab/dom.js";
import { showVerdict } from "../lab/verdict.js";
import { AttoElement } from "./atto-element.js";

export class AttoVerdict extends AttoElement {
  static sheet = "style/element-story.css";

  /** @param {ElementLab} lab */
  async mount(lab) {
    const words = html("button", { type: "button", class: "term", "aria-expanded": "false" });
    const line = html("p", { class: "verdict" }, words);
    const meaning = html("p", { class: "verdict-meaning", hidden: "" });
    words.addEventListener("click", () => {
      meaning.hidden = !meaning.hidden;
      words.setAttribute("aria-expanded", String(!meaning.hidden));
    });
    this.place.replaceChildren(line, meaning);
    return lab.mount(this.place, () =>
      lab.effect(() => {
        showVerdict(lab, line, words);
        meaning.textContent = words.dataset.meaning ?? "";
      }),
    );
  }
}
