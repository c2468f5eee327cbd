// What is on show, the story or all nodes with the subgraph below them, as one stand-alone SVG with a caption; and the same as a PNG for
// print.

/** @import { Shape, SvgLook } from "../graph/draw-svg.js" */
/** @import { Colour, TextMark } from "../graph/marks.js" */
/** @import { Lab } from "./lab.js" */
/** @import { Badge } from "./steer/badges.js" */
/** @import { Card } from "./subgraph/places.js" */
/** @import { View } from "./view.js" */

import { marksOf } from "../graph/all-marks.js";
import { bundleMarks, Bundles } from "../graph/bundles.js";
import { shapeOf } from "../graph/draw-svg.js";
import { layOut } from "../graph/layout.js";
import { layOutStretches } from "../graph/stretches.js";
import { roundCorners, shapesOf, textOf } from "../graph/svg-text.js";
import { wordsOf } from "../graph/words.js";
import { html } from "./dom.js";
import { picture } from "./graph/heat.js";
import { captionOf } from "./picture-caption.js";
import { badgesOf } from "./steer/badges.js";
import { storyShapes } from "./story/picture.js";
import { cardShape, flowsShape } from "./subgraph/draw.js";
import { flowsOf, itemsOf } from "./subgraph/items.js";
import { placeItems } from "./subgraph/places.js";

const WIDTH = 1100; // CSS pixels
const LEAST_HEIGHT = 520;
const REM = 15;
const MARGIN = 24;
const SUBGRAPH = 300;
const DPI = 300;
const CSS_DPI = 96;
const MOST_PIXELS = 60e6; // browsers draw no larger canvas
const CORNERS = "corners";
// A file has the fonts of whoever opens it.
const FONTS = { sans: "Helvetica, Arial, 'Liberation Sans', sans-serif", mono: "Menlo, Consolas, 'Liberation Mono', monospace" };

/** @typedef {{ text: string, width: number, height: number }} PictureFile size in CSS pixels */

/** @param {Lab} lab @returns {PictureFile} */
export function pictureOf(lab) {
  const { view } = lab;
  if (!view) throw new Error("There is no graph to draw yet.");
  const look = {
    paint: (/** @type {Colour} */ colour) => lab.colour(colour),
    fonts: FONTS,
    hrefOf: (/** @type {any} */ plot) => picture(lab, plot).toDataURL(),
    corners: CORNERS,
  };
  const drawn = lab.shown === "story" ? storyShapes(lab.part("story"), look) : nodeShapes(lab, view, look);
  const width = Math.ceil(drawn.width);
  const y = drawn.height;
  const lines = captionOf(lab, Math.floor((width - 2 * MARGIN) / (0.47 * REM)));
  const caption = lines.map((text, i) => {
    /** @type {Pick<TextMark, "size" | "weight" | "fill">} */
    const type = i === 0 ? { size: REM, weight: 600, fill: "ink" } : { size: 0.82 * REM, weight: 400, fill: "soft" };
    return line(text, y + (i + 1) * 1.35 * REM - 0.35 * type.size, type, look);
  });
  const content = [
    { tag: "title", attributes: {}, content: `Attribution graph of “${view.prompt}”` },
    ...(view.operands ? [{ tag: "defs", attributes: {}, content: [roundCorners(CORNERS)] }] : []),
    { tag: "rect", attributes: { width: "100%", height: "100%", fill: lab.colour("surface") } },
    ...drawn.shapes,
    ...caption,
  ];
  const height = Math.ceil(y + (lines.length + 1) * 1.35 * REM);
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    role: "img",
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    "font-family": FONTS.sans,
  };
  return { text: textOf({ tag: "svg", attributes, content }), width, height };
}

