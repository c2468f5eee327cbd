// Edges in bundles. All that runs from the nodes of one place (a layer at a token, or the tokens of a stretch) to those of another shares a
// trunk, as wide as its edges are together; at both ends it fans out to the nodes. Those of one place stand together, so that a trunk
// begins and ends where one sees them, which cannot be said of supernodes. Plain geometry.

/** @import { Pruned } from "../lab/engine-api.js" */
/** @import { Graph } from "../lab/messages.js" */
/** @import { Window } from "./edges.js" */
/** @import { Layout } from "./layout.js" */
/** @import { CurveMark } from "./marks.js" */

import { LOGIT, TOKEN } from "../lab/kinds.js";
import { within } from "./curves.js";
import { DASHES } from "./edges.js";

/**
 * The nodes of one place: how far they reach, how many they are, the weight of their edges, and its middle.
 * @typedef {{ left: number, right: number, top: number, bottom: number, count: number, middle: number, weight: number }} Group
 */
/** A curve of a bundle. `weight`: of its edges together, with the sign of all of them; `edge`: the strongest of them. @typedef {{ points: number[], weight: number, edge: number, trunk: boolean }} Strand */

const FEW = 300; // edges that can be told apart without
const MANY = 100_000; // edges whose sums would hold up the page
const LIFT = 0.75; // rem from a group to where its fans meet
const APART = 0.3; // rem from the middle: what adds runs left of what takes away
const WIDTH = { least: 0.05, most: 0.55 }; // rem
const ALPHA = { least: 0.06, most: 0.55 };
const UNSEEN = 0.01; // of the strongest trunk
const FAN = 0.3; // of a trunk's strength
const ALIKE = 30; // trunks as strong as the strongest that can be told apart
const STEPS = 24; // of strength: all strands of one step are stroked at once

/**
 * The edges in bundles; each edge is in one trunk and two fans at most. Summing very many holds up a page, so that it may be done some edges
 * at a time.
 */
export class Bundles {
  /** How many edges there are, and how many are summed. */
  count;
  summed = 0;
  /** @type {{ strongest: number, alike: number, strands: Strand[] } | undefined} */ #drawn;
  #pruned;
  #layout;
  #rem;
  /** @type {Group[]} */ #groups;
  /** @type {Int32Array} */ #groupOf;
  // Sums of what leaves and what enters each node, of what adds and of what takes away, and the strongest edge of each.
  /** @type {Float64Array} */ #leaves;
  /** @type {Float64Array} */ #enters;
  /** @type {Int32Array} */ #first;
  /** @type {Int32Array} */ #last;
  /** @type {Map<number, { from: number, to: number, weight: number, edge: number }>} */ #trunks = new Map();

  /**
   * @param {Graph} graph
   * @param {Pruned} pruned
   * @param {Layout} layout
   * @param {number} rem
   * @returns {Bundles | undefined} nothing of few edges, which need no bundles, and of very many
   */
  static gather(graph, pruned, layout, rem) {
    const { length } = pruned.weights;
    return length <= FEW || length > MANY ? undefined : new Bundles(graph, pruned, layout, rem);
  }

