// The panel of the node looked at: when it shows which node, and that who is in it is not disturbed.

/** @import { Lab } from "./lab.js" */
/** @import { OperandPlot } from "./engine-api.js" */

import { BigPlot } from "./big-plot.js";
import { askForHeads } from "./connections.js";
import { place, stopWhereItScrolls } from "./dom.js";
import { describe } from "./inspected.js";
import { legend } from "./legend.js";
import { steerButtons } from "./steer/controls.js";

const HOVER_MS = 70; // passing over a node on the way to another does not change the panel

/** @param {Lab} lab */
export function mountInspector(lab) {
  const panel = stopWhereItScrolls(lab.part("inspector"));
  /** @type {number | undefined} */ let shown;
  let timer = 0;

  /** @param {number} node */
  const ask = (node) => lab.worker.inspect(node);

  function choose() {
    clearTimeout(timer);
    // The lists of this panel light up nodes too: they must not change under the pointer.
    if (lab.selected !== undefined || panel.matches(":hover")) return;
    if (lab.hovered !== undefined) timer = setTimeout(ask, HOVER_MS, lab.hovered);
  }

  /** Fills the panel; who is in it with the keyboard stays on the same control, or in the panel. @param {Iterable<Node>} children */
  function fill(children) {
    if (panel.querySelector("input.rename")) return; // until the name is typed
    const focused = lab.focused instanceof HTMLElement && panel.contains(lab.focused) ? keyOf(lab.focused) : undefined;
    place(panel, [...children]);
    if (focused === undefined || panel.contains(lab.focused)) return;
    const same = [...panel.querySelectorAll("button")].find((button) => keyOf(button) === focused);
    (same ?? panel).focus({ preventScroll: true });
  }

  /**
   * The plot that is drawn, and what of.
   * @type {{ plot: OperandPlot, operands: unknown, position: number, elements: HTMLElement[] } | undefined}
   */
  let large;
  /**
   * The same one as long as it shows the same, so that who is at it is not disturbed.
   * @param {OperandPlot} plot
   * @param {number} position
   */
  function bigPlot(plot, position) {
    const operands = lab.view?.operands;
    if (large?.plot !== plot || large.operands !== operands || large.position !== position) {
      large = { plot, operands, position, elements: new BigPlot(lab, plot, position).elements };
    }
    return large.elements;
  }

  function showLegend() {
    shown = undefined;
    panel.classList.remove("with-feature");
    fill(legend(lab));
  }

  function showDetail() {
    const { detail, view } = lab;
    if (!detail || !view) return;
    const { node } = detail;
    // Meanwhile another node may have been selected, or a late answer come for one only passed over.
    if (lab.selected !== undefined && node !== lab.selected) return;
    const sameNode = shown === node;
    shown = node;
    fill(describe(lab, panel, detail, bigPlot, showDetail));
    if (sameNode) return;
    panel.scrollTop = 0;
    lab.worker.wantPlots([node, ...detail.inputs.nodes.slice(0, 40), ...detail.outputs.nodes.slice(0, 40)]);
    if (lab.selected === node) askForHeads(lab, detail);
  }

  lab.bus.on("graph", () => {
    shown = undefined;
    const node = lab.selected ?? lab.hovered; // of a recorded graph, what is hovered stays
    if (node === undefined) showLegend();
    else ask(node);
  });
  lab.bus.on("selection", () => {
    if (lab.selected === undefined) return showLegend();
    shown = undefined;
    ask(lab.selected);
  });
  lab.bus.on("hover", choose);
  lab.bus.on("detail", () => lab.whenReleased(panel, showDetail));
  const again = () => lab.whenReleased(panel, () => shown !== undefined && showDetail());
  for (const name of /** @type {const} */ (["pruned", "labels", "answers", "arrangement", "heads", "feature", "rungs"]))
    lab.bus.on(name, again);
  // Of the panel, these buttons alone: while a slider moves, the rest stays.
  lab.bus.on("steering", () => {
    const old = panel.querySelector(".steer-buttons");
    const now = old && lab.selected !== undefined ? steerButtons(lab, lab.selected) : undefined;
    if (!old || !now) return;
    const focused = [...old.children].indexOf(/** @type {Element} */ (lab.focused));
    old.replaceWith(now);
    /** @type {HTMLElement | undefined} */ (now.children[focused])?.focus({ preventScroll: true });
  });
  lab.bus.on("samples", ({ ready }) => ready && again());
  const repaint = () => lab.whenReleased(panel, () => (shown === undefined ? showLegend() : showDetail()));
  lab.bus.on("plots", repaint);
  lab.bus.on("theme", () => {
    large = undefined; // its colours are others
    repaint();
  });
  lab.bus.on("graded", repaint);
  showLegend();
}

/** What tells a control of this panel from the others. @param {HTMLElement} control */
function keyOf(control) {
  const { id } = control.dataset;
  return id === undefined
    ? `${control.className} ${control.textContent} after ${control.previousElementSibling?.className}`
    : `${control.closest(".flows")?.className} ${id}`;
}