/** All nodes, and the subgraph below them. @param {Lab} lab @param {View} view @param {SvgLook} look */
function nodeShapes(lab, view, look) {
  const { graph, pruned, operands } = view;
  const pane = { width: WIDTH - 2 * MARGIN, height: LEAST_HEIGHT, rem: REM, plotted: operands !== undefined };
  const layout = (pane.plotted ? undefined : layOutStretches(graph, pruned.nodes, pane)) ?? layOut(graph, pruned.nodes, pane);
  const bundles = Bundles.gather(graph, pruned, layout, REM);
  const marks = marksOf({
    graph,
    pruned,
    layout,
    rem: REM,
    nameOf: (node) => lab.nameOf(node),
    plotOf: (node) => lab.plot(node),
    operands,
    edges: bundles && bundleMarks(bundles, { rem: REM }),
    words: wordsOf(graph, layout, {
      ...{ rem: REM * (layout.scale ?? 1), zoom: 1, whole: pane.plotted },
      labelOf: (node) => lab.labelOf(node),
    }),
  });
  const width = layout.width + 2 * MARGIN;
  let y = MARGIN + layout.height + 1.2 * REM;
  const badges = badgesOf(lab, pruned.nodes, (node) => layout.boxes.get(node), REM * (layout.scale ?? 1));
  const shapes = [moved(MARGIN, MARGIN, [...shapesOf(marks, look), ...badges.flatMap((badge) => badgeShapes(lab, badge, look))])];
  const items = itemsOf(lab);
  if (items.length > 0) {
    const pane = placeItems(lab, items, { width: layout.width, height: SUBGRAPH, rem: REM });
    shapes.push(line("Subgraph", y + 0.7 * REM, { size: 0.85 * REM, weight: 600, fill: "soft" }, look));
    y += 1.6 * REM;
    const cards = items.map((item) => {
      const card = /** @type {Card} */ (pane.cards.get(item));
      return moved(card.x, card.y, [cardShape(lab, item, card, REM, look)]);
    });
    shapes.push(bare(moved(MARGIN, y, [flowsShape(flowsOf(lab, items), pane.cards, REM, look), ...cards])));
    y += pane.height + REM;
  }
  return { shapes, width, height: y };
}

/** What became of a node with features set. @param {Lab} lab @param {Badge} badge @param {SvgLook} look @returns {Shape[]} */
function badgeShapes(lab, { text, kind, box }, look) {
  if (!box) return [];
  const { x, y, width, height } = box;
  /** @type {[Colour, Colour]} */
  const [fill, ink] = kind === "setting" ? ["accent", "surface"] : ["surface", kind === "less" ? "negative" : "positive"];
  const frame = {
    x: x - width / 2,
    y: y - height / 2,
    width,
    height,
    rx: height / 2,
    fill: lab.colour(fill),
    stroke: lab.colour("line-strong"),
  };
  /** @type {TextMark} */
  const words = { shape: "text", part: "label", text, x, y, font: "sans", anchor: "middle", size: 0.66 * height, weight: 600, fill: ink };
  return [{ tag: "rect", attributes: frame }, /** @type {Shape} */ (shapeOf(words, look))];
}

/** @param {number} x @param {number} y @param {Shape[]} content @returns {Shape} */
function moved(x, y, content) {
  return { tag: "g", attributes: { transform: `translate(${Math.round(x * 100) / 100} ${Math.round(y * 100) / 100})` }, content };
}

/**
 * A line of text at the left margin.
 * @param {string} text @param {number} y its middle @param {Pick<TextMark, "size" | "weight" | "fill">} type @param {SvgLook} look
 */
function line(text, y, type, look) {
  return /** @type {Shape} */ (shapeOf({ shape: "text", part: "label", text, x: MARGIN, y, font: "sans", anchor: "start", ...type }, look));
}

/** Without what only the page has a use for. @param {Shape} shape @returns {Shape} */
function bare({ tag, attributes, content }) {
  const kept = Object.entries(attributes).filter(([name]) => !/^(class|tabindex|role|aria-|data-)/.test(name));
  const inside = Array.isArray(content) ? content.filter((each) => each.attributes.class !== "halo").map(bare) : content;
  return { tag, attributes: Object.fromEntries(kept), content: inside };
}

/** @param {PictureFile} file @returns {Promise<Blob>} at 300 dots per inch, as far as browsers draw that */
export async function toPng({ text, width, height }) {
  const scale = Math.min(DPI / CSS_DPI, Math.sqrt(MOST_PIXELS / (width * height)));
  const image = new Image();
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  try {
    image.src = url;
    await image.decode();
  } finally {
    URL.revokeObjectURL(url);
  }
  const canvas = html("canvas", { width: Math.round(width * scale), height: Math.round(height * scale) });
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("too large"))), "image/png"));
}
