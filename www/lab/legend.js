// How to read the graph, shown as long as no node is looked at.

/** @import { Lab } from "./lab.js" */

import { byTouch } from "./device.js";
import { html, svg } from "./dom.js";
import { answerText, visible } from "./format.js";
import { SIGN, theOther, toldOtherwise } from "./grade/otherwise.js";
import { drawPlot } from "./graph/canvas.js";
import { ATTENTION_ERROR, ATTENTION_FEATURE, BIAS, FEATURE } from "./kinds.js";

/** An edge. @param {string} name of its colour @param {string} [dash] */
function line(name, dash) {
  const path = svg("path", { d: "M6 42C6 20 42 28 42 6", fill: "none", "stroke-width": 4, "stroke-dasharray": dash });
  path.style.stroke = `var(${name})`;
  return svg("svg", { viewBox: "0 0 48 48", "aria-hidden": "true" }, path);
}

/** @param {Lab} lab */
export function legend(lab) {
  if (lab.shown === "story") return storyLegend(lab);
  const sign = (/** @type {Record<string, string | number | undefined>} */ shape) =>
    svg("svg", { viewBox: "0 0 48 48", "aria-hidden": "true" }, svg("rect", shape));
  const diamond = (/** @type {string | undefined} */ dash) =>
    sign({
      x: 16,
      y: 16,
      width: 16,
      height: 16,
      transform: "rotate(45 24 24)",
      fill: "none",
      stroke: "currentColor",
      "stroke-width": 2,
      "stroke-dasharray": dash,
    });
  const dot = svg("svg", { viewBox: "0 0 48 48", "aria-hidden": "true" }, svg("circle", { class: "dot", cx: 24, cy: 24, r: 9 }));
  const { view } = lab;
  const answer = view?.graph.answers[0] ? answerText(view.graph, view.graph.answers[0]) : "…";
  const says = lab.manifest?.answers?.length
    ? "What the model says next, with its probability. The graph explains its first token."
    : "The next token, with its probability.";
  const token = view?.graph.tokens[1] ?? "…";
  const adds = (lab.manifest?.domain ?? "addition") === "addition";
  const has = (/** @type {number} */ kind) => view?.graph.kind.includes(kind) ?? false;
  /** @type {[Element, string, string][]} */
  const attention = [];
  if (has(ATTENTION_FEATURE))
    attention.push([
      sign({ class: "dot", x: 15, y: 15, width: 18, height: 18 }),
      "Attention feature.",
      "Something that was found in what attention writes.",
    ]);
  if (has(ATTENTION_ERROR)) attention.push([diamond("4 3"), "Attention error.", "What the attention features leave unexplained."]);
  if (has(BIAS))
    attention.push([
      sign({ x: 12, y: 20, width: 24, height: 8, fill: "none", stroke: "currentColor", "stroke-width": 2 }),
      "Bias.",
      "A constant that the model adds.",
    ]);
  /** @type {[Element, string, string][]} */
  const entries = [
    !adds || (view && !view.operands)
      ? [
          dot,
          "Feature.",
          "Something that the transcoder found in the MLPs, active at the token below " +
            `it.${adds ? " Where two numbers below 100 are found, it is a heat map." : ""}`,
        ]
      : [
          example(lab),
          "Feature.",
          "How strongly it fires for every two numbers in this prompt’s place: the first downwards, the second " +
            "across, the ring where they are now.",
        ],
    [line("--positive"), "Adds.", "The source raises the target; the wider, the more."],
    [line("--negative", "7 4"), "Takes away.", "The source lowers the target."],
    [diamond(undefined), "Error.", "What the features leave unexplained."],
    ...attention,
    [html("span", { class: "chip" }, visible(token)), "Token", "of the prompt, at the bottom."],
    ...(toldOtherwise(lab).length > 0
      ? [
          /** @type {[Element, string, string]} */ ([
            html("span", { class: "chip otherwise" }, SIGN),
            "Told otherwise",
            `by ${theOther(lab)}: this token’s path to the answer. Its panel says how.`,
          ]),
        ]
      : []),
    [html("span", { class: "chip answer" }, answer), "Answer.", says],
  ];
  return [
    html("header", {}, html("h2", {}, "Reading the graph")),
    byTouch
      ? html(
          "p",
          { class: "note how" },
          "Tap a node to see what feeds it and what it feeds, and tap it again to let go. Its panel, below, " +
            "pins it to the subgraph and switches it off.",
        )
      : html(
          "p",
          { class: "note how" },
          "Point at a node to see what feeds it and what it feeds. Click to keep it here, ",
          html("kbd", {}, "Esc"),
          " to let go, with ",
          html("kbd", {}, "Shift"),
          " to pin it below. With the keyboard: ",
          html("kbd", {}, "Tab"),
          " into the graph, then the arrow keys, ",
          html("kbd", {}, "Enter"),
          " and ",
          html("kbd", {}, "P"),
          "; ",
          html("kbd", {}, "S"),
          " switches a feature off, ",
          html("kbd", {}, "/"),
          " searches.",
        ),
    listOf(entries),
  ];
}

/** @param {[Element, string, string][]} entries */
function listOf(entries) {
  const rows = entries.map(([picture, name, text]) => html("li", {}, picture, html("span", {}, html("strong", {}, name), " ", text)));
  return html("ul", { class: "legend" }, ...rows);
}

/** The same of a story’s cards. @param {Lab} lab */
function storyLegend(lab) {
  const { view } = lab;
  const path = (/** @type {string} */ name) => html("span", { class: `path ${name}` });
  /** @type {[Element, string, string][]} */
  const paths = [
    [path("ones"), "Last digits.", "Cards of this colour know only how a number or the sum ends."],
    [path("magnitude"), "Sizes.", "And these only about how large it is."],
  ];
  const press = byTouch ? "Tap one" : "Point at one to see its lines, press it";
  return [
    html("header", {}, html("h2", {}, "Reading the story")),
    html(
      "p",
      { class: "note how" },
      `From the bottom up: what the model reads, what features make of it, the answer. A card is a group of features with the same part; what has least influence shares one (“and others”, “no common name”). ${press} to see its features here, one after the other.`,
    ),
    listOf([
      ...(view?.operands
        ? /** @type {[Element, string, string][]} */ ([
            [
              example(lab),
              "Heat map.",
              "For which two numbers a feature fires: the first downwards, the second across, the ring where they are now.",
            ],
            ...paths,
          ])
        : []),
      [line("--positive"), "Adds.", "What it comes from raises what it leads to; the wider, the more."],
      [line("--negative", "7 4"), "Takes away.", "It lowers it."],
    ]),
  ];
}

/** The feature drawn that matters most, as the example. @param {Lab} lab */
function example(lab) {
  const canvas = html("canvas", { width: 144, height: 144, "aria-hidden": "true" });
  const { view } = lab;
  const context = canvas.getContext("2d");
  if (!view || !context) return canvas;
  const last = view.graph.tokens.length - 1;
  const nodes = Array.from(view.pruned.nodes).filter((node) => view.graph.kind[node] === FEATURE && view.graph.position[node] === last);
  nodes.sort((a, b) => view.graph.influence[a] - view.graph.influence[b]);
  const plot = nodes.map((node) => lab.plot(node)).find((each) => each !== undefined);
  if (plot) drawPlot(lab, context, plot, 144, view.operands);
  return canvas;
}
