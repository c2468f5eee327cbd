// <atto-story>: the graph told in few cards, and the arrows between them.

/** @import { ElementLab } from "./element-lab.js" */

import { html } from "../lab/dom.js";
import { AttoElement } from "./atto-element.js";

export class AttoStory extends AttoElement {
  static sheet = "style/element-story.css";

  /** @param {ElementLab} lab */
  async mount(lab) {
    const { mountCards, storyOf } = await import("../lab/story/cards.js");
    const story = html("div", { class: "story", role: "group", "aria-label": "The graph as a story" });
    this.place.replaceChildren(story);
    lab.root = this.place;
    return lab.mount(this.place, () => mountCards(lab, story, { isShown: () => storyOf(lab) !== undefined }));
  }
}
