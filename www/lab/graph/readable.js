// What makes a graph of many nodes readable, and helps through it: words, bundles, a text in stretches, zoom, arrow keys, what the pointer
// is told. It comes as a file of its own, when nodes are wanted.

export { bundleMarks, Bundles } from "../../graph/bundles.js";
export { layOutStretches } from "../../graph/stretches.js";
export { wordsOf } from "../../graph/words.js";
export { mountGraph } from "./graph.js";
export { neighbour } from "./keyboard.js";
export { Tooltip } from "./tooltip.js";
export { writeWord } from "./word.js";
export { followZoom } from "./zoom.js";
