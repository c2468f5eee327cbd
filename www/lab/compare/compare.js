// Two prompts side by side: their graphs with nodes aligned, and what is shared, gained and lost.

/** @import { Lab } from "../lab.js" */
/** @import { Graph, Traced } from "../messages.js" */
/** @import { Matches } from "./align.js" */

import { html, onResize } from "../dom.js";
import { answerChance, answerText, counted, percent, placeName } from "../format.js";
import { drawPlot } from "../graph/canvas.js";
import { Picture } from "../graph/picture.js";
import { FEATURE } from "../kinds.js";
import { keyOfNode, numberText } from "../steer/steering.js";
import { alignNodes } from "./align.js";
import { likest } from "./likest.js";

const LEAST_WIDTH = 30; // rem; in a narrower pane the graph scrolls
const LEAST_HEIGHT = 15; // rem
const LEAST_ZOOM = 0.7;
const WAIT_MS = 250;

/** @param {Lab} lab */
export function mountCompare(lab) {
  const panel = lab.part("compare");
  /** @type {HTMLInputElement} */ const input = lab.part("compare-prompt");
  const begin = lab.part("compare-begin");
  const close = lab.part("compare-close");
  const swap = lab.part("compare-swap");
  /** @type {HTMLButtonElement} */ const steer = lab.part("compare-steer");
  const count = lab.part("compare-count");
  const lists = lab.part("compare-lists");
  const panes = ["first", "second"].map((which) => lab.part(`compare-${which}`));
  const pictures = panes.map((pane) => new Picture(lab, /** @type {HTMLElement} */ (pane.querySelector(".stage"))));
  /** @type {Matches} */ let matches = { first: new Map(), second: new Map() };
  /** Nodes on show in each graph. @type {Set<number>[]} */ let drawn = [];
  /** The node pointed at, in each graph. @type {(number | undefined)[]} */ let shown = [];
  let timer = 0;

  begin.addEventListener("click", () => {
    lab.compare(likest(lab) ?? lab.prompt ?? "");
    input.focus();
    input.select();
  });
  close.addEventListener("click", () => {
    lab.compare(undefined);
    begin.focus();
  });
  swap.addEventListener("click", () => {
    const { compare } = lab.address;
    const first = lab.prompt;
    if (!compare || first === undefined) return;
    lab.compare(first);
    lab.goTo(compare);
  });
  steer.addEventListener("click", () => {
    const [first, second] = graphs();
    if (!first || !second) return;
    const set = swapped(first, second);
    lab.compare(undefined);
    lab.steer("swap", (steering) => Object.assign(steering.set, set));
  });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => lab.compare(input.value || " "), WAIT_MS);
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    lab.compare(undefined);
    begin.focus();
  });

  /** The same node in the other graph, on show there or pruned away. @param {number} which @param {number} node */
  const twinOf = (which, node) => (which === 0 ? matches.first : matches.second).get(node);

  /** Whether a node is on show in its own graph alone. @param {number} which @param {number} node */
  function isAlone(which, node) {
    const twin = twinOf(which, node);
    return twin === undefined || !drawn[1 - which].has(twin);
  }

  /** The features that are on show in one graph alone, as they are in the second. @param {Traced} first @param {Traced} second */
  function swapped({ graph }, { graph: other }) {
    /** @type {Record<string, string>} */
    const set = {};
    for (const node of drawn[0]) {
      const key = keyOfNode(graph, node);
      if (key === undefined || !isAlone(0, node)) continue;
      const twin = twinOf(0, node);
      set[key] = twin === undefined ? "0" : numberText(other.activation[twin]);
    }
    for (const node of drawn[1]) {
      const key = keyOfNode(other, node);
      if (key !== undefined && isAlone(1, node)) set[key] = numberText(other.activation[node]);
    }
    return set;
  }

  /** @returns {(Traced | undefined)[]} */
  const graphs = () => [lab.view, lab.other];

  function show() {
    const on = lab.address.compare !== undefined;
    panel.hidden = !on;
    lab.part("screen").classList.toggle("comparing", on);
    if (on && lab.focused !== input) input.value = lab.address.compare ?? "";
    if (on) redraw();
  }

  function redraw() {
    const [first, second] = graphs();
    if (panel.hidden || !first) return;
    matches = second ? alignNodes(first, second) : { first: new Map(), second: new Map() };
    drawn = graphs().map((traced) => new Set(traced?.pruned.nodes));
    graphs().forEach((traced, i) => {
      const pane = panes[i];
      const [caption, stage] = [
        /** @type {HTMLElement} */ (pane.querySelector("figcaption")),
        /** @type {HTMLElement} */ (pane.querySelector(".pane")),
      ];
      stage.classList.toggle("empty", !traced);
      if (!traced) return;
      const answer = traced.graph.answers[0];
      caption.replaceChildren(
        html("span", { class: "asked" }, traced.prompt),
        html("strong", {}, answer ? answerText(traced.graph, answer) : ""),
        html("small", {}, answer ? percent(answerChance(traced.graph, answer)) : ""),
      );
      const rem = lab.rem;
      // As high as the picture is, so that nothing of it is cut off.
      const frame = {
        width: Math.max(stage.clientWidth, LEAST_WIDTH * rem),
        height: Math.max(LEAST_HEIGHT * rem, 0.45 * innerHeight),
        zoom: 1,
        name: `Attribution graph of “${traced.prompt}”`,
      };
      pictures[i].draw(traced, frame);
      // Smaller where that shows it whole.
      const high = pictures[i].layout?.height ?? 0;
      if (high > frame.height)
        pictures[i].draw(traced, { ...frame, width: frame.width / LEAST_ZOOM, zoom: Math.max(LEAST_ZOOM, frame.height / high) });
      for (const [node, element] of pictures[i].elements)
        element.classList.add(!second || twinOf(i, node) !== undefined ? "shared" : i === 0 ? "lost" : "gained");
      lab.worker.wantPlots(traced.pruned.nodes, traced);
      stage.scrollLeft = stage.scrollWidth;
      pictures[i].holdNames(stage.scrollLeft);
    });
    light();
    tell();
  }

  function light() {
    graphs().forEach((traced, i) => traced && pictures[i].light({ centre: shown[i], selected: undefined, pinned: new Set() }));
  }

  /** @param {number} which @param {number | undefined} node */
  function point(which, node) {
    const other = node === undefined ? undefined : twinOf(which, node);
    const next = which === 0 ? [node, other] : [other, node]; // a twin that was pruned away has no element, and lights nothing
    if (next[0] === shown[0] && next[1] === shown[1]) return;
    shown = next;
    light();
  }

  pictures.forEach((picture, i) => {
    picture.root.addEventListener("pointerover", (event) => {
      point(i, picture.nodeOf(event));
    });
    picture.root.addEventListener("pointerleave", () => point(i, undefined));
    const pane = /** @type {HTMLElement} */ (panes[i].querySelector(".pane"));
    pane.addEventListener("scroll", () => picture.holdNames(pane.scrollLeft), { passive: true });
  });

  function tell() {
    const [first, second] = graphs();
    if (!first || !second) {
      count.textContent = "";
      return lists.replaceChildren();
    }
    const features = (/** @type {Traced} */ { graph, pruned }) =>
      Array.from(pruned.nodes)
        .filter((node) => graph.kind[node] === FEATURE)
        .sort((a, b) => graph.influence[a] - graph.influence[b]);
    const [ofFirst, ofSecond] = [features(first), features(second)];
    const lost = ofFirst.filter((node) => twinOf(0, node) === undefined);
    const gained = ofSecond.filter((node) => twinOf(1, node) === undefined);
    // What one of the graphs has and merely prunes away is in both.
    const prunedThere = ofFirst.filter((node) => twinOf(0, node) !== undefined && isAlone(0, node));
    const prunedHere = ofSecond.flatMap((node) => (isAlone(1, node) ? (twinOf(1, node) ?? []) : []));
    const shared = [...ofFirst.filter((node) => !isAlone(0, node)), ...prunedThere, ...prunedHere];
    // Token for token, or a feature's place in one is none in the other.
    steer.disabled =
      lab.view?.recorded !== undefined ||
      first.graph.tokens.length !== second.graph.tokens.length ||
      Object.keys(swapped(first, second)).length === 0;
    const pruned = prunedThere.length + prunedHere.length;
    count.textContent =
      `${counted(shared.length, "feature")} in ` +
      `both${pruned > 0 ? ` (${pruned} of them on show in one alone)` : ""}, ${lost.length} only in the ` +
      `first, ${gained.length} only in the second`;
    lists.replaceChildren(
      column("Only in the first", "lost", lost, 0, first, second),
      column("In both", "shared", shared, 0, first, second),
      column("Only in the second", "gained", gained, 1, second, first),
    );
  }

  /**
   * @param {string} title
   * @param {string} kind
   * @param {number[]} nodes
   * @param {number} which
   * @param {Traced} traced whose nodes they are
   * @param {Traced} other
   */
  function column(title, kind, nodes, which, traced, other) {
    const { graph } = traced;
    const rows = nodes.map((node) => {
      const twin = twinOf(which, node);
      const [here, there] = [
        graph.activation[node].toFixed(2),
        twin === undefined ? absent(other.graph) : other.graph.activation[twin].toFixed(2),
      ];
      const strength = which === 0 ? `${here} → ${there}` : `${there} → ${here}`;
      const away =
        kind !== "shared" || twin === undefined
          ? undefined
          : !drawn[0].has(node)
            ? "pruned in the first"
            : !drawn[1].has(twin)
              ? "pruned in the second"
              : undefined;
      const pruned = away && html("small", {}, away);
      const row = html(
        "li",
        { tabindex: 0 },
        thumb(node, traced),
        html("span", { class: "name" }, lab.nameOf(node, traced), html("small", {}, placeName(graph, node))),
        html("span", { class: "weight" }, strength, pruned),
      );
      row.addEventListener("pointerenter", () => point(which, node));
      row.addEventListener("pointerleave", () => point(which, undefined));
      row.addEventListener("focus", () => point(which, node));
      row.addEventListener("blur", () => point(which, undefined));
      return row;
    });
    return html(
      "section",
      { class: kind },
      html("h3", {}, title, html("small", {}, String(nodes.length))),
      rows.length > 0 ? html("ul", {}, ...rows) : html("p", { class: "note" }, "None."),
    );
  }

  /** @param {number} node @param {Traced} traced */
  function thumb(node, traced) {
    const plot = lab.plot(node, traced);
    const canvas = html("canvas", { width: 64, height: 64, "aria-hidden": "true" });
    const context = canvas.getContext("2d");
    if (plot && context) drawPlot(lab, context, plot, 64, traced.operands);
    return canvas;
  }

  lab.bus.on("compare", show);
  lab.bus.on("graph", show);
  for (const name of /** @type {const} */ (["pruned", "answers"])) lab.bus.on(name, redraw);
  lab.bus.on("theme", redraw);
  lab.bus.on("compared", () => {
    shown = [];
    redraw();
  });
  for (const name of /** @type {const} */ (["plots", "labels"])) {
    lab.bus.on(name, () => {
      if (panel.hidden) return;
      for (const picture of pictures) {
        picture.paintPlots();
        picture.nameNodes();
      }
      light();
      tell();
    });
  }
  lab.bus.on("operands", ({ done, total }) => {
    if (done >= total && !panel.hidden) for (const traced of graphs()) if (traced) lab.worker.wantPlots(traced.pruned.nodes, traced);
  });
  let width = 0;
  onResize(panel, () => {
    if (panel.clientWidth !== width) redraw();
    width = panel.clientWidth;
  });
  show();
}

/** What is said of a feature that a graph does not have: only with all active ones as nodes is it silent. @param {Graph} graph */
function absent({ kind, activeFeatures }) {
  return kind.filter((each) => each === FEATURE).length < activeFeatures ? "no node" : "silent";
}
