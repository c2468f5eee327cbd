// <atto-story>: the graph told in few cards, and the arrows between them.

/** @import { ElementLab } from "./element-lab.js" */

import { html } from "../lab/dom.js";
import { percent } from "../lab/format.js";
import { AttoElement } from "./atto-element.js";

export class AttoStory extends AttoElement {
  static sheet = "style/element-story.css";

  /** @param {ElementLab} lab */
  async mount(lab) {
    const { mountCards, storyOf } = await import("../lab/story/cards.js");
    const story = html("div", { class: "story", role: "group", "aria-label": "The graph as a story" });
    const waits = html("p", { class: "story-waits", role: "status", hidden: true });
    this.place.replaceChildren(waits, story);
    lab.root = this.place;
    return lab.mount(this.place, () => {
      mountCards(lab, story, { isShown: () => storyOf(lab) !== undefined });
      lab.effect(() => {
        waits.hidden = !lab.isLive || storyOf(lab) !== undefined;
        waits.textContent = "The story follows…";
      });
      lab.bus.on("operands", ({ key, done, total }) => {
        if (key !== lab.view?.operands?.key || done === total) return;
        // Its features are named after them.
        waits.textContent = `The story follows: of this text’s operand plots ${percent(done / total)} are computed…`;
      });
    });
  }
}
