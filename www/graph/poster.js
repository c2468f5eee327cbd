// A graph as one small SVG that needs nothing else: what stands in a page until its element is alive, and the picture of a link to it.

/** @import { Pruned } from "../lab/engine-api.js" */
/** @import { Graph } from "../lab/messages.js" */
/** @import { Shape } from "./draw-svg.js" */
/** @import { Colour, Here, Mark } from "./marks.js" */
/** @import { Palette } from "./palette.js" */

import { marksOf } from "./all-marks.js";
import { bundleMarks, Bundles } from "./bundles.js";
import { layOut } from "./layout.js";
import { DARK, LIGHT } from "./palette.js";
import { layOutStretches } from "./stretches.js";
import { roundCorners, shapesOf, textOf } from "./svg-text.js";

const REM = 13;
const MARGIN = 8;
const MOST = 400; // edges: weaker ones are hardly seen in a small picture, and make it large
const FONTS = { sans: "system-ui, 'Liberation Sans', sans-serif", mono: "ui-monospace, 'Liberation Mono', monospace" };

/**
 * The poster's text. Its attributes have the light colours, which any program draws; its stylesheet, where one is allowed, has the dark
 * ones for those who prefer them.
 * @param {object} what
 * @param {Graph} what.graph
 * @param {Pruned} what.pruned
 * @param {string} what.title what it is called, for those who do not see it
 * @param {(node: number) => string} [what.nameOf] a node's name; without it nodes have no titles, and the poster is smaller
 * @param {(node: number) => string | undefined} [what.plotOf] a node's heat map as a data URL of a picture, which need
 *   not be larger than 40 pixels; without it features are dots
 * @param {Here} [what.operands] the prompt's own
 * @param {number} [what.width] in pixels; a graph that needs more room becomes a larger poster of about the same form
 * @param {number} [what.height]
 * @param {Palette} [what.light]
 * @param {Palette | null} [what.dark] nothing: it is as `light` says always, which may be `light-dark()` or `var()` where a page
 *   has a choice of its own
 * @param {string} [what.id] what its classes and ids begin with: posters of one document with other palettes need others
 * @param {number} [what.most] edges; the weakest of more are left out
 * @returns {string} an `<svg>`
 * @throws where a heat map is no picture inside a data URL, or a colour is none: nothing is fetched
 */
export function posterOf({
  graph,
  pruned,
  title,
  nameOf,
  plotOf,
  operands,
  width = 720,
  height = 420,
  light = LIGHT,
  dark = DARK,
  id = "attograph-poster",
  most = MOST,
}) {
  if (!/^[a-z][\w-]*$/i.test(id)) throw new Error(`“${id}” is no id.`);
  const pane = { width: width - 2 * MARGIN, height: height - 2 * MARGIN, rem: REM, plotted: plotOf !== undefined };
  let layout = (pane.plotted ? undefined : layOutStretches(graph, pruned.nodes, pane)) ?? layOut(graph, pruned.nodes, pane);
  // What is too wide for the pane becomes higher with it, so that a poster keeps its form.
  const high = Math.floor((layout.width * pane.height) / pane.width);
  if (high > layout.height + 1) layout = layOut(graph, pruned.nodes, { ...pane, width: layout.width, height: high });
  const bundles = Bundles.gather(graph, pruned, layout, REM);
  const size = { width: Math.ceil(layout.width + 2 * MARGIN), height: Math.ceil(layout.height + 2 * MARGIN) };
  /** @type {Mark[]} */
  const marks = [
    { shape: "rect", part: "band", x: -MARGIN, y: -MARGIN, ...size, corner: 0, fill: "surface" },
    ...marksOf({ graph, pruned, layout, rem: REM, nameOf, plotOf, operands, most, edges: bundles && bundleMarks(bundles, { rem: REM }) }),
  ];
  const corners = `${id}-corners`;
  const look = {
    paint: (/** @type {Colour} */ name) => colour(light, name),
    fonts: FONTS,
    hrefOf: pictureIn,
    corners,
    prefix: dark ? `${id}-` : undefined,
  };
  /** @type {Shape[]} */
  const content = [{ tag: "title", attributes: {}, content: title }];
  if (dark) content.push({ tag: "style", attributes: {}, content: styleOf(dark, id) });
  if (plotOf) content.push({ tag: "defs", attributes: {}, content: [roundCorners(corners)] });
  content.push(...shapesOf(marks, look));
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    role: "img",
    ...size,
    viewBox: `${-MARGIN} ${-MARGIN} ${size.width} ${size.height}`,
    "font-family": FONTS.sans,
  };
  return textOf({ tag: "svg", attributes, content }, 1);
}

/** @param {Palette} palette @param {string} id */
function styleOf(palette, id) {
  const rules = /** @type {Colour[]} */ (Object.keys(LIGHT)).map((name) => {
    const value = colour(palette, name);
    return `.${id}-fill-${name}{fill:${value}}.${id}-stroke-${name}{stroke:${value}}`;
  });
  return `@media (prefers-color-scheme:dark){${rules.join("")}}`;
}

/** @param {Palette} palette @param {Colour} name */
function colour(palette, name) {
  const value = palette[name];
  if (!/^(?!.*url\()[#\w\s(),.%/+-]+$/is.test(value ?? "")) throw new Error(`The palette’s “${name}” is no colour.`);
  return value;
}

/** @param {string} href */
function pictureIn(href) {
  if (!/^data:image\/(png|webp|jpeg);base64,[\w+/=]+$/.test(href)) throw new Error("A heat map is no picture inside a data URL.");
  return href;
}