  /** @param {Graph} graph @param {Pruned} pruned @param {Layout} layout @param {number} rem */
  constructor(graph, pruned, layout, rem) {
    this.count = pruned.weights.length;
    this.#pruned = pruned;
    this.#layout = layout;
    this.#rem = rem;
    const { groups, groupOf } = groupsOf(graph, layout);
    [this.#groups, this.#groupOf] = [groups, groupOf];
    const ends = 2 * graph.kind.length;
    [this.#leaves, this.#enters] = [new Float64Array(ends), new Float64Array(ends)];
    [this.#first, this.#last] = [new Int32Array(ends).fill(-1), new Int32Array(ends).fill(-1)];
  }

  /** Sums the edges up to this one. @param {number} end */
  sum(end) {
    const { sources, targets, weights } = this.#pruned;
    const [groupOf, groups, trunks] = [this.#groupOf, this.#groups.length, this.#trunks];
    const [leaves, enters, first, last] = [this.#leaves, this.#enters, this.#first, this.#last];
    const from = this.summed;
    this.summed = Math.max(from, Math.min(end, this.count));
    for (let edge = from; edge < this.summed; edge++) {
      const source = sources[edge];
      const target = targets[edge];
      const weight = weights[edge];
      const [below, above] = [groupOf[source], groupOf[target]];
      if (below < 0 || above < 0) continue;
      const minus = weight < 0 ? 1 : 0;
      const key = (below * groups + above) * 2 + minus;
      const trunk = trunks.get(key);
      if (trunk) trunk.weight += weight;
      else trunks.set(key, { from: below, to: above, weight, edge });
      leaves[2 * source + minus] += weight;
      enters[2 * target + minus] += weight;
      if (first[2 * source + minus] < 0) first[2 * source + minus] = edge;
      if (last[2 * target + minus] < 0) last[2 * target + minus] = edge;
    }
  }

  /**
   * What is drawn of them; what is not summed yet is summed for it.
   * @returns {{ strongest: number, alike: number, strands: Strand[] }} the weight of the strongest trunk, how many as strong all trunks
   *   would make, and the strands that one sees, strongest first
   */
  get drawn() {
    if (this.#drawn) return this.#drawn;
    this.sum(this.count);
    this.#findMiddles();
    let [strongest, sum] = [0, 0];
    for (const { weight } of this.#trunks.values()) {
      const size = Math.abs(weight);
      strongest = Math.max(strongest, size);
      sum += size;
    }
    return (this.#drawn = { strongest, alike: strongest > 0 ? sum / strongest : 0, strands: this.strandsFrom(UNSEEN * strongest) });
  }

  #findMiddles() {
    const [groups, groupOf, sums] = [this.#groups, this.#groupOf, [this.#leaves, this.#enters]];
    for (const { node, x } of this.#layout.boxes.values()) {
      const group = groups[groupOf[node]];
      const weight = 1e-9 + sums.reduce((sum, all) => sum + all[2 * node] - all[2 * node + 1], 0);
      group.weight += weight;
      group.middle += (x - group.middle) * (weight / group.weight);
    }
  }

  /** The strands of at least this weight, strongest first, once all edges are summed. @param {number} least @returns {Strand[]} */
  strandsFrom(least) {
    const [rem, groups, groupOf, leaves, enters] = [this.#rem, this.#groups, this.#groupOf, this.#leaves, this.#enters];
    const isLess = (/** @type {number} */ weight) => weight === 0 || Math.abs(weight) < least;
    /** @type {Strand[]} */ const strands = [];
    // Most trunks of a large graph are none that one sees.
    for (const { from, to, weight, edge } of this.#trunks.values()) {
      if (isLess(weight)) continue;
      const [[x, y], [x3, y3]] = [portOf(groups[from], weight, true, rem), portOf(groups[to], weight, false, rem)];
      const bend = Math.max(Math.abs(y - y3) * 0.5, rem);
      strands.push({ points: [x, y, x, y - bend, x3, y3 + bend, x3, y3], weight, edge, trunk: true });
    }
    for (const { node, x, y } of this.#layout.boxes.values()) {
      const group = groups[groupOf[node]];
      if (group.count < 2) continue;
      for (const minus of [0, 1]) {
        const [out, into] = [leaves[2 * node + minus], enters[2 * node + minus]];
        const aside = x + (minus ? APART : -APART) * rem * 0.5;
        if (!isLess(out)) {
          const [endX, endY] = portOf(group, out, true, rem);
          const bend = (group.top - endY) * 0.6;
          const points = [...line(aside, y, group.top), aside, group.top - bend, endX, endY + bend, endX, endY];
          strands.push({ points, weight: out, edge: this.#first[2 * node + minus], trunk: false });
        }
        if (!isLess(into)) {
          const [fromX, fromY] = portOf(group, into, false, rem);
          const bend = (fromY - group.bottom) * 0.6;
          const points = [fromX, fromY, fromX, fromY - bend, aside, group.bottom + bend, ...line(aside, group.bottom, y)];
          strands.push({ points, weight: into, edge: this.#last[2 * node + minus], trunk: false });
        }
      }
    }
    return strands.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  }
}

/** Down or up, as a piece of a curve and its beginning. @param {number} x @param {number} from @param {number} to */
function line(x, from, to) {
  return [x, from, x, from, x, to, x, to];
}

/** Where the fans of a group meet, above or below it; a node by itself has none. @param {Group} group @param {number} weight @param {boolean} up @param {number} rem */
function portOf({ middle, top, bottom, count }, weight, up, rem) {
  const lift = count > 1 ? LIFT * rem : 0;
  return [middle + (weight < 0 ? APART : -APART) * rem, up ? top - lift : bottom + lift];
}

/** @param {Graph} graph @param {Layout} layout */
function groupsOf(graph, { boxes, stretchOf }) {
  /** @type {Group[]} */ const groups = [];
  /** @type {Map<string, number>} */ const known = new Map();
  const groupOf = new Int32Array(graph.kind.length).fill(-1);
  for (const { node, x, y, width, height } of boxes.values()) {
    const [kind, position] = [graph.kind[node], graph.position[node]];
    const key =
      kind === LOGIT
        ? `answer ${node}`
        : kind === TOKEN
          ? `token ${stretchOf?.[position] ?? position}`
          : `${position} ${graph.layer[node]}`;
    let place = known.get(key);
    if (place === undefined) {
      known.set(key, (place = groups.length));
      groups.push({ left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity, count: 0, middle: 0, weight: 0 });
    }
    groupOf[node] = place;
    const group = groups[place];
    group.left = Math.min(group.left, x - width / 2);
    group.right = Math.max(group.right, x + width / 2);
    group.top = Math.min(group.top, y - height / 2);
    group.bottom = Math.max(group.bottom, y + height / 2);
    group.count += 1;
  }
  return { groups, groupOf };
}

/**
 * Bundles as marks, strongest first.
 * @param {Bundles} bundles
 * @param {{ rem: number, seen?: Window }} options `seen`: what is wholly beside it is left out, and of what reaches far beyond only a
 *   piece is kept
 * @returns {CurveMark[]}
 */
export function bundleMarks(bundles, { rem, seen }) {
  const { strongest, alike, strands } = bundles.drawn;
  if (!(strongest > 0)) return [];
  // Where no trunk stands out, all are fainter.
  const crowd = Math.min(1, Math.sqrt(ALIKE / alike));
  const dash = DASHES.map((each) => each * rem);
  /** @type {CurveMark[]} */ const marks = [];
  for (const { points, weight, edge, trunk } of strands) {
    const share = Math.min(1, Math.abs(weight) / strongest) * (trunk ? 1 : FAN);
    if (share < UNSEEN) break;
    const { length } = points;
    const [x, y, x3, y3] = [points[0], points[1], points[length - 2], points[length - 1]];
    if (
      seen &&
      (Math.max(x, x3) < seen.left || Math.min(x, x3) > seen.right || Math.max(y, y3) < seen.top || Math.min(y, y3) > seen.bottom)
    )
      continue;
    const strength = ((Math.min(STEPS - 1, Math.floor(Math.sqrt(share) * STEPS)) + 0.5) / STEPS) ** 2;
    const minus = weight < 0;
    marks.push({
      shape: "curve",
      part: "edge",
      edge,
      points: seen && length === 8 ? within(points, seen.left, seen.right) : points,
      stroke: minus ? "negative" : "positive",
      line: rem * (WIDTH.least + (WIDTH.most - WIDTH.least) * Math.sqrt(strength * crowd)),
      alpha: crowd * (ALPHA.least + (ALPHA.most - ALPHA.least) * Math.sqrt(strength)),
      dash: minus ? dash : undefined,
    });
  }
  return marks;
}
