// The panel of the node looked at: when it shows which node, and that who is in it is not disturbed.

/** @import { Lab } from "./lab.js" */
/** @import { OperandPlot } from "./engine-api.js" */

import { stopWhereItScrolls } from "./dom.js";
import { keyed } from "./keyed.js";
import { legend } from "./legend.js";
import { inspectedParts } from "./tried-again.js";

const HOVER_MS = 70; // passing over a node on the way to another does not change the panel

const LISTED = 40; // of its inputs and outputs each, that are listed at first

/** @param {Lab} lab */
export function mountInspector(lab) {
  const panel = stopWhereItScrolls(lab.part("inspector"));
  /** @type {number | undefined} */ let shown;
  let timer = 0;

  /** What it says of a node is not needed for the first graph. @type {typeof import("./inspected.js") | undefined} */ let parts;
  /** @type {Promise<boolean> | undefined} */ let coming;
  /** Whether it is here. */
  function load() {
    const arrived = (/** @type {typeof import("./inspected.js")} */ found) => (parts = found) !== undefined;
    coming ??= inspectedParts().then(arrived, () => {
      coming = undefined; // who asks again has it tried again
      const advice = "Check the connection and try again, or reload the page: its address holds what you set.";
      lab.bus.emit("notice", { about: "engine", sentence: "The panel of nodes did not arrive.", advice });
      return false;
    });
    return coming;
  }

  /** @param {number} node */
  const ask = (node) => lab.worker.inspect(node);

  function choose() {
    clearTimeout(timer);
    // The lists of this panel light up nodes too: they must not change under the pointer.
    if (lab.selected !== undefined || panel.matches(":hover")) return;
    if (lab.hovered !== undefined) timer = setTimeout(ask, HOVER_MS, lab.hovered);
  }

  /** Fills the panel; who is in it with the keyboard stays on the same control, or in the panel. @param {Iterable<HTMLElement>} children */
  function fill(children) {
    if (panel.querySelector("input.rename")) return; // until the name is typed
    const { focused } = lab;
    const isIn = focused instanceof HTMLElement && panel.contains(focused);
    /** How many there were of each. @type {Map<string, number>} */ const counts = new Map();
    const key = (/** @type {HTMLElement} */ { localName, className }) => {
      const name = `${shown} ${localName} ${className}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return `${name} ${counts.get(name)}`;
    };
    keyed(panel, children, { key, look: (child) => child, make: (child) => child });
    if (isIn && !panel.contains(lab.focused)) panel.focus({ preventScroll: true });
  }

  /**
   * The plot that is drawn, and what of.
   * @type {{ plot: OperandPlot, of: unknown[], elements: HTMLElement[] } | undefined}
   */
  let large;
  /**
   * The same one as long as it shows the same, so that who is at it is not disturbed.
   * @param {OperandPlot} plot
   * @param {number} position
   * @param {number} activation
   */
  function bigPlot(plot, position, activation) {
    const { BigPlot } = /** @type {NonNullable<typeof parts>} */ (parts);
    const of = [lab.view?.operands, position, activation, lab.colours];
    if (large?.plot !== plot || large.of.some((each, i) => each !== of[i]))
      large = { plot, of, elements: new BigPlot(lab, plot, position, activation).elements };
    return large.elements;
  }

  function showLegend() {
    shown = undefined;
    panel.classList.remove("with-feature");
    fill(legend(lab));
  }

  function showDetail() {
    const { detail } = lab.view ?? {};
    if (!detail) return;
    if (!parts) return void load().then((here) => here && lab.whenReleased(panel, showDetail));
    const { node } = detail;
    // Meanwhile another node may have been selected, or a late answer come for one only passed over.
    if (lab.selected !== undefined && node !== lab.selected) return;
    const sameNode = shown === node;
    shown = node;
    fill(parts.describe(lab, panel, detail, bigPlot, showDetail));
    if (sameNode) return;
    panel.scrollTop = 0;
    wantPlots();
    if (lab.selected === node) parts.askForHeads(lab, detail);
  }

  /** Of the node and of what is listed below it, also where the graph on show leaves that out. */
  function wantPlots() {
    const { detail } = lab.view ?? {};
    if (detail) lab.worker.wantPlots([detail.node, ...[detail.inputs, detail.outputs].flatMap(({ nodes }) => [...nodes.slice(0, LISTED)])]);
  }

  lab.watch(
    () => lab.view?.operands && lab.plots.isFinished(lab.view.operands.key),
    () => shown !== undefined && wantPlots(),
  );
  lab.watch(
    () => lab.view,
    () => {
      shown = undefined;
      const node = lab.selected ?? lab.hovered; // of a recorded graph, what is hovered stays
      if (node === undefined) showLegend();
      else ask(node);
    },
  );
  lab.watch(
    () => lab.address.selected,
    () => {
      if (lab.selected === undefined) return showLegend();
      shown = undefined;
      ask(lab.selected);
    },
  );
  lab.effect(() => void (lab.view && !lab.view.early && load()));
  lab.watch(() => lab.hovered, choose);
  lab.watch(
    () => lab.view?.detail,
    () => lab.whenReleased(panel, showDetail),
  );
  const { features, plots } = lab;
  lab.watch(
    () => [
      lab.view?.pruned,
      lab.view?.graph.whole,
      lab.view?.carried,
      lab.view?.rungs,
      lab.arrangement,
      features.names,
      features.facts,
      features.ready,
    ],
    () => lab.whenReleased(panel, () => shown !== undefined && showDetail()),
  );
  // Of the panel, these buttons alone: while a slider moves, the rest stays.
  lab.watch(
    () => [lab.address.steering, lab.view?.steered, lab.view?.steeredWhole],
    () => {
      const old = panel.querySelector(".steer-buttons");
      const now = old && lab.selected !== undefined ? parts?.steerButtons(lab, lab.selected) : undefined;
      if (!old || !now) return;
      const focused = [...old.children].indexOf(/** @type {Element} */ (lab.focused));
      old.replaceWith(now);
      /** @type {HTMLElement | undefined} */ (now.children[focused])?.focus({ preventScroll: true });
    },
  );
  // The legend shows a plot and what the grade says.
  lab.watch(
    () => [plots.arrivals, lab.colours, lab.view?.graded, lab.view?.story, lab.shown],
    () => lab.whenReleased(panel, () => (shown === undefined ? showLegend() : showDetail())),
  );
}
