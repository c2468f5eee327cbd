// Edges as marks: wide is strong, blue-green adds, dashed orange takes away. Plain geometry.

/** @import { Pruned } from "../lab/engine-api.js" */
/** @import { Layout } from "./layout.js" */
/** @import { CurveMark } from "./marks.js" */

import { curveOf, within } from "./curves.js";

/**
 * What an edge is drawn for: as one of all, as one of the node's that is looked at, as one further along its paths.
 * @typedef {"all" | "own" | "along"} Role
 */
/** A part of the picture, in its own units. @typedef {{ left: number, right: number, top: number, bottom: number }} Window */

/** Dashes of what takes away, in rem. */
export const DASHES = [0.4, 0.22];

/** Fainter than this nobody sees a line, and a thousand of them only make a fog. */
const UNSEEN = 0.02;
/** Lines as faint are most of a large graph, and can wait until the eye rests. */
const FAINT = 0.05;

/**
 * How an edge is drawn: its width in rem, its opacity.
 * @param {number} strength its share of the strongest
 * @param {Role} role
 * @param {number} crowd
 */
function strokeOf(strength, role, crowd) {
  const width = 0.04 + (role === "own" ? 0.26 : 0.2) * Math.sqrt(strength);
  const alpha =
    role === "own"
      ? 0.35 + 0.6 * Math.sqrt(strength)
      : role === "along"
        ? 0.2 + 0.4 * Math.sqrt(strength)
        : 0.1 * crowd + 0.5 * Math.sqrt(crowd) * strength ** 0.7;
  return { width, alpha };
}

/** Beyond a few hundred lines the faint ones hide the strong, so all become fainter. @param {number} edges */
function crowdOf(edges) {
  return Math.min(1, Math.sqrt(250 / edges));
}

/** The strength below which an edge is fainter than this. @param {number} crowd @param {number} alpha */
function strengthAt(crowd, alpha) {
  return Math.max(0, (alpha - 0.1 * crowd) / (0.5 * Math.sqrt(crowd))) ** (1 / 0.7);
}

/** Of all edges, how many are well seen, and how many are seen at all. @param {Float32Array} weights strongest first */
export function seenOf(weights) {
  const strongest = Math.abs(weights[0] ?? 0);
  const crowd = crowdOf(weights.length);
  const [strong, seen] = [FAINT, UNSEEN].map((alpha) => {
    const least = strongest * strengthAt(crowd, alpha);
    let [low, high] = [0, weights.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Math.abs(weights[middle]) >= least) low = middle + 1;
      else high = middle;
    }
    return low;
  });
  return { strong, seen };
}

/**
 * Marks of edges, in the edges' order, which is strongest first.
 * @param {Layout} layout
 * @param {Pruned} pruned
 * @param {object} options
 * @param {number} options.rem
 * @param {Uint32Array} [options.only] these edges, strongest first; all without it
 * @param {Role} [options.role]
 * @param {number} [options.first] from this one of them
 * @param {number} [options.end] up to this one
 * @param {number} [options.steps] how many widths there are, so that edges of one can be stroked at once; any without it
 * @param {Window} [options.seen] what is wholly beside it is left out, and of what reaches far beyond only a piece is kept
 * @returns {CurveMark[]}
 */
export function edgeMarks(layout, pruned, { rem, only, role = "all", first = 0, end = Infinity, steps, seen }) {
  const { sources, targets, weights } = pruned;
  const count = only ? only.length : weights.length;
  const strongest = Math.abs(weights[only ? only[0] : 0] ?? 0);
  if (!(strongest > 0)) return [];
  const crowd = crowdOf(count);
  const dash = DASHES.map((each) => each * rem);
  /** @type {CurveMark[]} */ const marks = [];
  for (let i = first; i < Math.min(count, end); i++) {
    const edge = only ? only[i] : i;
    const from = layout.boxes.get(sources[edge]);
    const to = layout.boxes.get(targets[edge]);
    if (!from || !to) continue;
    if (seen && (Math.max(from.x, to.x) < seen.left || Math.min(from.x, to.x) > seen.right || from.y < seen.top || to.y > seen.bottom))
      continue;
    const points = curveOf(from, to);
    const { width, alpha } = strokeOf(stepped(Math.abs(weights[edge]) / strongest, steps), role, crowd);
    const minus = weights[edge] < 0;
    marks.push({
      shape: "curve",
      part: "edge",
      edge,
      points: seen ? within(points, seen.left, seen.right) : points,
      stroke: minus ? "negative" : "positive",
      line: rem * width,
      alpha,
      dash: minus ? dash : undefined,
    });
  }
  return marks;
}

/** The strength in the middle of its step. @param {number} strength @param {number | undefined} steps */
function stepped(strength, steps) {
  if (steps === undefined) return strength;
  return ((Math.min(steps - 1, Math.floor(Math.sqrt(strength) * steps)) + 0.5) / steps) ** 2;
}
