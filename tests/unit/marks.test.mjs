// The marks of a small graph, the SVG that is made of them without a page, and its poster.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { marksOf } from "../../www/graph/all-marks.js";
import { curveOf } from "../../www/graph/curves.js";
import { edgeMarks, seenOf } from "../../www/graph/edges.js";
import { layOut } from "../../www/graph/layout.js";
import { DARK, LIGHT } from "../../www/graph/palette.js";
import { posterOf } from "../../www/graph/poster.js";
import { escaped, svgOf } from "../../www/graph/svg-text.js";
import { ATTENTION_ERROR, ATTENTION_FEATURE, BIAS, ERROR, FEATURE, LOGIT, TOKEN } from "../../www/lab/kinds.js";

const REM = 10;
const HOSTILE = '<script>"';
const PIXEL = "data:image/png;base64,iVBORw0KGgo=";

/** Two tokens, two features, two errors, a feature of attention, a bias, and two answers, the second of them improbable. */
function traced() {
  const kind = Uint8Array.of(FEATURE, FEATURE, ERROR, ATTENTION_ERROR, ATTENTION_FEATURE, BIAS, TOKEN, TOKEN, LOGIT, LOGIT);
  const count = kind.length;
  const graph = {
    tokens: ["two", HOSTILE],
    answers: [],
    targets: ["95", "<b>&"],
    layers: 2,
    kind,
    layer: Int32Array.of(0, 1, 0, 1, 1, 0, -1, -1, 2, 2),
    position: Uint32Array.of(0, 1, 1, 1, 1, 1, 0, 1, 1, 1),
    index: Uint32Array.of(7, 8, 0, 0, 9, 0, 0, 1, 95, 3),
    activation: Float32Array.of(1, 2, 0, 0, 1, 0, 0, 0, 0.75, 0.125),
    influence: new Float32Array(count).fill(0.5),
    id: Array.from({ length: count }, (_, node) => `n${node}`),
  };
  const pruned = {
    nodes: Uint32Array.from({ length: count }, (_, node) => node),
    sources: Uint32Array.of(1, 0, 7),
    targets: Uint32Array.of(8, 1, 2),
    weights: Float32Array.of(4, -1, 0.04),
  };
  const layout = layOut(/** @type {any} */ (graph), pruned.nodes, { width: 600, height: 300, rem: REM, plotted: false });
  return { graph: /** @type {any} */ (graph), pruned: /** @type {any} */ (pruned), layout };
}

/** @param {Partial<Parameters<typeof marksOf>[0]>} [more] */
function marked(more) {
  const { graph, pruned, layout } = traced();
  return { layout, marks: marksOf({ graph, pruned, layout, rem: REM, nameOf: (node) => `${HOSTILE} ${node}`, ...more }) };
}

const look = {
  paint: (/** @type {string} */ name) => `the-${name}`,
  fonts: { sans: "Sans", mono: "Mono" },
  hrefOf: (/** @type {string} */ plot) => plot,
};

test("edges lie beneath the nodes, from the weakest up, wide where they are strong and dashed where they take away", () => {
  const { marks, layout } = marked();
  const edges = marks.filter((mark) => mark.shape === "curve");
  assert.deepEqual(
    edges.map(({ edge, stroke, dash }) => [edge, stroke, dash]),
    [
      [2, "positive", undefined],
      [1, "negative", [4, 2.2]],
      [0, "positive", undefined],
    ],
  );
  // A quarter of the strongest: half of what its width has beyond the least.
  assert.deepEqual(
    edges.map(({ line }) => Number(line.toFixed(6))),
    [0.6, 1.4, 2.4],
  );
  assert.deepEqual(
    edges.map(({ alpha }) => Number(alpha.toFixed(4))),
    [0.1 + 0.5 * 0.01 ** 0.7, 0.1 + 0.5 * 0.25 ** 0.7, 0.6].map((each) => Number(each.toFixed(4))),
  );
  const [from, to] = [1, 8].map((node) => /** @type {import("../../www/graph/layout.js").Box} */ (layout.boxes.get(node)));
  assert.deepEqual(edges[2].points, curveOf(from, to));
  assert.equal(edges[2].points[1], from.y - from.height / 2, "it leaves at the upper edge");
  assert.equal(edges[2].points[7], to.y + to.height / 2, "and arrives at the lower one");
  assert.ok(marks.findLastIndex(({ part }) => part === "edge") < marks.findIndex(({ part }) => part === "frame"));
});

