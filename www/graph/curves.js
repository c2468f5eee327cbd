// The curves of edges. Plain geometry.

/** @import { Box } from "./layout.js" */

/** The four points of an edge's Bézier curve, as eight numbers. @param {Box} from @param {Box} to */
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
export function within(curve, left, right) {
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

/** @param {number} value @param {number} limit */
function clamp(value, limit) {
  return Math.max(-limit, Math.min(limit, value));
}
