// Draws edges on a canvas: wide is strong, blue-green adds, dashed orange takes away.

/** @import { Lab } from "../lab.js" */
/** @import { Pruned } from "../engine-api.js" */
/** @import { Box, Layout } from "./layout.js" */

import { isOnPaper } from "../theme.js";

const MOST_PIXELS = 16e6;
const WHOLE_PIXELS = 4e6; // a larger picture is drawn as far as it is in sight, and a quarter of the pane around
const AROUND = 1.5;
const STEPS = 24; // of strength: all edges of one step are stroked at once

/** A part of the picture, in pixels of the stage. @typedef {{ x: number, y: number, width: number, height: number }} Part */

/** The part of a picture to draw. @param {Lab} lab @param {Layout} layout @param {number} zoom @param {Element} pane that scrolls it @returns {Part} */
export function partOf(lab, layout, zoom, pane) {
  const [width, height] = [layout.width * zoom, layout.height * zoom];
  if (isOnPaper(lab) || width * height * (devicePixelRatio || 1) ** 2 <= WHOLE_PIXELS) return { x: 0, y: 0, width, height };
  const { scrollLeft, scrollTop, clientWidth, clientHeight } = pane;
  const part = { width: Math.min(width, AROUND * clientWidth), height: Math.min(height, AROUND * clientHeight) };
  const from = (/** @type {number} */ scroll, /** @type {number} */ seen, /** @type {number} */ drawn, /** @type {number} */ all) =>
    Math.max(0, Math.min(all - drawn, Math.round(scroll - (drawn - seen) / 2)));
  return { x: from(scrollLeft, clientWidth, part.width, width), y: from(scrollTop, clientHeight, part.height, height), ...part };
}

/**
 * Sizes a canvas for sharp lines on this display, which empties it.
 * @param {HTMLCanvasElement} canvas
 * @param {Part} part
 * @param {number} zoom
 */
export function sized(canvas, { x, y, width, height }, zoom) {
  // Phones draw nothing on a canvas that is too large.
  const scale = Math.min(devicePixelRatio || 1, Math.sqrt(MOST_PIXELS / (width * height)));
  const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  } else {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, across, down);
  }
  canvas.style.left = `${x}px`;
  canvas.style.top = `${y}px`;
  context.setTransform(scale * zoom, 0, 0, scale * zoom, -x * scale, -y * scale);
  return context;
}

/**
 * How an edge is drawn: its width in rem, its opacity.
 * @param {number} strength its share of the strongest
 * @param {"all" | "own" | "along"} role
 * @param {number} crowd
 */
export function strokeOf(strength, role, crowd) {
  const width = 0.04 + (role === "own" ? 0.26 : 0.2) * Math.sqrt(strength);
  const alpha =
    role === "own"
      ? 0.35 + 0.6 * Math.sqrt(strength)
      : role === "along"
        ? 0.2 + 0.4 * Math.sqrt(strength)
        : 0.1 * crowd + 0.5 * Math.sqrt(crowd) * strength ** 0.7;
  return { width, alpha };
}

/** Fainter than this nobody sees a line, and a thousand of them only make a fog. */
const UNSEEN = 0.02;
/** Lines as faint are most of a large graph, and can wait until the eye rests. */
const FAINT = 0.05;

/** Beyond a few hundred lines the faint ones hide the strong, so all become fainter. @param {number} edges */
export function crowdOf(edges) {
  return Math.min(1, Math.sqrt(250 / edges));
}

/** The strength below which an edge is fainter than this. @param {number} crowd @param {number} alpha */
function strengthAt(crowd, alpha) {
  return Math.max(0, (alpha - 0.1 * crowd) / (0.5 * Math.sqrt(crowd))) ** (1 / 0.7);
}

/** Dashes of what takes away, in rem. */
export const DASHES = [0.4, 0.22];

/** The largest |weight|, 0 without edges. @param {Float32Array} weights strongest first */
export function strongestOf(weights) {
  return Math.abs(weights[0] ?? 0);
}

