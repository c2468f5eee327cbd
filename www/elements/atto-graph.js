// <atto-graph>: the attribution graph of a prompt, recorded or traced here.

/** @import { ElementLab } from "./element-lab.js" */

import { html, onResize } from "../lab/dom.js";
import { triedAgain } from "../lab/tried-again.js";
import { AttoElement } from "./atto-element.js";

const LEAST = 0.2; // of the size of letters around it
const ALMOST = 0.004;
const TRIES = 5;

const graphParts = triedAgain(() => import("../lab/graph/graph.js"));

export class AttoGraph extends AttoElement {
  /** @param {ElementLab} lab */
  async mount(lab) {
    const { mountGraph, whenReadable } = await graphParts();
    await whenReadable(); // so that what is drawn first is what is fitted
    const button = (/** @type {string} */ part, /** @type {string} */ name, /** @type {string} */ text) =>
      html("button", { type: "button", "data-part": part, "aria-label": name }, text);
    const stage = html("div", { class: "stage", "data-part": "stage" });
    const pane = html(
      "div",
      { class: "pane", "data-part": "pane" },
      stage,
      html("div", { class: "tooltip", "data-part": "tooltip", hidden: true }),
    );
    const zoom = html(
      "div",
      { class: "zoom", role: "group", "aria-label": "Zoom" },
      button("zoom-value", "Back to 100 %", "100 %"),
      button("zoom-out", "Zoom out", "−"),
      button("zoom-in", "Zoom in", "+"),
      button("zoom-fit", "The whole graph", "Fit"),
    );
    this.place.replaceChildren(html("div", { class: "pane-frame" }, pane), zoom);
    lab.root = this.place;
    const unmount = lab.mount(this.place, () => {
      const redraw = mountGraph(lab);
      /** As small as it must be for all of it to be on show, so that a frame of any size is filled and no more. */
      const fit = () => {
        if (!lab.view || pane.clientWidth === 0) return;
        scaleTo(1);
        for (let tries = 0; tries < TRIES; tries++) {
          const { zoom } = lab.address;
          const share = zoom * Math.min(pane.clientWidth / stage.offsetWidth, pane.clientHeight / stage.offsetHeight);
          const next = Math.max(LEAST, lab.scale * Math.min(1, share));
          if (lab.scale - next < ALMOST * lab.scale) return;
          scaleTo(next);
        }
      };
      const scaleTo = (/** @type {number} */ scale) => {
        if (scale === lab.scale) return;
        lab.scale = scale;
        stage.style.setProperty("--rem", `${lab.rem}px`);
        redraw();
      };
      lab.watch(() => [lab.view, lab.view?.pruned], fit);
      onResize(pane, fit, lab.lifetime);
    });
    // In the line below they cover nothing of the graph, however small it is.
    this.tools = zoom;
    return () => {
      this.tools = undefined;
      unmount();
    };
  }
}
