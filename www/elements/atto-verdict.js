// <atto-verdict>: one line on how far the graph can be trusted.

/** @import { ElementLab } from "./element-lab.js" */

import { html } from "../lab/dom.js";
import { verdictOf } from "../lab/verdict.js";
import { AttoElement } from "./atto-element.js";

export class AttoVerdict extends AttoElement {
  static sheet = "style/element-story.css";

  /** @param {ElementLab} lab */
  async mount(lab) {
    const line = html("p", { class: "verdict" });
    this.place.replaceChildren(line);
    return lab.mount(this.place, () =>
      lab.watch(
        () => [lab.view, lab.view?.likeness, lab.view?.graph.whole, lab.manifest],
        () => {
          const verdict = verdictOf(lab);
          line.textContent = verdict?.text ?? "";
          line.title = verdict?.title ?? "";
          line.dataset.trust = verdict?.trust ?? "";
        },
      ),
    );
  }
}
