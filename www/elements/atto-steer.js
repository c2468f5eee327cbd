// <atto-steer>: a switch or a slider for features that the author names.

/** @import { ElementLab } from "./element-lab.js" */
/** @import { Named } from "./feature-names.js" */

import { html } from "../lab/dom.js";
import { keyOfNode } from "../lab/steer/steering.js";
import { AttoElement } from "./atto-element.js";
import { nodesOf, readPlaces } from "./feature-names.js";

const SLIDES = { least: -2, most: 4, step: 0.5 }; // times what the feature is

export class AttoSteer extends AttoElement {
  static properties = { features: {}, control: {} };

  constructor() {
    super();
    /** @type {string | undefined} `LAYER/INDEX@POSITION words; …` */ this.features = undefined;
    /** @type {string | undefined} `switch` or `slider` */ this.control = undefined;
  }

  #draw = () => {};

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    super.updated(changed);
    if (changed.has("features") || changed.has("control")) this.#draw();
  }

  /** @param {ElementLab} lab */
  async mount(lab) {
    const list = html("ul", { class: "steer-list" });
    this.place.replaceChildren(list);
    /** What shows how a feature is set now. @type {(() => void)[]} */ let shows = [];

    /** As steering has them; of a graph that is not here yet, nothing. @param {Named} named */
    const keysOf = (named) => {
      const graph = lab.view?.graph;
      return graph ? nodesOf(graph, named).map((node) => /** @type {string} */ (keyOfNode(graph, node))) : [];
    };
    const settingAt = (/** @type {Named} */ named) => keysOf(named).map((key) => lab.address.steering.set[key])[0];

    /** @param {Named} named */
    const row = (named) => {
      const slides = this.control === "slider";
      const input = slides
        ? html("input", { type: "range", min: SLIDES.least, max: SLIDES.most, step: SLIDES.step })
        : html("input", { type: "checkbox", role: "switch" });
      const says = html("output");
      const name = html("span");
      input.addEventListener(slides ? "input" : "change", () => {
        const value = slides ? (input.value === "1" ? undefined : `x${input.value}`) : input.checked ? undefined : "x0";
        lab.steerTo(keysOf(named), value);
        show(); // where nothing could be set, it stands as it stood
      });
      const show = () => {
        const keys = keysOf(named);
        const value = settingAt(named);
        const node = lab.view && nodesOf(lab.view.graph, named)[0];
        name.textContent =
          named.name || (node === undefined ? undefined : lab.labelOf(node)) || `Layer ${named.layer}, feature ${named.index}`;
        input.disabled = keys.length === 0;
        const times = value?.startsWith("x") ? value.slice(1) : "1";
        if (slides) input.value = times;
        else input.checked = value === undefined;
        says.textContent = keys.length === 0 ? "silent here" : slides ? `×${times.replace("-", "−")}` : value === undefined ? "on" : "off";
      };
      shows.push(show);
      return html("li", {}, html("label", {}, input, name, says));
    };
    const draw = () => {
      shows = [];
      list.replaceChildren(...readPlaces(this.features).map(row));
      for (const show of shows) show();
    };
    this.#draw = draw;
    draw();
    return lab.mount(this.place, () => {
      // What is set is set in every graph that comes.
      lab.watch(
        () => lab.view,
        () => lab.isLive && lab.isSteered && lab.worker.steer(),
      );
      const { features, plots } = lab;
      lab.watch(
        () => [lab.view, lab.address.steering, features.names, plots.arrivals],
        () => {
          for (const show of shows) show();
        },
      );
    });
  }
}
