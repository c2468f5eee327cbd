// The graph, and the subgraph below it, as one stand-alone SVG with a caption; and the same as a PNG for print.

/** @import { Lab } from "./lab.js" */
/** @import { Layout } from "./graph/layout.js" */

import { html, svg } from "./dom.js";
import { answerOf, chanceOf, counted, partOf, percent } from "./format.js";
import { crowdOf, curveOf, DASHES, strokeOf, strongestOf } from "./graph/edges.js";
import { picture } from "./graph/heat.js";
import { layOut, runsUp } from "./graph/layout.js";
import { BIAS, ERROR, FEATURE, isError, isFeature, LOGIT, TOKEN } from "./kinds.js";
import { drawCard, drawFlows } from "./subgraph/draw.js";
import { flowsOf, itemsOf } from "./subgraph/items.js";
import { placeItems } from "./subgraph/places.js";
import { nameOfTarget } from "./target.js";

const WIDTH = 1100; // CSS pixels
const LEAST_HEIGHT = 520;
const REM = 15;
const MARGIN = 24;
const SUBGRAPH = 300;
const DPI = 300;
const CSS_DPI = 96;
const MOST_PIXELS = 60e6; // browsers draw no larger canvas
const SANS = "Helvetica, Arial, 'Liberation Sans', sans-serif";
const MONO = "Menlo, Consolas, 'Liberation Mono', monospace";

/** @typedef {{ text: string, width: number, height: number }} PictureFile size in CSS pixels */

