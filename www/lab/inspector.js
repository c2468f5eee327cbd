// The node looked at: its name, its plot, and below them its connections and what is known of its feature.

/** @import { Lab, Detail } from "./lab.js" */
/** @import { OperandPlot } from "./engine-api.js" */
/** @import { Graph } from "./messages.js" */

import { BigPlot } from "./big-plot.js";
import { askForHeads, connections } from "./connections.js";
import { byTouch, withKeys } from "./device.js";
import { html, stopWhereItScrolls } from "./dom.js";
import { featurePanel } from "./feature.js";
import { activationOf, chanceOf, nameOf, partOf, percent, placeName } from "./format.js";
import { ladderOf } from "./grade/ladder.js";
import { otherwise } from "./grade/otherwise.js";
import { ATTENTION_ERROR, ATTENTION_FEATURE, BIAS, ERROR, FEATURE, isError, isFeature, LOGIT, TOKEN } from "./kinds.js";
import { legend } from "./legend.js";
import { steerButtons } from "./steer/controls.js";
import { term } from "./terms.js";

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
    place([...children]);
    if (focused === undefined || panel.contains(lab.focused)) return;
    const same = [...panel.querySelectorAll("button")].find((button) => keyOf(button) === focused);
    (same ?? panel).focus({ preventScroll: true });
  }

  /** Puts these in place of what was there; what stays is not touched, and keeps the focus. @param {Node[]} children */
  function place(children) {
    for (const child of [...panel.childNodes]) if (!children.includes(child)) child.remove();
    let next = panel.firstChild;
    for (const child of children) {
      if (child === next) next = next.nextSibling;
      else panel.insertBefore(child, next);
    }
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

const ON_ITS_WAY =
  "Recorded: below are this node’s connections on show. The engine is on its way; all connections, attention heads and steering follow.";

/** What nodes stand for that are not named by it. @type {Record<number, string>} */
const NOTES = {
  [ERROR]: "What the model’s MLP wrote here and the transcoder’s features do not explain.",
  [ATTENTION_ERROR]: "What the model’s attention wrote here and the attention features do not explain.",
  [ATTENTION_FEATURE]: "Something that was found in what the model’s attention writes: it moves information from earlier tokens.",
  [BIAS]: "A constant that the model adds here, whatever the prompt.",
};

/**
 * @param {Lab} lab
 * @param {HTMLElement} panel
 * @param {Detail} detail
 * @param {(plot: OperandPlot, position: number) => HTMLElement[]} bigPlot
 * @param {() => void} repaint
 */
function describe(lab, panel, { node, inputs, outputs }, bigPlot, repaint) {
  const { graph } = /** @type {NonNullable<Lab["view"]>} */ (lab.view);
  const kind = graph.kind[node];
  const label = lab.labelOf(node);
  const where = label === undefined ? placeName(graph, node) : `${nameOf(graph, node)}, ${placeName(graph, node)}`;
  const children = [header(lab, node), html("p", { class: "where" }, where), facts(graph, node)];
  const steers = lab.selected === node && lab.isLive ? steerButtons(lab, node) : undefined;
  if (steers) children.push(steers);
  const part = partOf(graph, node);
  const what = part ? `This is the ${part}, ${percent(graph.activation[node])}.` : (otherwise(lab, node) ?? NOTES[kind]);
  if (what) children.push(html("p", { class: "note" }, what));
  if (lab.view?.early) children.push(html("p", { class: "note" }, ON_ITS_WAY));
  const plot = lab.plot(node);
  if (plot) children.push(...bigPlot(plot, graph.position[node]));
  const known = kind === FEATURE ? featurePanel(lab, node) : undefined;
  panel.classList.toggle("with-feature", known !== undefined);
  const lists = html(
    "section",
    { class: "connections", "aria-label": "Connections" },
    ...connections(lab, node, inputs, outputs),
    ...(steers ? ladderOf(lab, node) : []),
  );
  if (!known) return [...children, lists];
  const feature = html("section", { class: "feature-facts", "aria-label": "Feature" }, ...known);
  const tabs = html("div", { class: "tabs", role: "group", "aria-label": "Shown below" });
  for (const [name, text] of /** @type {const} */ ([
    ["connections", "Connections"],
    ["feature", "Feature"],
  ])) {
    const button = html("button", { type: "button", "aria-pressed": String(lab.reader.tab === name) }, text);
    button.addEventListener("click", () => {
      lab.reader.tab = name;
      repaint();
    });
    tabs.append(button);
  }
  return [...children, tabs, html("div", { class: "both", "data-tab": lab.reader.tab }, lists, feature)];
}

/** @param {Lab} lab @param {number} node */
function header(lab, node) {
  const { graph } = /** @type {NonNullable<Lab["view"]>} */ (lab.view);
  const title = html("h2", {}, lab.nameOf(node));
  const bar = html("header", {}, title);
  const selected = lab.selected === node;
  if (selected && isFeature(graph.kind[node])) {
    const rename = html("button", { type: "button", class: "quiet", title: "Give this feature a name of your own" }, "Rename");
    rename.addEventListener("click", () => {
      const input = html("input", { class: "rename", value: lab.labelOf(node) ?? "", maxlength: 80, "aria-label": "Name of the feature" });
      let left = false;
      const leave = (/** @type {boolean} */ keep) => {
        if (left) return;
        left = true;
        const { value } = input;
        input.replaceWith(title);
        if (keep) lab.label(node, value);
        else lab.bus.emit("labels", undefined);
      };
      input.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== "Escape") return;
        event.stopPropagation();
        leave(event.key === "Enter");
      });
      input.addEventListener("blur", () => leave(true));
      title.replaceWith(input);
      input.focus();
      input.select();
    });
    bar.append(rename);
  }
  const id = graph.id[node];
  const pinned = lab.arrangement.pinned.includes(id);
  const pin = html(
    "button",
    {
      type: "button",
      class: "quiet pin",
      "aria-pressed": String(pinned),
      title: withKeys("Into the subgraph, or out of it", "Shift and a click, or P"),
    },
    pinned ? "Unpin" : "Pin",
  );
  pin.addEventListener("click", () => lab.togglePin(node));
  bar.append(pin);
  if (!selected) return bar;
  const close = html("button", { type: "button", class: "quiet", title: byTouch ? undefined : "Esc does the same" }, "Close");
  close.addEventListener("click", () => lab.select(undefined));
  bar.append(close);
  return bar;
}

/** @param {Graph} graph @param {number} node */
function facts(graph, node) {
  const kind = graph.kind[node];
  /** @type {[string | Node, string][]} */
  const pairs = [];
  if (isFeature(kind)) pairs.push([term("activation", "Activation"), activationOf(graph, node, 3)]);
  if (kind === LOGIT) pairs.push([chanceOf(graph, node) === "difference" ? "Target" : "Probability", chanceOf(graph, node)]);
  if (kind === TOKEN) pairs.push(["Token id", String(graph.index[node])]);
  if (isFeature(kind) || isError(kind)) pairs.push([term("influence", "Within the top"), `${percent(graph.influence[node])} of influence`]);
  return html("dl", {}, ...pairs.map(([name, value]) => html("div", {}, html("dt", {}, name), html("dd", {}, value))));
}
