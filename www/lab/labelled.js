// What features are called and drawn by: their reader's labels, automatic ones, and operand plots, kept as they come.

/** @import { NamedPlot, ToWorker } from "./messages.js" */
/** @import { Plotted } from "./view.js" */

import { FeatureShelf } from "./feature-shelf.js";
import { nameOf } from "./format.js";
import { KeptPlots } from "./kept-plots.js";
import { BIAS, FEATURE, featureKey, placeOf } from "./kinds.js";
import { plotKey } from "./recorded/recording.js";
import { State } from "./state.js";

export class Labelled extends State {
  plots = new KeptPlots();
  features = new FeatureShelf((message) => this.say(message));

  /** What is asked without an engine is lost. @param {ToWorker} _message */
  say(_message) {}

  /**
   * The operand plot of a feature, if it is here already.
   * @param {number} node
   * @param {Plotted | undefined} [view] the graph on show, unless another is meant
   * @returns {NamedPlot | undefined}
   */
  plot(node, view = this.view) {
    if (!view?.operands || view.graph.kind[node] !== FEATURE) return undefined;
    const place = placeOf(view.graph, node);
    return this.plots.at(view.operands.key, place) ?? view.recording?.plots.get(plotKey(place));
  }

  /**
   * What a feature is called where nobody named it, if anything.
   * @param {number} node
   * @param {Plotted | undefined} [view]
   * @returns {string | undefined}
   */
  automaticLabel(node, view = this.view) {
    const key = view && featureKey(view.graph, node);
    if (key === undefined) return undefined;
    if (this.opened && view === this.view) return this.opened.automatic[key];
    // As the story calls it: what it follows there says more of it than where else it fires.
    const atAnswer = view?.graph.position[node] === (view?.graph.tokens.length ?? 0) - 1;
    return this.plot(node, view)?.label ?? this.features.labelOf(key, atAnswer) ?? view?.recording?.labels[key];
  }

  /**
   * The label of a feature, its reader's or an automatic one; what a file calls a bias.
   * @param {number} node
   * @param {Plotted | undefined} [view]
   * @returns {string | undefined}
   */
  labelOf(node, view = this.view) {
    if (view?.graph.kind[node] === BIAS) return this.opened?.biases.get(node);
    const key = view && featureKey(view.graph, node);
    if (key === undefined) return undefined;
    // A file's labels are of its own features alone.
    const { arrangement } = view === this.view ? this.address : this.lasting;
    return arrangement.labels[key] ?? this.automaticLabel(node, view);
  }

  /**
   * The label of a feature that is no node of the graph on show.
   * @param {{ layer: number, index: number, position?: number }} feature `position`: of the token that it is set at, if it is
   * @returns {string | undefined}
   */
  absentLabel({ layer, index, position }) {
    const key = `${layer}_${index}`;
    const atAnswer = position !== undefined && position + 1 === this.view?.graph.tokens.length;
    return this.address.arrangement.labels[key] ?? this.features.labelOf(key, atAnswer);
  }

  /** A node's name for people: a feature's label, where it has one. @param {number} node @param {Plotted | undefined} [view] */
  nameOf(node, view = this.view) {
    return this.labelOf(node, view) ?? (view ? nameOf(view.graph, node) : "");
  }
}
