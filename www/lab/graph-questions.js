// What a lab asks of the graph on show: a node's edges, heads, features set, the grade. Of a recorded first picture
// some of it is known without asking.

/** @import { Lab } from "./lab.js" */
/** @import { Suggestion } from "./engine-api.js" */
/** @import { ToWorker } from "./messages.js" */

import { betweenOf, detailOf } from "./recorded/recording.js";
import { settingsFor } from "./steer/steering.js";

export class GraphQuestions {
  /** @param {Lab} lab */
  constructor(lab) {
    this.lab = lab;
  }

  /** What is said before there is an engine is lost. @param {ToWorker} _message */
  say(_message) {}

  /** @param {number} node */
  inspect(node) {
    const { lab } = this;
    const view = lab.view;
    if (view?.early) {
      view.detail = detailOf(view, node);
    } else if (view) this.say({ type: "inspect", request: view.request, node });
  }

  /** Asks which heads carry these edges. @param {Uint32Array} sources @param {Uint32Array} targets */
  heads(sources, targets) {
    const view = this.lab.view;
    if (view && this.lab.isLive && sources.length > 0) this.say({ type: "heads", request: view.request, sources, targets });
  }

  /** Asks for all edges among some nodes. @param {number[]} nodes */
  between(nodes) {
    const { lab } = this;
    const view = lab.view;
    if (view?.early) {
      view.between = betweenOf(view, nodes);
    } else if (view) this.say({ type: "between", request: view.request, nodes });
  }

  /** What waits for the live graph. @type {(() => void) | undefined} */ #later;
  /** Takes the subgraph that was asked for last. @type {(found: Suggestion) => void} */ suggested = () => {};

  /** Asks for the graph told in few items; it comes once its features have names. */
  askStory() {
    const view = this.lab.view;
    if (view && this.lab.isLive) this.say({ type: "story", request: view.request });
  }

  /**
   * A subgraph to start from. Of a recorded first picture it comes with the live graph, and never where another graph is on show by then.
   * @param {() => { chosen: number[], named: number[], labels: string[] }} what see `Trace.suggest`
   * @param {(found: Suggestion) => void} take
   */
  suggest(what, take) {
    const view = this.lab.view;
    if (view?.early) this.#later = () => this.suggest(what, take);
    else if (view) {
      this.suggested = take;
      this.say({ type: "suggest", request: view.request, ...what() });
    }
  }

  /** Asks what waited for a live graph. */
  wentLive() {
    const later = this.#later;
    this.#later = undefined;
    later?.();
  }

  /** What is set, set in the graph on show. */
  steer() {
    const view = this.lab.view;
    if (!view || !this.lab.isLive) return;
    const steering = settingsFor(this.lab.address.steering, view.graph.tokens.length);
    // Of nothing nothing comes, and nobody says so.
    if (steering.settings.length === 0) view.steered = view.steeredWhole = view.steeredText = undefined;
    this.say({ type: "steer", request: view.request, steering });
  }

  grade() {
    const view = this.lab.view;
    if (view && this.lab.isLive) this.say({ type: "grade", request: view.request });
  }

  stopGrading() {
    this.say({ type: "stop grading" });
  }

  /** Asks how a node does on every rung of the ladder. @param {number} node @param {number} share that is taken away */
  climb(node, share) {
    const view = this.lab.view;
    if (view && !view.early) this.say({ type: "rungs", request: view.request, node, share });
  }
}
