// <atto-story>: the graph told in few cards, and the arrows between them.

/** @import { ElementLab } from "./element-lab.js" */

import { html } from "../lab/dom.js";
import { percent } from "../lab/format.js";
import { triedAgain } from "../lab/tried-again.js";
import { AttoElement } from "./atto-element.js";

/** Of a story whose own names are still on their way; in one line on a phone, too. */
const NAMED = "Named after sample texts";

const cardsParts = triedAgain(() => import("../lab/story/cards.js"));

export class AttoStory extends AttoElement {
  static sheet = "style/element-story.css";

  /** @param {ElementLab} lab */
  async mount(lab) {
    const { mountCards, storyOf, toldOf } = await cardsParts();
    const story = html("div", { class: "story", role: "group", "aria-label": "The graph as a story" });
    const waits = html("p", { class: "story-waits", role: "status", hidden: true });
    this.place.replaceChildren(waits, story);
    lab.root = this.place;
    return lab.mount(this.place, () => {
      mountCards(lab, story, { isShown: () => toldOf(lab) !== undefined });
      lab.effect(() => {
        waits.hidden = !lab.isLive || storyOf(lab) !== undefined;
        waits.textContent = lab.view?.meanwhile ? NAMED : "The story follows…";
      });
      // No graph is beside it that would ask for them.
      lab.watch(
        () => [lab.view, lab.view?.pruned, lab.view?.operands && lab.plots.isFinished(lab.view.operands.key)],
        () => lab.view && lab.worker.wantPlots(lab.view.pruned.nodes),
      );
      lab.bus.on("operands", ({ key, done, total }) => {
        if (key !== lab.view?.operands?.key || done === total) return;
        const share = percent(done / total);
        // Its features are named after them.
        waits.textContent = lab.view.meanwhile
          ? `${NAMED}; plots: ${share} computed…`
          : `The story follows: of this text’s operand plots ${share} are computed…`;
      });
    });
  }
}