/** @param {Lab} lab @returns {PictureFile} */
export function pictureOf(lab) {
  const { view } = lab;
  if (!view) throw new Error("There is no graph to draw yet.");
  const paint = (/** @type {string} */ name) => lab.colour(name);
  const layout = layOut(view.graph, view.pruned.nodes, {
    width: WIDTH - 2 * MARGIN,
    height: LEAST_HEIGHT,
    rem: REM,
    plotted: view.operands !== undefined,
  });
  const width = layout.width + 2 * MARGIN;
  const graph = svg("g", { transform: `translate(${MARGIN} ${MARGIN})` }, bands(layout), edges(layout), nodes(lab, layout));
  const root = svg(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", role: "img" },
    svg("title", {}, `Attribution graph of “${view.prompt}”`),
    svg("rect", { width: "100%", height: "100%", fill: paint("surface") }),
    graph,
  );
  let y = MARGIN + layout.height + 1.2 * REM;
  const items = itemsOf(lab);
  if (items.length > 0) {
    const pane = placeItems(lab, items, { width: layout.width, height: SUBGRAPH, rem: REM });
    root.append(svg("text", { x: MARGIN, y: y + REM, "font-size": 0.85 * REM, "font-weight": 600, fill: paint("soft") }, "Subgraph"));
    y += 1.6 * REM;
    const cards = items.map((item) => {
      const card = /** @type {import("./subgraph/places.js").Card} */ (pane.cards.get(item));
      const drawn = drawCard(lab, item, card, REM);
      drawn.setAttribute("transform", `translate(${card.x} ${card.y})`);
      return drawn;
    });
    root.append(
      styled(
        svg(
          "g",
          { transform: `translate(${MARGIN} ${y})` },
          drawFlows(flowsOf(lab, items), pane.cards, REM, () => false),
          ...cards,
        ),
      ),
    );
    y += pane.height + REM;
  }
  const lines = caption(lab, Math.floor((width - 2 * MARGIN) / (0.47 * REM)));
  lines.forEach((line, i) =>
    root.append(
      svg(
        "text",
        {
          x: MARGIN,
          y: y + (i + 1) * 1.35 * REM,
          "font-size": i === 0 ? REM : 0.82 * REM,
          "font-weight": i === 0 ? 600 : 400,
          fill: paint(i === 0 ? "ink" : "soft"),
        },
        line,
      ),
    ),
  );
  for (const element of root.querySelectorAll("*"))
    for (const { name, value } of element.attributes)
      if (/^-?\d+\.\d{3,}$/.test(value)) element.setAttribute(name, String(Math.round(Number(value) * 100) / 100));
  const height = Math.ceil(y + (lines.length + 1) * 1.35 * REM);
  for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}`, "font-family": SANS }))
    root.setAttribute(name, String(value));
  // One element a line, for those who read or edit the file.
  return { text: legible(new XMLSerializer().serializeToString(root)).replaceAll("><", ">\n<"), width, height };

  /** @param {Layout} layout */
  function bands(layout) {
    const group = svg("g");
    for (const { name, top, bottom } of layout.bands) {
      if (name.startsWith("Layer"))
        group.append(svg("rect", { x: 0, y: top, width: layout.width, height: bottom - top, fill: paint("band") }));
      group.append(
        svg(
          "text",
          {
            x: 0.5 * REM,
            y: (top + bottom) / 2,
            "font-size": 0.74 * REM,
            "font-weight": 600,
            fill: paint("faint"),
            "dominant-baseline": "central",
          },
          name,
        ),
      );
    }
    const foot = layout.bands[0].top - 2;
    for (const { left, right, centre, label } of layout.columns) {
      if (label === "·") continue;
      group.append(
        svg("path", {
          d: `M${left.toFixed(1)} ${(foot - 5).toFixed(1)}v5H${right.toFixed(1)}v-5`,
          fill: "none",
          stroke: paint("line-strong"),
        }),
      );
      if (label)
        group.append(
          text(centre, foot + (layout.turned ? 1.2 : 1.42) * REM, label, {
            turned: runsUp(label, layout.turned),
            fill: "faint",
            mono: true,
          }),
        );
    }
    return group;
  }

  /** @param {Layout} layout */
  function edges(layout) {
    const { sources, targets, weights } = view?.pruned ?? { sources: [], targets: [], weights: new Float32Array() };
    const most = strongestOf(weights);
    const crowd = crowdOf(weights.length);
    const group = svg("g", { fill: "none" });
    const order = Array.from(weights.keys()).sort((a, b) => Math.abs(weights[a]) - Math.abs(weights[b]));
    for (const edge of order) {
      const [from, to] = [layout.boxes.get(sources[edge]), layout.boxes.get(targets[edge])];
      if (!from || !to) continue;
      const [x, y, x1, y1, x2, y2, x3, y3] = curveOf(from, to).map((value) => Math.round(value * 10) / 10);
      const { width, alpha } = strokeOf(Math.abs(weights[edge]) / most, "all", crowd);
      const minus = weights[edge] < 0;
      group.append(
        svg("path", {
          d: `M${x} ${y}C${x1} ${y1} ${x2} ${y2} ${x3} ${y3}`,
          stroke: paint(minus ? "negative" : "positive"),
          "stroke-width": (REM * width).toFixed(2),
          "stroke-opacity": alpha.toFixed(2),
          "stroke-dasharray": minus ? DASHES.map((dash) => dash * REM).join(" ") : undefined,
        }),
      );
    }
    return group;
  }

  /** @param {Lab} lab @param {Layout} layout */
  function nodes(lab, layout) {
    const { graph, operands } = /** @type {NonNullable<Lab["view"]>} */ (view);
    const group = svg("g");
    for (const box of layout.boxes.values()) {
      const { node, x, y, width, height } = box;
      const kind = graph.kind[node];
      const [left, top] = [x - width / 2, y - height / 2];
      const one = svg("g", {}, svg("title", {}, lab.nameOf(node)));
      const plot = lab.plot(node);
      if (plot) {
        one.append(
          svg("image", { href: picture(lab, plot).toDataURL(), x: left, y: top, width, height }),
          svg("rect", { x: left, y: top, width, height, fill: "none", stroke: paint("line-strong") }),
        );
        if (operands)
          one.append(
            svg("circle", {
              cx: left + ((operands.b + 0.5) / 100) * width,
              cy: top + ((operands.a + 0.5) / 100) * height,
              r: Math.max(2, width * 0.055),
              fill: "none",
              stroke: paint("accent"),
              "stroke-width": 1.5,
            }),
          );
      } else if (isError(kind)) {
        const side = width * 0.72;
        one.append(
          svg("rect", {
            x: x - side / 2,
            y: y - side / 2,
            width: side,
            height: side,
            transform: `rotate(45 ${x} ${y})`,
            fill: paint("surface"),
            stroke: paint("faint"),
            "stroke-dasharray": kind === ERROR ? undefined : "3 2",
          }),
        );
      } else if (kind === BIAS) {
        one.append(
          svg("rect", { x: left, y: y - height * 0.2, width, height: height * 0.4, fill: paint("surface"), stroke: paint("faint") }),
        );
      } else if (isFeature(kind)) {
        one.append(
          svg("rect", {
            x: left,
            y: top,
            width,
            height,
            rx: kind !== FEATURE ? 0 : box.dot ? width / 2 : 3,
            fill: paint("dot"),
            stroke: paint("line-strong"),
          }),
        );
        if (!box.dot) one.append(text(x, y, box.label, { fill: "soft", size: 0.68 }));
      } else if (kind === TOKEN) {
        one.append(
          svg("rect", { x: left, y: top, width, height, rx: 5, fill: paint("surface"), stroke: paint("line-strong") }),
          text(x, y, box.label, { turned: box.turned, fill: "ink", mono: true }),
        );
      } else {
        one.append(svg("rect", { x: left, y: top, width, height, rx: 6, fill: paint("action") }));
        one.append(
          text(x, y - 0.42 * REM, box.label, { fill: "surface", mono: true, bold: true, size: box.size }),
          text(x, y + 0.62 * REM, chanceOf(graph, node), { fill: "surface", size: 0.72 }),
        );
      }
      group.append(one);
    }
    return group;
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {string} content
   * @param {{ fill: string, size?: number, mono?: boolean, bold?: boolean, turned?: boolean }} look
   */
  function text(x, y, content, { fill, size = 0.95, mono, bold, turned }) {
    return svg(
      "text",
      {
        x,
        y,
        "text-anchor": "middle",
        "dominant-baseline": "central",
        "font-size": (size * REM).toFixed(1),
        "font-family": mono ? MONO : undefined,
        "font-weight": bold ? 600 : undefined,
        fill: paint(fill),
        transform: turned ? `rotate(-90 ${x} ${y})` : undefined,
      },
      content,
    );
  }

  /** The subgraph's classes as attributes: a file has no stylesheet. @param {SVGElement} group */
  function styled(group) {
    const looks = /** @type {const} */ ([
      [".frame, .behind", { fill: paint("surface"), stroke: paint("line-strong") }],
      [".supernode > .frame", { fill: paint("band"), stroke: paint("soft") }],
      [".logit > .frame", { fill: paint("action"), stroke: "none" }],
      [".halo", { fill: "none", stroke: "none" }],
      [".diamond", { fill: "none", stroke: paint("faint") }],
      [".label", { fill: paint("ink"), "font-size": 0.86 * REM, "font-weight": 600, "dominant-baseline": "central" }],
      [".detail", { fill: paint("soft"), "font-size": 0.72 * REM, "dominant-baseline": "central" }],
      [".logit > text", { fill: paint("surface") }],
      [".shaft", { fill: "none", stroke: paint("positive") }],
      [".minus .shaft", { stroke: paint("negative") }],
      [".head", { fill: paint("positive") }],
      [".minus .head", { fill: paint("negative") }],
      [".number", { fill: paint("soft"), "font-size": 0.7 * REM }],
    ]);
    for (const [selector, attributes] of looks) {
      for (const element of group.querySelectorAll(selector))
        for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
    }
    for (const element of group.querySelectorAll("[class], [tabindex], [role], [data-key]"))
      for (const name of ["class", "tabindex", "role", "aria-label", "data-key", "data-node"]) element.removeAttribute(name);
    return group;
  }
}

/** What the picture shows, by whom, and how to read it. @param {Lab} lab @param {number} room characters a line */
function caption(lab, room) {
  const { view, manifest, address } = lab;
  if (!view) return [];
  const { graph, pruned, recorded } = view;
  const answers = graph.targets
    .map((_, i) => graph.kind.length - graph.targets.length + i)
    .slice(0, 3)
    .map((node) => `${answerOf(graph, node)} (${[chanceOf(graph, node), partOf(graph, node)].filter((each) => each).join(", ")})`);
  const { density } = address.thresholds;
  const rare = density < 1 ? `, without features active on more than ${percent(density)} of the tokens` : "";
  const scoresOf = graph.scoresOfAll ? "" : " (of what is left)";
  const signs = graph.kind.some((kind) => kind > LOGIT)
    ? "diamonds are errors (dashed: of attention), squares attention features, bars biases."
    : "diamonds are errors.";
  const origin = recorded
    ? `Recorded graph from ${recorded.file}${recorded.scan ? `, model ${recorded.scan}` : ""}.`
    : `${manifest?.title ?? ""}, ${address.transcoder} transcoder. Computed live by Attograph.`;
  const text = [
    `Explained: ${nameOfTarget(address.target, graph)}: ${answers.join(", ")}.`,
    `${counted(pruned.nodes.length, "node")} and ${counted(pruned.weights.length, "edge")} that carry ` +
      `${percent(address.thresholds.node)} and ${percent(address.thresholds.edge)} of the influence${rare}; ` +
      `replacement ${graph.replacement.toFixed(3)}, completeness ` +
      `${graph.completeness.toFixed(3)}${scoresOf}.`,
    `Edges are direct effects with attention patterns and normalisation held fixed: solid lines add, dashed ones take away; ${signs}`,
    origin,
  ].join(" ");
  const lines = [`Attribution graph of “${view.prompt.replaceAll(/\s+/g, " ")}”`.slice(0, Math.floor(room * 0.8))];
  let line = "";
  for (const word of text.split(" ")) {
    if (line.length + word.length + 1 > room) {
      lines.push(line);
      line = "";
    }
    line += line ? ` ${word}` : word;
  }
  return [...lines, line];
}

/** Characters that XML has no place for, each as a sign. @param {string} text */
function legible(text) {
  return text.replaceAll(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, (character) =>
    character < " " ? String.fromCodePoint(0x2400 + character.charCodeAt(0)) : "\uFFFD",
  );
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
