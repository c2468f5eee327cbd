// What makes a graph of many nodes readable: a text in stretches, words where there is room, edges in bundles.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bundleMarks, Bundles } from "../../www/graph/bundles.js";
import { layOut } from "../../www/graph/layout.js";
import { layOutStretches } from "../../www/graph/stretches.js";
import { fitting, wordsOf } from "../../www/graph/words.js";
import { FEATURE, LOGIT, TOKEN } from "../../www/lab/kinds.js";

/** @import { Box, Layout } from "../../www/graph/layout.js" */

const REM = 16;
const LAYERS = 4;
const TEXT =
  "A 32-year-old woman at 30 weeks presents with severe pain in the right upper quadrant and a mild headache and nausea. We ask of".split(
    /(?= )/,
  );
const LABEL = "on “weeks”, “months”, “years” or 3 more";

/** A text of which three tokens have features, and ten answers. @param {number[]} [at] tokens with features */
function traced(at = [5, 12, TEXT.length - 1]) {
  const features = at.flatMap((position, i) =>
    Array.from({ length: 4 + 4 * i }, (_, nth) => ({ kind: FEATURE, layer: nth % LAYERS, position, index: nth })),
  );
  const tokens = TEXT.map((_, position) => ({ kind: TOKEN, layer: -1, position, index: position }));
  const answers = Array.from({ length: 10 }, (_, i) => ({ kind: LOGIT, layer: LAYERS, position: TEXT.length - 1, index: i }));
  const nodes = [...features, ...tokens, ...answers];
  const graph = {
    tokens: TEXT,
    answers: [],
    targets: answers.map((_, i) => `${i} puffiness around the eyes`.slice(0, 8 + 2 * i)),
    layers: LAYERS,
    kind: Uint8Array.from(nodes, ({ kind }) => kind),
    layer: Int32Array.from(nodes, ({ layer }) => layer),
    position: Uint32Array.from(nodes, ({ position }) => position),
    index: Uint32Array.from(nodes, ({ index }) => index),
    activation: Float32Array.from(nodes, ({ kind, index }) => (kind === LOGIT ? 0.5 ** (index + 1) : 1)),
    influence: Float32Array.from(nodes, (_, node) => node / nodes.length),
    id: nodes.map((_, node) => `n${node}`),
  };
  return { graph: /** @type {any} */ (graph), nodes: Uint32Array.from(nodes.keys()) };
}

/** Every node's edges to all nodes of higher layers. @param {ReturnType<typeof traced>} of */
function edgesOf({ graph, nodes }) {
  /** @type {[number, number, number][]} */ const edges = [];
  for (const source of nodes)
    for (const target of nodes)
      if (graph.layer[source] < graph.layer[target] && graph.position[source] <= graph.position[target])
        edges.push([source, target, ((source * 7 + target) % 5) - 1.5]);
  edges.sort((a, b) => Math.abs(b[2]) - Math.abs(a[2]));
  const [sources, targets] = [0, 1].map((end) => Uint32Array.from(edges, (edge) => edge[end]));
  return /** @type {any} */ ({ nodes, sources, targets, weights: Float32Array.from(edges, (edge) => edge[2]) });
}

/** @param {Iterable<{ left: number, right: number, top: number, bottom: number }>} areas */
function overlaps(areas) {
  const all = [...areas];
  return all.flatMap((one, i) =>
    all
      .slice(i + 1)
      .filter(
        (two) => one.left < two.right - 0.5 && two.left < one.right - 0.5 && one.top < two.bottom - 0.5 && two.top < one.bottom - 0.5,
      ),
  ).length;
}

