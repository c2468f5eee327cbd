// What the inspector says of a node: its name, its plot, and below them its connections and what is known of its feature.

/** @import { Lab } from "./lab.js" */
/** @import { Detail } from "./view.js" */
/** @import { OperandPlot } from "./engine-api.js" */
/** @import { Graph } from "./messages.js" */

import { connections } from "./connections.js";
import { byTouch, withKeys } from "./device.js";
import { html, term } from "./dom.js";
import { featurePanel } from "./feature.js";
import { activationOf, answerText, chanceOf, firstsOf, nameOf, partOf, percent, placeName } from "./format.js";
import { ladderOf } from "./grade/ladder.js";
import { otherwise } from "./grade/otherwise.js";
import { ATTENTION_ERROR, ATTENTION_FEATURE, BIAS, ERROR, FEATURE, isError, isFeature, LOGIT, TOKEN } from "./kinds.js";
import { nameBox } from "./name-box.js";
import { steerButtons } from "./steer/controls.js";
import { itemOf } from "./story/told.js";
import { inOrder, titleOf } from "./story/words.js";

export { BigPlot } from "./big-plot.js";
export { askForHeads } from "./connections.js";
export { factsOf } from "./feature.js";
export { markMoved } from "./steer/badges.js";
export { steerButtons };

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
 * @param {(plot: OperandPlot, position: number, activation: number) => HTMLElement[]} bigPlot
 * @param {() => void} repaint
 */
export function describe(lab, panel, { node, inputs, outputs }, bigPlot, repaint) {
  const { graph } = /** @type {NonNullable<Lab["view"]>} */ (lab.view);
  const kind = graph.kind[node];
  const label = lab.labelOf(node);
  const where = label === undefined ? placeName(graph, node) : `${nameOf(graph, node)}, ${placeName(graph, node)}`;
  const children = [header(lab, node, repaint), html("p", { class: "where" }, where, ...onCard(lab, node)), facts(graph, node)];
  const steers = lab.selected === node && lab.isLive ? steerButtons(lab, node) : undefined;
  if (steers) children.push(steers);
  const part = partOf(graph, node);
  const [given, not] = kind === LOGIT ? firstsOf(graph, node).map((first) => answerText(graph, first)) : [];
  const what = not
    ? `Inputs with + held “${not}” back: they favour “${given}”. Those with − spoke for “${not}”.${part ? ` This is the ${part}.` : ""}`
    : part
      ? `This is the ${part}, ${percent(graph.activation[node])}.`
      : (otherwise(lab, node) ?? NOTES[kind]);
  if (what) children.push(html("p", { class: "note" }, what));
  if (lab.view?.early) children.push(html("p", { class: "note" }, ON_ITS_WAY));
  const plot = lab.plot(node);
  if (plot) children.push(...bigPlot(plot, graph.position[node], graph.activation[node]));
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

/** On which card of the story it stands, and where among that card's features. @param {Lab} lab @param {number} node */
function onCard(lab, node) {
  const { view } = lab;
  const item = itemOf(lab, node);
  if (!view || item?.kind !== "features") return [];
  const nodes = inOrder(view.graph, item);
  const which = nodes.length > 1 ? `${nodes.indexOf(node) + 1} of ${nodes.length}` : "Alone";
  return [html("br"), `${which} on the card “${titleOf(view.graph, item)}”`];
}

/** @param {Lab} lab @param {number} node @param {() => void} repaint */
function header(lab, node, repaint) {
  const view = /** @type {NonNullable<Lab["view"]>} */ (lab.view);
  const { graph } = view;
  const title = html("h2", {}, lab.nameOf(node));
  const acts = html("span", { class: "node-acts" });
  const bar = html("header", {}, title, acts);
  const selected = lab.selected === node;
  if (selected && isFeature(graph.kind[node])) {
    const rename = html("button", { type: "button", class: "quiet", title: "Give this feature a name of your own" }, "Rename");
    rename.addEventListener("click", () => {
      const box = { value: lab.labelOf(node) ?? "", label: "Name of the feature" };
      const input = nameBox(box, (name) => {
        input.replaceWith(title);
        if (name === undefined) repaint();
        else lab.label(node, name, view);
      });
      title.replaceWith(input);
      input.focus();
      input.select();
    });
    acts.append(rename);
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
  pin.addEventListener("click", () => lab.togglePin(node, view));
  acts.append(pin);
  if (!selected) return bar;
  const close = html("button", { type: "button", class: "quiet", title: byTouch ? undefined : "Esc does the same" }, "Close");
  close.addEventListener("click", () => lab.select(undefined));
  acts.append(close);
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
