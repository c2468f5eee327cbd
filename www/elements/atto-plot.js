// <atto-plot>: a feature’s operand plot, or what it pushes.

/** @import { ElementLab } from "./element-lab.js" */

import { html } from "../lab/dom.js";
import { triedAgain } from "../lab/tried-again.js";
import { AttoElement } from "./atto-element.js";
import { nodesOf, readPlaces } from "./feature-names.js";

const plotParts = triedAgain(() => import("../lab/big-plot.js"));
const featureParts = triedAgain(() => import("../lab/feature.js"));

export class AttoPlot extends AttoElement {
  static properties = { feature: {}, shows: {} };

  constructor() {
    super();
    /** @type {string | undefined} `layer/index`, or `layer/index@position` */ this.feature = undefined;
    /** @type {string | undefined} `operands` or `outputs` */ this.shows = undefined;
  }

  /** @param {Map<string, unknown>} changed */
  updated(changed) {
    super.updated(changed);
    if (changed.has("feature") || changed.has("shows")) this.#draw();
  }

  #draw = () => {};

  /** @param {ElementLab} lab */
  async mount(lab) {
    const [{ BigPlot }, { effects, numbers }] = await Promise.all([plotParts(), featureParts()]);
    const heading = html("h3", { class: "plot-name" });
    const body = html("div", { class: "plot-body" });
    this.place.replaceChildren(heading, body);
    let drawn = "";

    const note = (/** @type {string} */ text) => {
      drawn = "";
      body.replaceChildren(html("p", { class: "note" }, text));
    };
    const draw = () => {
      const { view } = lab;
      if (!view) return;
      const [named] = readPlaces(this.feature);
      if (!named) return note("The attribute feature names none as LAYER/INDEX.");
      const { graph } = view;
      const node = nodesOf(graph, named).at(-1);
      heading.textContent = (node === undefined ? undefined : lab.labelOf(node)) ?? `Layer ${named.layer}, feature ${named.index}`;
      if (this.shows === "outputs") {
        if (!lab.isLive) return note("What a feature pushes is known once the graph is traced here.");
        const known = lab.features.known(named.layer, named.index);
        if (!known) return note("Computing what this feature does…");
        const { top, bottom, numbers: all } = known.facts;
        const sum = view.operands ? view.operands.a + view.operands.b : undefined;
        const sums = all && lab.manifest?.domain === "addition" ? numbers(all, sum) : [];
        drawn = "";
        return body.replaceChildren(...sums, html("div", { class: "effects" }, effects("Up", top), effects("Down", bottom)));
      }
      if (node === undefined) return note("This feature is no node of the graph on show.");
      lab.worker.wantPlots([node]);
      const plot = lab.plot(node);
      if (!plot) return note(view.operands ? "Its plot is being computed…" : "Operand plots need a prompt with two numbers below 100.");
      const key = `${lab.colour("plot-0")} ${graph.id[node]} ${plot.max} ${view.operands?.a} ${view.operands?.b}`;
      if (key === drawn) return;
      drawn = key;
      body.replaceChildren(...new BigPlot(lab, plot, graph.position[node], graph.activation[node]).elements);
    };
    this.#draw = draw;
    return lab.mount(this.place, () => {
      const { plots, features } = lab;
      const isFinished = () => lab.view?.operands && plots.isFinished(lab.view.operands.key);
      lab.watch(() => [lab.view, isFinished(), plots.arrivals, features.facts, features.names, lab.arrangement, lab.colours], draw);
    });
  }
}
