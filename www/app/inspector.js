// The node looked at: its name, its plot, and below them its connections and what is known of its feature.

/** @import { App, Detail } from "./app.js" */
/** @import { OperandPlot } from "./engine-api.js" */
/** @import { Graph } from "./messages.js" */

import { byTouch, withKeys } from "./device.js";
import { byId, html, stopWhereItScrolls } from "./dom.js";
import { activationOf, chanceOf, nameOf, partOf, percent, placeName } from "./format.js";
import { BigPlot } from "./big-plot.js";
import { askForHeads, connections } from "./connections.js";
import { featurePanel } from "./feature.js";
import { ATTENTION_ERROR, ATTENTION_FEATURE, BIAS, ERROR, FEATURE, isError, isFeature, LOGIT, TOKEN } from "./kinds.js";
import { ladderOf } from "./grade/ladder.js";
import { otherwise } from "./grade/otherwise.js";
import { legend } from "./legend.js";
import { whenReleased } from "./press.js";
import { steerButtons } from "./steer/controls.js";
import { term } from "./terms.js";

const HOVER_MS = 70; // passing over a node on the way to another does not change the panel

/** Which of the two is on top where there is no room for both. @type {"connections" | "feature"} */
let tab = "connections";

/** @param {App} app */
export function mountInspector(app) {
  const panel = stopWhereItScrolls(byId("inspector"));
  /** @type {number | undefined} */ let shown;
  let timer = 0;

  /** @param {number} node */
  const ask = (node) => app.worker.inspect(node);

  function choose() {
    clearTimeout(timer);
    // The lists of this panel light up nodes too: they must not change under the pointer.
    if (app.selected !== undefined || panel.matches(":hover")) return;
    if (app.hovered !== undefined) timer = setTimeout(ask, HOVER_MS, app.hovered);
  }

  /** Fills the panel; who is in it with the keyboard stays on the same control, or in the panel. @param {Iterable<Node>} children */
  function fill(children) {
    if (panel.querySelector("input.rename")) return; // until the name is typed
    const focused =
      document.activeElement instanceof HTMLElement && panel.contains(document.activeElement) ? keyOf(document.activeElement) : undefined;
    place([...children]);
    if (focused === undefined || panel.contains(document.activeElement)) return;
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
    const operands = app.view?.operands;
    if (large?.plot !== plot || large.operands !== operands || large.position !== position) {
      large = { plot, operands, position, elements: new BigPlot(app, plot, position).elements };
    }
    return large.elements;
  }

  function showLegend() {
    shown = undefined;
    panel.classList.remove("with-feature");
    fill(legend(app));
  }

  function showDetail() {
    const { detail, view } = app;
    if (!detail || !view) return;
    const { node } = detail;
    // Meanwhile another node may have been selected, or a late answer come for one only passed over.
    if (app.selected !== undefined && node !== app.selected) return;
    const sameNode = shown === node;
    shown = node;
    fill(describe(app, panel, detail, bigPlot, showDetail));
    if (sameNode) return;
    panel.scrollTop = 0;
    app.worker.wantPlots([node, ...detail.inputs.nodes.slice(0, 40), ...detail.outputs.nodes.slice(0, 40)]);
    if (app.selected === node) askForHeads(app, detail);
  }

  app.bus.on("graph", () => {
    shown = undefined;
    const node = app.selected ?? app.hovered; // of a recorded graph, what is hovered stays
    if (node === undefined) showLegend();
    else ask(node);
  });
  app.bus.on("selection", () => {
    if (app.selected === undefined) return showLegend();
    shown = undefined;
    ask(app.selected);
  });
  app.bus.on("hover", choose);
  app.bus.on("detail", () => whenReleased(panel, showDetail));
  const again = () => whenReleased(panel, () => shown !== undefined && showDetail());
  for (const name of /** @type {const} */ (["pruned", "labels", "answers", "arrangement", "heads", "feature", "rungs"]))
    app.bus.on(name, again);
  // Of the panel, these buttons alone: while a slider moves, the rest stays.
  app.bus.on("steering", () => {
    const old = panel.querySelector(".steer-buttons");
    const now = old && app.selected !== undefined ? steerButtons(app, app.selected) : undefined;
    if (!old || !now) return;
    const focused = [...old.children].indexOf(/** @type {Element} */ (document.activeElement));
    old.replaceWith(now);
    /** @type {HTMLElement | undefined} */ (now.children[focused])?.focus({ preventScroll: true });
  });
  app.bus.on("samples", ({ ready }) => ready && again());
  const repaint = () => whenReleased(panel, () => (shown === undefined ? showLegend() : showDetail()));
  app.bus.on("plots", repaint);
  app.bus.on("theme", () => {
    large = undefined; // its colours are others
    repaint();
  });
  app.bus.on("graded", repaint);
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
 * @param {App} app
 * @param {HTMLElement} panel
 * @param {Detail} detail
 * @param {(plot: OperandPlot, position: number) => HTMLElement[]} bigPlot
 * @param {() => void} repaint
 */
function describe(app, panel, { node, inputs, outputs }, bigPlot, repaint) {
  const { graph } = /** @type {NonNullable<App["view"]>} */ (app.view);
  const kind = graph.kind[node];
  const label = app.labelOf(node);
  const where = label === undefined ? placeName(graph, node) : `${nameOf(graph, node)}, ${placeName(graph, node)}`;
  const children = [header(app, node), html("p", { class: "where" }, where), facts(graph, node)];
  const steers = app.selected === node && app.isLive ? steerButtons(app, node) : undefined;
  if (steers) children.push(steers);
  const part = partOf(graph, node);
  const what = part ? `This is the ${part}, ${percent(graph.activation[node])}.` : (otherwise(app, node) ?? NOTES[kind]);
  if (what) children.push(html("p", { class: "note" }, what));
  if (app.view?.early) children.push(html("p", { class: "note" }, ON_ITS_WAY));
  const plot = app.plot(node);
  if (plot) children.push(...bigPlot(plot, graph.position[node]));
  const known = kind === FEATURE ? featurePanel(app, node) : undefined;
  panel.classList.toggle("with-feature", known !== undefined);
  const lists = html(
    "section",
    { class: "connections", "aria-label": "Connections" },
    ...connections(app, node, inputs, outputs),
    ...(steers ? ladderOf(app, node) : []),
  );
  if (!known) return [...children, lists];
  const feature = html("section", { class: "feature-facts", "aria-label": "Feature" }, ...known);
  const tabs = html("div", { class: "tabs", role: "group", "aria-label": "Shown below" });
  for (const [name, text] of /** @type {const} */ ([
    ["connections", "Connections"],
    ["feature", "Feature"],
  ])) {
    const button = html("button", { type: "button", "aria-pressed": String(tab === name) }, text);
    button.addEventListener("click", () => {
      tab = name;
      repaint();
    });
    tabs.append(button);
  }
  return [...children, tabs, html("div", { class: "both", "data-tab": tab }, lists, feature)];
}

/** @param {App} app @param {number} node */
function header(app, node) {
  const { graph } = /** @type {NonNullable<App["view"]>} */ (app.view);
  const title = html("h2", {}, app.nameOf(node));
  const bar = html("header", {}, title);
  const selected = app.selected === node;
  if (selected && isFeature(graph.kind[node])) {
    const rename = html("button", { type: "button", class: "quiet", title: "Give this feature a name of your own" }, "Rename");
    rename.addEventListener("click", () => {
      const input = html("input", { class: "rename", value: app.labelOf(node) ?? "", maxlength: 80, "aria-label": "Name of the feature" });
      let left = false;
      const leave = (/** @type {boolean} */ keep) => {
        if (left) return;
        left = true;
        const { value } = input;
        input.replaceWith(title);
        if (keep) app.label(node, value);
        else app.bus.emit("labels", undefined);
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
  const pinned = app.arrangement.pinned.includes(id);
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
  pin.addEventListener("click", () => app.togglePin(node));
  bar.append(pin);
  if (!selected) return bar;
  const close = html("button", { type: "button", class: "quiet", title: byTouch ? undefined : "Esc does the same" }, "Close");
  close.addEventListener("click", () => app.select(undefined));
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
