// How arrows run between the subgraph's cards: around the cards that stand in the way. Plain geometry.

/** @import { Card } from "./places.js" */

/** @typedef {{ x: number, y: number }} Point */

const CLEAR = 6; // pixels kept between an arrow and a card that it passes
const MOST = 24; // points of a way
const SAMPLES = 24; // points of a curve that are looked at

/**
 * A point of a piece that leaves and arrives upright, as `pathThrough` draws it.
 * @param {Point} from
 * @param {Point} to
 * @param {number} t 0..1
 * @returns {Point}
 */
function at(from, to, t) {
  const ease = t * t * (3 - 2 * t);
  return { x: from.x + (to.x - from.x) * ease, y: from.y + (to.y - from.y) * t };
}

/** Whether a point lies on a card, or next to it. @param {Point} point @param {Card} card @param {number} clear */
export function isOn({ x, y }, card, clear) {
  return Math.abs(x - card.x) < card.width / 2 + clear && Math.abs(y - card.y) < card.height / 2 + clear;
}

/** The first card in the way of a piece. @param {Point} from @param {Point} to @param {Card[]} others */
function inTheWay(from, to, others) {
  const across = { x: (from.x + to.x) / 2, half: Math.abs(from.x - to.x) / 2 + CLEAR };
  const near = others.filter(
    (each) =>
      each.y - each.height / 2 - CLEAR < from.y &&
      each.y + each.height / 2 + CLEAR > to.y &&
      Math.abs(each.x - across.x) < each.width / 2 + across.half,
  );
  if (near.length === 0) return undefined;
  for (let i = 1; i < SAMPLES; i++) {
    const point = at(from, to, i / SAMPLES);
    const card = near.find((each) => isOn(point, each, CLEAR - 2));
    if (card) return card;
  }
  return undefined;
}

/**
 * The points that an arrow passes on its way up from one card to another, beginning and end with them.
 * @param {Point} from @param {Point} to above it
 * @param {Card[]} others cards that are neither's
 * @param {number} width the pane's
 * @returns {Point[]}
 */
export function routeUp(from, to, others, width) {
  /** @type {Point[]} */ const points = [from, to];
  for (let i = 0; i + 1 < points.length && points.length < MOST; ) {
    const card = inTheWay(points[i], points[i + 1], others);
    if (!card) {
      i += 1;
      continue;
    }
    const x = gapBeside(card, points[i], points[i + 1], others, width);
    // Between the ends: an arrow only ever goes up.
    const low = Math.min(card.y + card.height / 2 + CLEAR, points[i].y - 1);
    const high = Math.max(card.y - card.height / 2 - CLEAR, points[i + 1].y + 1);
    if (x === undefined || low <= high) {
      i += 1;
      continue;
    }
    points.splice(i + 1, 0, { x, y: low }, { x, y: high });
    i += 2; // beside the card it is clear; what comes before it is looked at again
    if (inTheWay(points[i - 2], points[i - 1], others) && points.length < MOST) i -= 2;
  }
  return points;
}

/**
 * The place beside a card that is free at its height, nearest to the straight way.
 * @param {Card} card @param {Point} from @param {Point} to @param {Card[]} others @param {number} width
 */
function gapBeside(card, from, to, others, width) {
  // A card that is higher than the one where it begins has its middle below that beginning.
  const share = Math.max(0, Math.min(1, (from.y - card.y) / (from.y - to.y || 1)));
  const straight = from.x + (to.x - from.x) * share;
  const row = others.filter((each) => Math.abs(each.y - card.y) < (each.height + card.height) / 2 + CLEAR);
  const ends = row.flatMap((each) => [each.x - each.width / 2 - CLEAR, each.x + each.width / 2 + CLEAR]);
  const free = ends.filter((x) => x > 2 && x < width - 2 && !row.some((each) => Math.abs(x - each.x) < each.width / 2 + 2));
  return free.sort((a, b) => Math.abs(a - straight) - Math.abs(b - straight))[0];
}

/** The path through some points, upright at each. @param {Point[]} points */
export function pathThrough(points) {
  let path = `M${round(points[0].x)} ${round(points[0].y)}`;
  for (let i = 1; i < points.length; i++) {
    const [from, to] = [points[i - 1], points[i]];
    const bend = (from.y - to.y) / 3;
    path += `C${round(from.x)} ${round(from.y - bend)} ${round(to.x)} ${round(to.y + bend)} ${round(to.x)} ${round(to.y)}`;
  }
  return path;
}

/**
 * A place for a number on an arrow, on no card and beside no number that is there already.
 * @param {Point[]} points
 * @param {{ width: number, height: number }} size
 * @param {Card[]} taken
 * @returns {Point | undefined} its centre
 */
export function placeOnRoute(points, { width, height }, taken) {
  for (const t of [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]) {
    const along = t * (points.length - 1);
    const piece = Math.min(points.length - 2, Math.floor(along));
    const point = at(points[piece], points[piece + 1], along - piece);
    if (
      !taken.some(
        (each) => Math.abs(point.x - each.x) < (width + each.width) / 2 + 1 && Math.abs(point.y - each.y) < (height + each.height) / 2 + 1,
      )
    )
      return point;
  }
  return undefined;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
