// <atto-graph>: the attribution graph of a prompt, recorded or traced here.

/** @import { ElementLab } from "./element-lab.js" */

import { html, onResize } from "../lab/dom.js";
import { AttoElement } from "./atto-element.js";

const ALMOST = 0.01;

export class AttoGraph extends AttoElement {
  /** @param {ElementLab} lab */
  async mount(lab) {
    const { mountGraph } = await import("../lab/graph/graph.js");
    const button = (/** @type {string} */ part, /** @type {string} */ name, /** @type {string} */ text) =>
      html("button", { type: "button", "data-part": part, "aria-label": name }, text);
    const pane = html(
      "div",
      { class: "pane", "data-part": "pane" },
      html("div", { class: "stage", "data-part": "stage" }),
      html("div", { class: "tooltip", "data-part": "tooltip", hidden: true }),
    );
    const zoom = html(
      "div",
      { class: "zoom", role: "group", "aria-label": "Zoom" },
      button("zoom-out", "Zoom out", "−"),
      button("zoom-in", "Zoom in", "+"),
      button("zoom-fit", "The whole graph", "Fit"),
      button("zoom-value", "Back to 100 %", "100 %"),
    );
    this.place.replaceChildren(html("div", { class: "pane-frame" }, zoom, pane));
    lab.root = this.place;
    return lab.mount(this.place, () => {
      mountGraph(lab);
      const fit = lab.part("zoom-fit");
      // All of it is on show, however small the frame, until the reader chooses otherwise.
      const keep = () => {
        if (!lab.view || Math.abs(lab.address.zoom - lab.fitted) > ALMOST) return;
        fit.click();
        lab.fitted = lab.address.zoom;
      };
      lab.bus.on("graph", keep);
      onResize(pane, keep);
    });
  }
}