test("every node has a frame at its place, by its kind", () => {
  const { marks, layout } = marked();
  const frames = marks.filter((mark) => mark.shape === "rect").filter(({ part }) => part === "frame");
  assert.equal(frames.length, layout.boxes.size);
  for (const frame of frames) {
    const box = /** @type {import("../../www/graph/layout.js").Box} */ (layout.boxes.get(/** @type {number} */ (frame.node)));
    assert.ok(Math.abs(frame.x + frame.width / 2 - box.x) < 1e-9 && Math.abs(frame.y + frame.height / 2 - box.y) < 1e-9);
  }
  const by = (/** @type {number} */ node) => frames.filter((frame) => frame.node === node)[0];
  assert.equal(by(0).corner, by(0).width / 2, "a feature without a heat map is a dot");
  assert.deepEqual([by(2).turn, by(2).dash, by(3).turn, by(3).dash], [45, undefined, 45, [3, 2]]);
  assert.deepEqual([by(4).corner, by(4).turn], [0, undefined], "a feature of attention has corners");
  assert.ok(by(5).height < by(5).width / 2, "a bias is a bar");
  assert.deepEqual([by(8).fill, by(8).stroke, by(9).fill, by(9).stroke], ["action", undefined, "surface", "action"]);
  const texts = marks.filter((mark) => mark.shape === "text").filter(({ node }) => node !== undefined);
  assert.deepEqual(
    texts.map(({ node, text }) => [node, text]),
    [
      [6, "two"],
      [7, HOSTILE],
      [8, "95"],
      [8, "75.0 %"],
      [9, "<b>&"],
      [9, "12.5 %"],
    ],
  );
});

test("a heat map stands in its frame, with a ring at the prompt's place", () => {
  const { marks, layout } = marked({ plotOf: (node) => (node === 0 ? PIXEL : undefined), operands: { a: 99, b: 0 } });
  const own = marks.filter(({ node }) => node === 0);
  assert.deepEqual(
    own.map(({ shape }) => shape),
    ["image", "rect", "circle", "circle"],
  );
  const { x, y, width } = /** @type {import("../../www/graph/layout.js").Box} */ (layout.boxes.get(0));
  const [image, frame, , ring] = /** @type {any[]} */ (own);
  assert.deepEqual([image.x, image.y, image.size, image.plot], [x - width / 2, y - width / 2, width, PIXEL]);
  assert.equal(frame.fill, undefined);
  assert.ok(Math.abs(ring.x - (x - width / 2 + 0.005 * width)) < 1e-9 && Math.abs(ring.y - (y - width / 2 + 0.995 * width)) < 1e-9);
});

test("a canvas gets edges in as many widths as it asks for, and none beside what it holds", () => {
  const { graph, layout } = traced();
  const count = 1000;
  const pruned = /** @type {any} */ ({
    sources: new Uint32Array(count).fill(1),
    targets: new Uint32Array(count).fill(8),
    weights: Float32Array.from({ length: count }, (_, i) => 1 - i / count),
  });
  assert.equal(graph.kind[8], LOGIT);
  const marks = edgeMarks(layout, pruned, { rem: REM, steps: 24 });
  assert.equal(marks.length, count);
  assert.equal(new Set(marks.map(({ line }) => line)).size, 24);
  const beside = { left: layout.width + 1, right: layout.width + 9, top: 0, bottom: layout.height };
  assert.equal(edgeMarks(layout, pruned, { rem: REM, seen: beside }).length, 0);
  assert.equal(edgeMarks(layout, pruned, { rem: REM, first: 10, end: 20 }).length, 10);
  const { strong, seen } = seenOf(pruned.weights);
  assert.ok(strong > 0 && strong <= seen && seen <= count);
});

