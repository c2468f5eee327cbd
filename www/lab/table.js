// The same graph as a table, for those who read better so. Filled only while it is open.

/** @import { Lab } from "./lab.js" */

import { html } from "./dom.js";
import { activationOf, chanceOf, percent, placeName } from "./format.js";
import { isError, isFeature, LOGIT } from "./kinds.js";
import { signal } from "./store.js";

const AT_ONCE = 300; // rows; more are asked for

/** @param {Lab} lab */
export function mountTable(lab) {
  /** @type {HTMLDetailsElement} */
  const details = lab.part("table-details");
  const pane = lab.part("table");
  const open = signal(details.open);
  const fill = () => {
    if (!open.value || !lab.view) return pane.replaceChildren();
    const { graph, pruned } = lab.view;
    const row = (/** @type {number} */ node) => {
      const kind = graph.kind[node];
      const amount = isFeature(kind) ? activationOf(graph, node, 3) : kind === LOGIT ? chanceOf(graph, node) : "";
      const influence = isFeature(kind) || isError(kind) ? percent(graph.influence[node]) : "";
      return html(
        "tr",
        {},
        html("td", {}, lab.nameOf(node)),
        html("td", {}, placeName(graph, node)),
        html("td", { class: "number" }, amount),
        html("td", { class: "number" }, influence),
      );
    };
    const body = html("tbody");
    const more = html("button", { type: "button", class: "quiet" });
    let shown = 0;
    const add = () => {
      body.append(...Array.from(pruned.nodes.subarray(shown, (shown += AT_ONCE)), row));
      const left = pruned.nodes.length - shown;
      more.hidden = left <= 0;
      more.textContent = `Show ${Math.min(left, AT_ONCE)} more of ${pruned.nodes.length.toLocaleString("en")} nodes`;
    };
    add();
    more.addEventListener("click", add);
    const heads = ["Node", "Place", "Activation or probability", "Within the top … of influence"];
    pane.replaceChildren(
      html(
        "table",
        {},
        html("thead", {}, html("tr", {}, ...heads.map((head, i) => html("th", { scope: "col", class: i > 1 ? "number" : "" }, head)))),
        body,
      ),
      more,
    );
  };
  details.addEventListener("toggle", () => (open.value = details.open));
  lab.effect(fill);
}
