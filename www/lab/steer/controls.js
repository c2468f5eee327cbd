// Setting the features of the nodes at hand: off, reversed, stronger.

/** @import { Lab } from "../lab.js" */

import { withKeys } from "../device.js";
import { html, term } from "../dom.js";
import { answerText } from "../format.js";
import { featureKey } from "../kinds.js";
import { keyOfNode, settingOf, settingText } from "./steering.js";

/** @type {[string, string, string][]} */
const CHOICES = [
  ["x0", "Off", withKeys("Take away what it writes", "S")],
  ["x-1", "×−1", "Write the opposite"],
  ["x2", "×2", "Write twice as much"],
  ["x5", "×5", "Write five times as much"],
];

/** Buttons that set a node's feature. @param {Lab} lab @param {number} node */
export function steerButtons(lab, node) {
  const graph = lab.view?.graph;
  const key = graph && keyOfNode(graph, node);
  if (!graph || key === undefined) return undefined;
  const now = lab.address.steering.set[key];
  const alike = Array.from(graph.kind.keys()).filter((other) => featureKey(graph, other) === featureKey(graph, node));
  const keys = () => (lab.reader.everywhere ? alike.map((other) => /** @type {string} */ (keyOfNode(graph, other))) : [key]);
  const buttons = CHOICES.map(([value, name, title]) => {
    const button = html("button", { type: "button", class: "quiet", title, "aria-pressed": String(now === value) }, name);
    button.addEventListener("click", () => lab.steerTo(keys(), now === value ? undefined : value));
    return button;
  });
  if (alike.length > 1) {
    const wide = html(
      "button",
      {
        type: "button",
        class: "wide",
        "aria-pressed": String(lab.reader.everywhere),
        title: "Wherever the feature is a node of this graph",
      },
      `at all ${alike.length} tokens`,
    );
    wide.addEventListener("click", () => {
      lab.reader.everywhere = !lab.reader.everywhere;
      wide.setAttribute("aria-pressed", String(lab.reader.everywhere));
    });
    buttons.push(wide);
  }
  const setting = settingOf(lab.address.steering, key);
  const other = setting && !CHOICES.some(([value]) => value === now) ? html("span", { class: "note" }, settingText(setting)) : undefined;
  const says = setting && saysNow(lab);
  return html("div", { class: "steer-buttons", role: "group", "aria-label": "Steer" }, term("steer", "Steer"), ...buttons, other, says);
}

/** What the model says with all that is set; nothing until that is known. @param {Lab} lab */
function saysNow(lab) {
  const { view } = lab;
  const [first] = view?.steered?.answers ?? [];
  if (!view || !first) return undefined;
  const text = answerText({ whole: view.steeredWhole?.after ?? view.graph.whole }, first);
  return html("p", { class: "note" }, `The model then says ${text}.`);
}

/** Switches the features among some nodes off, or lets go of them where all are set. @param {Lab} lab @param {number[]} nodes */
export function toggleOff(lab, nodes) {
  const { view } = lab;
  if (!view || !lab.isLive) return;
  const keys = nodes.map((node) => keyOfNode(view.graph, node)).filter((key) => key !== undefined);
  const set = lab.address.steering.set;
  if (keys.length > 0) lab.steerTo(keys, keys.every((key) => set[key] !== undefined) ? undefined : "x0");
}
