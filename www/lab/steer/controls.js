// Setting the features of the nodes at hand: off, reversed, stronger; and how a node moved, on the node itself.

/** @import { Lab } from "../lab.js" */
/** @import { Picture } from "../graph/picture.js" */

import { withKeys } from "../device.js";
import { html, svg, term } from "../dom.js";
import { FEATURE, featureKey } from "../kinds.js";
import { keyOfNode, settingOf, settingText } from "./steering.js";

const LEAST_MOVED = 0.05; // of its activation, to be marked
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
  return html("div", { class: "steer-buttons", role: "group", "aria-label": "Steer" }, term("steer", "Steer"), ...buttons, other);
}

/** Switches the features among some nodes off, or lets go of them where all are set. @param {Lab} lab @param {number[]} nodes */
export function toggleOff(lab, nodes) {
  const { view } = lab;
  if (!view || !lab.isLive) return;
  const keys = nodes.map((node) => keyOfNode(view.graph, node)).filter((key) => key !== undefined);
  const set = lab.address.steering.set;
  if (keys.length > 0) lab.steerTo(keys, keys.every((key) => set[key] !== undefined) ? undefined : "x0");
}

/** Marks on the nodes what was set, and which features moved how much. @param {Lab} lab @param {Picture} picture */
export function markMoved(lab, picture) {
  const { view } = lab;
  for (const element of picture.elements.values()) {
    element.querySelector(".moved")?.remove();
    element.classList.remove("set", "moved-less", "moved-more");
  }
  if (!view || !lab.isSteered) return;
  const { graph, steered } = view;
  const badges = [...picture.elements].flatMap(([node, element]) => {
    if (graph.kind[node] !== FEATURE) return [];
    const setting = settingOf(lab.address.steering, /** @type {string} */ (keyOfNode(graph, node)));
    const moved = steered?.features[node];
    const share = moved && moved.before !== 0 ? (moved.after - moved.before) / Math.abs(moved.before) : 0;
    if (!setting && Math.abs(share) < LEAST_MOVED) return [];
    const text = setting
      ? settingText(setting)
      : moved?.after === 0
        ? "silent"
        : share > 9.99
          ? "> +999 %"
          : `${share < 0 ? "−" : "+"}${Math.round(100 * Math.abs(share))} %`;
    return [{ node, element, text, kind: setting ? "setting" : share < 0 ? "less" : "more", weight: setting ? Infinity : Math.abs(share) }];
  });
  // Where there is no room for all, what was set comes first, then what moved most; of the others their frame tells.
  badges.sort((a, b) => b.weight - a.weight);
  // On a stage they are larger.
  const rem = picture.rem * (Number(lab.colour("badge")) || 1);
  /** @type {{ x: number, y: number, width: number }[]} */ const placed = [];
  for (const { node, element, text, kind } of badges) {
    element.classList.add(kind === "setting" ? "set" : `moved-${kind}`);
    const box = picture.layout?.boxes.get(node);
    if (!box) continue;
    const width = 0.36 * rem * text.length + 0.5 * rem;
    const height = 0.9 * rem;
    const [x, y] = [box.x, box.y + box.height / 2];
    if (placed.some((each) => Math.abs(each.x - x) < (each.width + width) / 2 + 1 && Math.abs(each.y - y) < height + 1)) continue;
    placed.push({ x, y, width });
    element.append(
      svg(
        "g",
        { class: `moved ${kind}`, transform: `translate(0 ${(box.height / 2).toFixed(1)})` },
        svg("rect", { x: -width / 2, y: -height / 2, width, height, rx: height / 2 }),
        svg("text", {}, text),
      ),
    );
  }
}