/** @param {Pick<Box, "x" | "y" | "width" | "height">} box */
function areaOf({ x, y, width, height }) {
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

test("a text is as wide as its pane and no higher, with every node whole and none on another", () => {
  const { graph, nodes } = traced();
  for (const [width, height] of [
    [1005, 447],
    [1143, 540],
    [760, 640],
  ]) {
    const layout = /** @type {Layout} */ (layOutStretches(graph, nodes, { width, height, rem: REM }));
    assert.deepEqual([layout.width, layout.height], [width, height]);
    assert.deepEqual([...layout.boxes.keys()], [...nodes], "in the nodes' own order");
    const areas = [...layout.boxes.values()].map(areaOf);
    for (const { left, right, top, bottom } of areas) assert.ok(left >= 0 && right <= width && top >= 0 && bottom <= height);
    assert.equal(overlaps(areas), 0, `${width} x ${height}`);
  }
});

test("tokens without features run as text up to the next one with features, below what is active there", () => {
  const { graph, nodes } = traced();
  const layout = /** @type {Layout} */ (layOutStretches(graph, nodes, { width: 1005, height: 447, rem: REM }));
  const stretchOf = /** @type {Int32Array} */ (layout.stretchOf);
  assert.deepEqual(
    [0, 5, 6, 12, 13, TEXT.length - 1].map((position) => stretchOf[position]),
    [0, 0, 1, 1, 2, 2],
  );
  const boxes = [...nodes].map((node) => /** @type {Box} */ (layout.boxes.get(node)));
  for (const box of boxes.filter(({ node }) => graph.kind[node] !== LOGIT)) {
    const { left, right } = layout.columns[stretchOf[graph.position[box.node]]];
    assert.ok(box.x > left && box.x < right);
  }
  const text = boxes.filter(({ node }) => graph.kind[node] === TOKEN);
  assert.equal(text[1].label, "32-year-old", "without the sign of a space");
  for (const [i, token] of text.entries())
    if (i > 0 && stretchOf[i] === stretchOf[i - 1]) assert.ok(token.y > text[i - 1].y || token.x > text[i - 1].x, "as it is read");
});

test("ten answers take three rows at most, the probable ones larger", () => {
  const { graph, nodes } = traced();
  const layout = /** @type {Layout} */ (layOutStretches(graph, nodes, { width: 1005, height: 447, rem: REM }));
  const answers = [...layout.boxes.values()].filter(({ node }) => graph.kind[node] === LOGIT);
  const small = answers.filter(({ texts }) => texts && texts.answerDown === undefined);
  assert.ok(new Set(small.map(({ y }) => y)).size <= 3);
  assert.ok(answers[0].height > small[0].height && Number(answers[0].size) > Number(small[0].size));
});

test("from a stage no letter is smaller than what it asks for", () => {
  const { graph, nodes } = traced();
  const letters = 0.9;
  const layout = /** @type {Layout} */ (layOutStretches(graph, nodes, { width: 1005, height: 447, rem: REM, letters }));
  for (const { node, size, texts } of layout.boxes.values()) {
    if (graph.kind[node] === TOKEN || graph.kind[node] === LOGIT) assert.ok(Number(size) >= letters - 1e-9);
    if (graph.kind[node] === LOGIT) assert.ok(Number(texts?.size) >= letters - 1e-9);
  }
});

test("a graph without room for stretches is laid out otherwise", () => {
  const every = traced(TEXT.map((_, position) => position));
  assert.equal(layOutStretches(every.graph, every.nodes, { width: 400, height: 300, rem: REM }), undefined);
});

test("words stand where there is room, on nothing else, and the most influential feature has one first", () => {
  const { graph, nodes } = traced();
  const layout = /** @type {Layout} */ (layOutStretches(graph, nodes, { width: 1005, height: 447, rem: REM }));
  const words = wordsOf(graph, layout, { rem: REM, zoom: 1, labelOf: () => LABEL });
  assert.equal(words.size, [...nodes].filter((node) => graph.kind[node] === FEATURE).length, "each has room for one");
  const wide = (/** @type {string} */ text, /** @type {number} */ size) => 0.5 * text.length * size;
  const said = [...words.values()].map(({ text, x, y, size }) =>
    areaOf({ x: x + wide(text, size) / 2, y, width: wide(text, size), height: size }),
  );
  assert.equal(overlaps([...said, ...[...layout.boxes.values()].map(areaOf)]), 0);

  // Dots side by side leave room for few.
  const dots = layOut(graph, nodes, { width: 1005, height: 447, rem: REM, plotted: false });
  const few = wordsOf(graph, dots, { rem: REM, zoom: 1, labelOf: () => LABEL });
  assert.ok(few.size > 0 && few.size < words.size);
  // Zoomed in there is more room for them, and zoomed out less: they stay legible.
  const [near, far] = [2.5, 0.4].map((zoom) => wordsOf(graph, dots, { rem: REM, zoom, labelOf: () => LABEL }));
  const letters = (/** @type {typeof words} */ all) => [...all.values()].reduce((sum, { text }) => sum + text.length, 0);
  assert.ok(letters(near) > letters(few) && letters(far) < letters(few));
  for (const { size } of far.values()) assert.ok(size * 0.4 > 0.7 * REM - 1e-9);
});

test("a word is the longest form of a label that fits", () => {
  const label = "on “experiencing” → says “visual”, “preeclampsia”";
  const within = (/** @type {number} */ length) => fitting(label, (text) => text.length <= length);
  assert.equal(within(60), label);
  assert.equal(within(35), "says “visual”, “preeclampsia”");
  assert.equal(within(16), "says “visual”…");
  assert.equal(within(10), "→ visual…");
  assert.equal(within(3), undefined);
  assert.equal(
    fitting("on “weeks” or 2 more", (text) => text.length <= 6),
    "weeks…",
  );
});

test("bundles hold the weight of all edges, and end at the nodes", () => {
  const of = traced();
  const pruned = edgesOf(of);
  const layout = /** @type {Layout} */ (layOutStretches(of.graph, of.nodes, { width: 1005, height: 447, rem: REM }));
  const bundles = /** @type {Bundles} */ (Bundles.gather(of.graph, pruned, layout, REM));
  bundles.sum(bundles.count);
  const strands = bundles.strandsFrom(0);
  const sum = (/** @type {Iterable<number>} */ all) => [...all].reduce((total, each) => total + Math.abs(each), 0);
  const trunks = strands.filter(({ trunk }) => trunk);
  assert.ok(Math.abs(sum(trunks.map(({ weight }) => weight)) - sum(pruned.weights)) < 1e-3 * sum(pruned.weights));
  assert.ok(trunks.length < pruned.weights.length / 2, `${trunks.length} of ${pruned.weights.length}`);
  const places = new Set([...layout.boxes.values()].map(({ y }) => y.toFixed(3)));
  for (const { points, trunk } of strands) {
    assert.equal((points.length - 2) % 6, 0);
    if (!trunk)
      assert.ok(
        [points[1], points[points.length - 1]].some((y) => places.has(y.toFixed(3))),
        "a fan ends in a node",
      );
  }
  const marks = bundleMarks(bundles, { rem: REM });
  assert.ok(marks.length > 0 && marks.every(({ edge }) => edge >= 0));
  assert.ok(marks.every(({ stroke, edge }) => (stroke === "negative") === pruned.weights[edge] < 0));
  assert.deepEqual(bundleMarks(bundles, { rem: REM, seen: { left: 2000, right: 3000, top: 0, bottom: 400 } }), []);
});

test("bundles are the same whether their edges are summed at once or some at a time", () => {
  const of = traced();
  const pruned = edgesOf(of);
  const layout = layOut(of.graph, of.nodes, { width: 1005, height: 447, rem: REM, plotted: false });
  const bundled = () => /** @type {Bundles} */ (Bundles.gather(of.graph, pruned, layout, REM));
  const [whole, pieces] = [bundled(), bundled()];
  for (let end = 0; end < pruned.weights.length; end += 7) pieces.sum(end);
  assert.ok(pieces.summed > 0 && pieces.summed < pieces.count && whole.summed === 0);
  assert.deepEqual(pieces.drawn, whole.drawn);
  assert.deepEqual([pieces.summed, whole.summed], [pieces.count, whole.count]);
  const [first] = whole.drawn.strands.filter(({ trunk }) => trunk);
  assert.equal(Math.abs(first.weight), whole.drawn.strongest);
});

test("few edges stay by themselves", () => {
  const of = traced();
  const pruned = edgesOf(of);
  const few = { ...pruned, ...Object.fromEntries(["sources", "targets", "weights"].map((name) => [name, pruned[name].slice(0, 200)])) };
  const layout = layOut(of.graph, of.nodes, { width: 1005, height: 447, rem: REM, plotted: false });
  assert.equal(Bundles.gather(of.graph, /** @type {any} */ (few), layout, REM), undefined);
});