test("as SVG, with nothing of what a text says read as markup", () => {
  const text = svgOf(marked().marks, look);
  assert.doesNotMatch(text, /<script|<b>|undefined|NaN/);
  assert.equal(text.split("&lt;script&gt;&quot;").length - 1, 1 + 10, "the token, and the name of every node");
  assert.match(text, />&lt;b&gt;&amp;<\/text>/);
  assert.match(
    text,
    /<path d="M[-\d. C]+" fill="none" stroke="the-negative" stroke-width="1.4" stroke-opacity="0.29" stroke-dasharray="4 2.2"\/>/,
  );
  assert.equal(text.match(/stroke-dasharray="4 2.2"/g)?.length, 1);
  assert.match(text, /<rect [^>]*transform="rotate\(45 [^>]*stroke="the-faint"/);
  assert.equal(text.match(/<g>/g)?.length, 10);
  assert.equal(text.match(/<g>/g)?.length, text.match(/<\/g>/g)?.length);
  assert.equal(escaped('a\u0007\ud800<&>"'), "a␇�&lt;&amp;&gt;&quot;");
});

test("a poster needs nothing else, and is light and dark", () => {
  const { graph, pruned } = traced();
  const poster = posterOf({ graph, pruned, title: `36+59 ${HOSTILE}`, plotOf: (node) => (node < 2 ? PIXEL : undefined) });
  assert.match(poster, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" role="img" width="\d+" height="\d+" viewBox="-8 -8 \d+ \d+"/);
  assert.match(poster, /<title>36\+59 &lt;script&gt;&quot;<\/title>/);
  assert.equal(poster.match(/<image /g)?.length, 2);
  assert.doesNotMatch(
    poster.replaceAll(PIXEL, "").replace("http://www.w3.org/2000/svg", ""),
    /<script|https?:|url\((?!#)|@import|@font-face|\bon\w+=/,
  );
  assert.match(poster, /prefers-color-scheme:dark/);
  assert.ok(poster.includes(`fill="${LIGHT.action}"`) && poster.includes(`fill:${DARK.action}`));
  for (const [, name] of poster.matchAll(/class="([^" ]+)/g)) assert.ok(poster.includes(`.${name}{`), name);
  assert.doesNotMatch(posterOf({ graph, pruned, title: "", dark: null }), /<style|class=/);
});

test("a poster of a long prompt keeps its form", () => {
  const { graph, pruned } = traced();
  const long = { ...graph, tokens: [...graph.tokens, ...Array.from({ length: 200 }, (_, i) => `word${i}`)] };
  const position = Uint32Array.from({ length: 200 }, (_, i) => i + 2);
  const add = (/** @type {any} */ numbers, /** @type {ArrayLike<number>} */ more) =>
    numbers.constructor.from([...numbers, ...Array.from(more)]);
  const token = new Uint8Array(200).fill(TOKEN);
  Object.assign(long, { kind: add(graph.kind, token), position: add(graph.position, position), layer: add(graph.layer, token) });
  const nodes = Uint32Array.from({ length: 210 }, (_, node) => node);
  const [, width, height] =
    /width="(\d+)" height="(\d+)"/.exec(
      posterOf({ graph: { ...long, targets: graph.targets }, pruned: { ...pruned, nodes }, title: "" }),
    ) ?? [];
  assert.ok(Number(width) > 1500, width);
  assert.ok(Math.abs(Number(width) / Number(height) - 720 / 420) < 0.05, `${width} x ${height}`);
});

test("a poster takes no picture from elsewhere, and no colour that is none", () => {
  const { graph, pruned } = traced();
  assert.throws(() => posterOf({ graph, pruned, title: "", plotOf: () => "https://example.org/a.png" }), /data URL/);
  assert.throws(() => posterOf({ graph, pruned, title: "", dark: { ...DARK, ink: "red}*{display:none" } }), /no colour/);
  assert.throws(() => posterOf({ graph, pruned, title: "", light: { ...LIGHT, ink: "URL(//example.org/a#b)" } }), /no colour/);
  assert.throws(() => posterOf({ graph, pruned, title: "", id: "a{}" }), /no id/);
});

test("the palette is the stylesheet's", async () => {
  const css = await readFile(new URL("../../www/style/base.css", import.meta.url), "utf8");
  for (const name of /** @type {(keyof typeof LIGHT)[]} */ (Object.keys(LIGHT))) {
    const found = new RegExp(`--${name}: light-dark\\((.*), (.*)\\);`).exec(css);
    assert.deepEqual([LIGHT[name], DARK[name]], found?.slice(1), name);
  }
});
