// Draws marks on a canvas: many at once, as one path, wherever they look the same.

/** @import { CircleMark, Colour, CurveMark, ImageMark, Mark, PathMark, RectMark, TextMark } from "./marks.js" */

import { HALO } from "./halo.js";

const AT_ONCE = 256; // rectangles of one look are one path: more become slow to fill

/**
 * How marks look on this canvas.
 * @typedef {object} CanvasLook
 * @property {(colour: Colour) => string} paint a colour as the canvas takes it
 * @property {{ sans: string, mono: string }} fonts families
 * @property {(plot: any) => CanvasImageSource} [imageOf] the picture of a heat map
 */

/**
 * What is beneath, then edges from the thinnest up, then nodes, of which no two overlap: their heat maps, frames and texts.
 * @param {CanvasRenderingContext2D} context its `globalAlpha` and `globalCompositeOperation` are as they were afterwards
 * @param {Iterable<Mark>} marks
 * @param {CanvasLook} look
 */
export function drawMarks(context, marks, look) {
  /** @type {CurveMark[]} */ const curves = [];
  /** @type {RectMark[]} */ const rects = [];
  /** @type {ImageMark[]} */ const images = [];
  /** @type {(CircleMark | TextMark)[]} */ const above = [];
  for (const mark of marks) {
    if (mark.shape === "curve") curves.push(mark);
    else if (mark.shape === "image") images.push(mark);
    else if (mark.shape === "rect" && mark.node !== undefined) rects.push(mark);
    else if (mark.node !== undefined && (mark.shape === "circle" || mark.shape === "text")) above.push(mark);
    else drawOne(context, mark, look);
  }
  drawCurves(context, curves, look);
  for (const image of images) drawImage(context, image, look);
  drawRects(context, rects, look);
  for (const mark of above) drawOne(context, mark, look);
}

/** @param {CanvasRenderingContext2D} context @param {Mark} mark @param {CanvasLook} look */
function drawOne(context, mark, look) {
  if (mark.shape === "text") write(context, mark, look);
  else if (mark.shape === "rect") drawRects(context, [mark], look);
  else if (mark.shape === "path") strokePath(context, new Path2D(mark.d), mark, look);
  else if (mark.shape === "circle") {
    const path = new Path2D();
    path.arc(mark.x, mark.y, mark.radius, 0, 2 * Math.PI);
    strokePath(context, path, mark, look);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Path2D} path
 * @param {{ stroke?: Colour, line?: number, dash?: number[] }} lines
 * @param {CanvasLook} look
 */
function strokePath(context, path, { stroke, line = 1, dash }, { paint }) {
  if (stroke === undefined) return;
  context.strokeStyle = paint(stroke);
  context.lineWidth = line;
  context.setLineDash(dash ?? []);
  context.stroke(path);
}

/** @param {CanvasRenderingContext2D} context @param {CurveMark[]} curves @param {CanvasLook} look */
function drawCurves(context, curves, look) {
  /** @type {Map<string, { mark: CurveMark, path: Path2D }>} */
  const alike = new Map();
  for (const mark of curves) {
    const key = `${mark.line} ${mark.stroke}`;
    let held = alike.get(key);
    if (!held) alike.set(key, (held = { mark, path: new Path2D() }));
    const { points } = mark;
    held.path.moveTo(points[0], points[1]);
    for (let i = 2; i < points.length; i += 6)
      held.path.bezierCurveTo(points[i], points[i + 1], points[i + 2], points[i + 3], points[i + 4], points[i + 5]);
  }
  const before = context.globalAlpha;
  // Of one width, those that take away lie above.
  for (const { mark, path } of [...alike.values()].sort((a, b) => a.mark.line - b.mark.line || (a.mark.dash ? 1 : -1))) {
    context.globalAlpha = before * mark.alpha;
    strokePath(context, path, mark, look);
  }
  context.globalAlpha = before;
}

/** @param {CanvasRenderingContext2D} context @param {RectMark[]} rects @param {CanvasLook} look */
function drawRects(context, rects, look) {
  /** @type {Map<string, { mark: RectMark, path: Path2D, count: number }>} */
  const alike = new Map();
  /** @param {{ mark: RectMark, path: Path2D }} held */
  const put = ({ mark, path }) => {
    if (mark.fill !== undefined) {
      context.fillStyle = look.paint(mark.fill);
      context.fill(path);
    }
    strokePath(context, path, mark, look);
  };
  for (const mark of rects) {
    const key = `${mark.fill} ${mark.stroke} ${mark.line} ${mark.dash}`;
    let held = alike.get(key);
    if (!held) alike.set(key, (held = { mark, path: new Path2D(), count: 0 }));
    outline(held.path, mark);
    if (++held.count < AT_ONCE) continue;
    put(held);
    alike.delete(key);
  }
  for (const held of alike.values()) put(held);
}

/** @param {Path2D} path @param {RectMark} mark */
function outline(path, { x, y, width, height, corner, turn }) {
  if (turn) {
    const [middleX, middleY, reach] = [x + width / 2, y + height / 2, width * Math.SQRT1_2];
    path.moveTo(middleX, middleY - reach);
    path.lineTo(middleX + reach, middleY);
    path.lineTo(middleX, middleY + reach);
    path.lineTo(middleX - reach, middleY);
    path.closePath();
  } else if (corner > 0 && corner >= width / 2) {
    path.moveTo(x + width, y + height / 2);
    path.arc(x + width / 2, y + height / 2, width / 2, 0, 2 * Math.PI);
  } else {
    path.roundRect(x, y, width, height, corner);
  }
}

/** @param {CanvasRenderingContext2D} context @param {ImageMark} mark @param {CanvasLook} look */
function drawImage(context, { x, y, size, corner, plot }, { imageOf }) {
  if (!imageOf) return;
  context.save();
  context.beginPath();
  context.roundRect(x, y, size, size, corner);
  context.clip();
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(imageOf(plot), x, y, size, size);
  context.restore();
}

/** @type {Record<TextMark["anchor"], CanvasTextAlign>} */
const ALIGN = { start: "left", middle: "center", end: "right" };

/** @param {CanvasRenderingContext2D} context @param {TextMark} mark @param {CanvasLook} look */
function write(context, { x, y, text, size, weight, font, anchor, turn = 0, fill, halo }, { paint, fonts }) {
  context.font = `${weight} ${size}px ${fonts[font]}`;
  context.fillStyle = paint(fill);
  context.textAlign = ALIGN[anchor];
  context.textBaseline = "middle";
  context.save();
  context.translate(x, y);
  if (turn) context.rotate((turn * Math.PI) / 180);
  if (halo) {
    context.strokeStyle = paint(halo);
    context.lineWidth = HALO * size;
    context.lineJoin = "round";
    context.setLineDash([]);
    context.strokeText(text, 0, 0);
  }
  context.fillText(text, 0, 0);
  context.restore();
}
