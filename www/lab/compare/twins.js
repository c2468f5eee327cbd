// Two graphs beside each other: which nodes are in both, which are on show in one alone, and how to turn the first into the second.

/** @import { View } from "../view.js" */
/** @import { Compared, Traced } from "../messages.js" */

import { FEATURE } from "../kinds.js";
import { keyOfNode, numberText } from "../steer/steering.js";

export class Twins {
  #twins;
  /** Nodes on show in each graph. */
  #drawn;

  /** @param {View} first @param {Compared | undefined} second as long as it is not traced, no node has a twin */
  constructor(first, second) {
    const pairs = second?.beside === first.request ? second.aligned : undefined;
    const matches = (/** @type {Uint32Array} */ from, /** @type {Uint32Array} */ to) => new Map([...from].map((node, i) => [node, to[i]]));
    this.#twins = pairs ? [matches(pairs.first, pairs.second), matches(pairs.second, pairs.first)] : [undefined, undefined];
    this.#drawn = [first, second].map((traced) => new Set(traced?.pruned.nodes));
  }

  /** The same node in the other graph, on show there or pruned away. @param {number} which graph @param {number} node */
  counterpart(which, node) {
    return this.#twins[which]?.get(node);
  }

  /** Whether a node is on show. @param {number} which graph @param {number} node */
  isDrawn(which, node) {
    return this.#drawn[which].has(node);
  }

  /** Whether a node is on show in its own graph alone. @param {number} which @param {number} node */
  isAlone(which, node) {
    const twin = this.counterpart(which, node);
    return twin === undefined || !this.isDrawn(1 - which, twin);
  }

  /** The features that are on show in one graph alone, as they are in the second. @param {Traced} first @param {Traced} second */
  swapped({ graph }, { graph: other }) {
    /** @type {Record<string, string>} */
    const set = {};
    for (const node of this.#drawn[0]) {
      const key = keyOfNode(graph, node);
      if (key === undefined || !this.isAlone(0, node)) continue;
      const twin = this.counterpart(0, node);
      set[key] = twin === undefined ? "0" : numberText(other.activation[twin]);
    }
    for (const node of this.#drawn[1]) {
      const key = keyOfNode(other, node);
      if (key !== undefined && this.isAlone(1, node)) set[key] = numberText(other.activation[node]);
    }
    return set;
  }

  /**
   * The features on show, the most influential first: only in the first, in both (as nodes of the first), only in the second.
   * @param {Traced} first
   * @param {Traced} second
   */
  sorted(first, second) {
    const [ofFirst, ofSecond] = [featuresOf(first), featuresOf(second)];
    // What one of the graphs has and merely prunes away is in both.
    const prunedThere = ofFirst.filter((node) => this.counterpart(0, node) !== undefined && this.isAlone(0, node));
    const prunedHere = ofSecond.flatMap((node) => (this.isAlone(1, node) ? (this.counterpart(1, node) ?? []) : []));
    return {
      lost: ofFirst.filter((node) => this.counterpart(0, node) === undefined),
      shared: [...ofFirst.filter((node) => !this.isAlone(0, node)), ...prunedThere, ...prunedHere],
      gained: ofSecond.filter((node) => this.counterpart(1, node) === undefined),
      pruned: prunedThere.length + prunedHere.length,
    };
  }
}

/** @param {Traced} traced */
function featuresOf({ graph, pruned }) {
  return Array.from(pruned.nodes)
    .filter((node) => graph.kind[node] === FEATURE)
    .sort((a, b) => graph.influence[a] - graph.influence[b]);
}