/** Of all edges, how many are well seen, and how many are seen at all. @param {Float32Array} weights strongest first */
export function seenOf(weights) {
  const strongest = strongestOf(weights);
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
 * Edges lie strongest first.
 * @param {Lab} lab
 * @param {CanvasRenderingContext2D} context
 * @param {Layout} layout
 * @param {Pruned} pruned
 * @param {{ only?: Uint32Array, along?: boolean, beneath?: boolean, first?: number, end?: number, rem: number, part: Part, zoom: number
 *   }} options
 *   `only`: these edges, drawn boldly, or less so along paths; `beneath` what is drawn; from `first` up to `end`; none that
 *   is wholly beside the `part` of the picture that the canvas holds
 */
export function drawEdges(lab, context, layout, pruned, { only, along, beneath, first = 0, end = Infinity, rem, part, zoom }) {
  const { sources, targets, weights } = pruned;
  const strongest = only ? Math.abs(weights[only[0]] ?? 0) : strongestOf(weights);
  if (!(strongest > 0)) return;
  const count = only ? only.length : weights.length;
  const crowd = crowdOf(count);
  const [left, right, top, bottom] = [part.x / zoom, (part.x + part.width) / zoom, part.y / zoom, (part.y + part.height) / zoom];
  /** By strength and sign, weakest first. @type {(Path2D | undefined)[]} */
  const paths = new Array(2 * STEPS);
  for (let i = first; i < Math.min(count, end); i++) {
    const edge = only ? only[i] : i;
    const from = layout.boxes.get(sources[edge]);
    const to = layout.boxes.get(targets[edge]);
    if (!from || !to || Math.max(from.x, to.x) < left || Math.min(from.x, to.x) > right || from.y < top || to.y > bottom) continue;
    const strength = Math.abs(weights[edge]) / strongest;
    const step = Math.min(STEPS - 1, Math.floor(Math.sqrt(strength) * STEPS));
    const at = 2 * step + (weights[edge] < 0 ? 1 : 0);
    addCurve((paths[at] ??= new Path2D()), within(curveOf(from, to), left, right));
  }
  context.globalCompositeOperation = beneath ? "destination-over" : "source-over";
  const colours = [lab.colour("positive"), lab.colour("negative")];
  paths.forEach((path, at) => {
    if (!path) return;
    const { width, alpha } = strokeOf((((at >> 1) + 0.5) / STEPS) ** 2, only ? (along ? "along" : "own") : "all", crowd);
    const minus = at & 1;
    context.strokeStyle = colours[minus];
    context.globalAlpha = alpha;
    context.lineWidth = rem * width;
    context.setLineDash(minus ? DASHES.map((dash) => dash * rem) : []);
    context.stroke(path);
  });
  context.globalAlpha = 1;
  context.globalCompositeOperation = "source-over";
}

/** The four points of an edge's Bézier curve. @param {Box} from @param {Box} to */
export function curveOf(from, to) {
  // Lines leave and enter spread along the edge of a box, towards where they go.
  const lean = (to.x - from.x) * 0.06;
  const fromX = from.x + clamp(lean, from.width * 0.38);
  const toX = to.x - clamp(lean, to.width * 0.38);
  const fromY = from.y - from.height / 2;
  const toY = to.y + to.height / 2;
  const bend = Math.max(Math.abs(fromY - toY) * 0.5, 18);
  return [fromX, fromY, fromX, fromY - bend, toX, toY + bend, toX, toY];
}

/**
 * The piece of a curve that lies in sight, where most of it does not: thousands of dashes beside the screen take their time too.
 * @param {number[]} curve its x goes one way only
 * @param {number} left
 * @param {number} right
 */
function within(curve, left, right) {
  const room = right - left;
  if (Math.abs(curve[6] - curve[0]) < 3 * room) return curve;
  const [start, end] = [left - room / 2, right + room / 2].map((x) => shareAt(curve, x)).sort((a, b) => a - b);
  return piece(piece(curve, 0, end), start / (end || 1), 1);
}

/** How far along a curve, 0 to 1, it is at x. @param {number[]} curve @param {number} x */
function shareAt(curve, x) {
  const rises = curve[6] > curve[0];
  let [low, high] = [0, 1];
  for (let i = 0; i < 20; i++) {
    const t = (low + high) / 2;
    // Its first two points have one x, and so have its last two.
    const at = curve[0] + (curve[6] - curve[0]) * t * t * (3 - 2 * t);
    if (at < x === rises) low = t;
    else high = t;
  }
  return (low + high) / 2;
}

/**
 * A piece of a curve, by shares; one end is an end of the curve.
 * @param {number[]} curve
 * @param {number} from
 * @param {number} to
 * @returns {number[]}
 */
function piece([x, y, x1, y1, x2, y2, x3, y3], from, to) {
  const t = from > 0 ? from : to;
  const mix = (/** @type {number} */ a, /** @type {number} */ b) => a + (b - a) * t;
  const [ax, ay, bx, by, cx, cy] = [mix(x, x1), mix(y, y1), mix(x1, x2), mix(y1, y2), mix(x2, x3), mix(y2, y3)];
  const [dx, dy, ex, ey] = [mix(ax, bx), mix(ay, by), mix(bx, cx), mix(by, cy)];
  const [mx, my] = [mix(dx, ex), mix(dy, ey)];
  return from > 0 ? [mx, my, ex, ey, cx, cy, x3, y3] : [x, y, ax, ay, dx, dy, mx, my];
}

/** @param {Path2D} path @param {number[]} curve */
function addCurve(path, [x, y, x1, y1, x2, y2, x3, y3]) {
  path.moveTo(x, y);
  path.bezierCurveTo(x1, y1, x2, y2, x3, y3);
}

/** @param {number} value @param {number} limit */
function clamp(value, limit) {
  return Math.max(-limit, Math.min(limit, value));
}
