// Two prompts side by side: their graphs with nodes aligned, and what is shared, gained and lost.

/** @import { Layout } from "../../graph/layout.js" */
/** @import { Lab } from "../lab.js" */
/** @import { Traced } from "../messages.js" */
/** @import { Column } from "./column.js" */

import { html, onResize } from "../dom.js";
import { answerChance, answerText, counted, percent } from "../format.js";
import { Picture } from "../graph/picture.js";
import { readable, whenReadable } from "../graph/when-readable.js";
import { column } from "./column.js";
import { likest } from "./likest.js";
import { Twins } from "./twins.js";

const LEAST_WIDTH = 30; // rem; in a narrower pane the graph scrolls
const LEAST_HEIGHT = 15; // rem
const LEAST_ZOOM = 0.7;
const BEFORE = 4.5; // rem left of the first token that differs: a scrolled pane fades there
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
  /** @type {Twins | undefined} */ let twins;
  /** The node pointed at, in each graph. @type {(number | undefined)[]} */ let shown = [];
  /** The second graph as it was drawn. @type {Traced | undefined} */ let second;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;

  function end() {
    clearTimeout(timer);
    lab.compare(undefined);
    begin.focus();
  }
  begin.addEventListener("click", () => {
    if (!panel.hidden) return end();
    lab.compare(likest(lab) ?? lab.prompt ?? "");
    input.focus();
    input.select();
  });
  close.addEventListener("click", end);
  swap.addEventListener("click", () => {
    const { compare } = lab.address;
    const first = lab.prompt;
    if (!compare || first === undefined) return;
    lab.compare(first);
    lab.goTo(compare);
  });
  steer.addEventListener("click", () => {
    const [first, second] = graphs();
    if (!first || !second || !twins) return;
    const set = twins.swapped(first, second);
    lab.compare(undefined);
    lab.steer("swap", (steering) => Object.assign(steering.set, set));
  });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => lab.compare(input.value || " "), WAIT_MS);
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation(); // the selected node stays
    end();
  });

  /** @returns {(Traced | undefined)[]} */
  const graphs = () => [lab.view, lab.other];

  function show() {
    const on = lab.address.compare !== undefined;
    panel.hidden = !on;
    begin.setAttribute("aria-pressed", String(on));
    lab.part("screen").classList.toggle("comparing", on);
    if (on && lab.focused !== input) input.value = lab.address.compare ?? "";
    if (on) redraw();
    if (on && !readable()) void whenReadable().then(() => lab.lifetime.aborted || redraw());
  }

  function redraw() {
    const { view: first, other: second } = lab;
    if (panel.hidden || !first) return;
    twins = new Twins(first, second);
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
      const zoom = high > frame.height ? Math.max(LEAST_ZOOM, frame.height / high) : 1;
      if (zoom < 1) pictures[i].draw(traced, { ...frame, width: frame.width / LEAST_ZOOM, zoom });
      for (const [node, element] of pictures[i].elements)
        element.classList.add(!second || twins?.counterpart(i, node) !== undefined ? "shared" : i === 0 ? "lost" : "gained");
      lab.worker.wantPlots(traced.pruned.nodes, traced);
      // Where not all fits, what differs is what to see first, or else the answer.
      const differs = differsAt(pictures[i].layout, traced, graphs()[1 - i]);
      stage.scrollLeft = differs === undefined ? stage.scrollWidth : differs * zoom - BEFORE * rem;
      pictures[i].holdNames(stage.scrollLeft);
    });
    light();
    draw();
  }

  function light() {
    graphs().forEach((traced, i) => traced && pictures[i].light({ centre: shown[i], selected: undefined, pinned: new Set() }));
  }

  /** @param {number} which @param {number | undefined} node */
  function point(which, node) {
    const other = node === undefined ? undefined : twins?.counterpart(which, node);
    const next = which === 0 ? [node, other] : [other, node]; // a twin that was pruned away has no element, and lights nothing
    if (next[0] === shown[0] && next[1] === shown[1]) return;
    shown = next;
    light();
  }

  pictures.forEach((picture, i) => {
    picture.root.addEventListener("pointermove", (event) => {
      point(i, picture.nodeOf(event));
    });
    picture.root.addEventListener("pointerleave", () => point(i, undefined));
    const pane = /** @type {HTMLElement} */ (panes[i].querySelector(".pane"));
    pane.addEventListener("scroll", () => picture.holdNames(pane.scrollLeft), { passive: true });
  });

  function draw() {
    const [first, second] = graphs();
    if (!first || !second || !twins) {
      count.textContent = "";
      return lists.replaceChildren();
    }
    const { lost, shared, gained, pruned } = twins.sorted(first, second);
    // Token for token, or a feature's place in one is none in the other.
    steer.disabled =
      lab.view?.recorded !== undefined ||
      first.graph.tokens.length !== second.graph.tokens.length ||
      Object.keys(twins.swapped(first, second)).length === 0;
    count.textContent =
      `${counted(shared.length, "feature")} in ` +
      `both${pruned > 0 ? ` (${pruned} of them on show in one alone)` : ""}, ${lost.length} only in the ` +
      `first, ${gained.length} only in the second`;
    /** @type {Column[]} */
    const columns = [
      { title: "Only in the first", kind: "lost", nodes: lost, which: 0 },
      { title: "In both", kind: "shared", nodes: shared, which: 0 },
      { title: "Only in the second", kind: "gained", nodes: gained, which: 1 },
    ];
    const here = twins;
    lists.replaceChildren(...columns.map((each) => column(lab, here, [first, second], each, point)));
  }

  lab.watch(
    () => [lab.address.compare, lab.view, lab.view?.pruned, lab.view?.graph.whole, lab.other, lab.other?.graph.whole, lab.colours],
    () => {
      if (lab.other !== second) shown = [];
      second = lab.other;
      show();
    },
  );
  const { features, plots } = lab;
  lab.watch(
    () => [plots.arrivals, features.names],
    () => {
      if (panel.hidden) return;
      for (const picture of pictures) {
        picture.paintPlots();
        picture.nameNodes();
      }
      light();
      draw();
    },
  );
  // Once they are computed.
  lab.watch(
    () => graphs().map((traced) => traced?.operands && lab.plots.isFinished(traced.operands.key)),
    () => {
      if (!panel.hidden) for (const traced of graphs()) if (traced) lab.worker.wantPlots(traced.pruned.nodes, traced);
    },
  );
  let width = 0;
  onResize(
    panel,
    () => {
      if (panel.clientWidth !== width) redraw();
      width = panel.clientWidth;
    },
    lab.lifetime,
  );
}

/**
 * Where the column of the first token begins that the other prompt has not in its place.
 * @param {Layout | undefined} layout @param {Traced} traced @param {Traced | undefined} other
 */
function differsAt(layout, { graph: { tokens } }, other) {
  const at = other ? tokens.findIndex((token, i) => token !== other.graph.tokens[i]) : -1;
  return at < 0 ? undefined : layout?.columns[layout.stretchOf?.[at] ?? at]?.left;
}
