// What came of steering: how the logits changed, what the graph had predicted, and how the text goes on.

/** @import { Lab } from "../lab.js" */
/** @import { Answer, SteerReport } from "../engine-api.js" */
/** @import { Graph } from "../messages.js" */

import { html, stopWhereItScrolls, term } from "../dom.js";
import { effectRow } from "../effect-row.js";
import { counted, firstsOf, placeName, signed, visible } from "../format.js";
import { FEATURE } from "../kinds.js";
import { scatter } from "../scatter.js";
import { keyOf } from "./steering.js";

const MOVERS = 5; // logits and nodes listed at first

/** Whether all logits, and all nodes that moved, are listed. @typedef {{ logits: boolean, nodes: boolean }} Whole */

/** How the logits changed. @param {SteerReport} report @param {Whole} whole @param {() => void} again */
export function logits(report, whole, again) {
  const shown = whole.logits
    ? report.logits
    : [
        ...report.logits.filter(({ change }) => change > 0).slice(0, MOVERS),
        ...report.logits.filter(({ change }) => change < 0).slice(0, MOVERS),
      ];
  const largest = Math.abs(report.logits[0]?.change ?? 0) || 1;
  const row = (/** @type {SteerReport["logits"][0]} */ { token, change }) => effectRow(token, change, largest);
  const button = unfold(whole, "logits", report.logits.length, again);
  const up = shown.filter(({ change }) => change >= 0).map(row);
  const down = shown.filter(({ change }) => change < 0).map(row);
  return [
    html(
      "section",
      { class: "steering-logits" },
      html("h3", {}, term("logit", "Logits"), " that changed"),
      html("div", { class: "effects" }, html("ul", {}, ...up), html("ul", {}, ...down)),
      button,
    ),
  ];
}

/**
 * A button that lists all of something, or only the largest.
 * @param {Whole} whole
 * @param {keyof Whole} list
 * @param {number} count
 * @param {() => void} again
 */
function unfold(whole, list, count, again) {
  const button = html(
    "button",
    { type: "button", class: "quiet more", "aria-pressed": String(whole[list]) },
    whole[list] ? "Show the largest" : `Show all ${count}`,
  );
  button.addEventListener("click", () => {
    whole[list] = !whole[list];
    again();
  });
  return button;
}

/** What the graph had predicted, beside what happened. @param {Lab} lab @param {SteerReport} report @param {Whole} whole @param {() => void} again */
export function foretold(lab, report, whole, again) {
  const { view } = lab;
  if (!view) return [];
  const { graph } = view;
  const { predicted, measured } = report;
  const heading = html("h3", {}, term("foretold", "Predicted beside measured"));
  if (!predicted) return [html("section", {}, heading, html("p", { class: "note" }, unforetold(lab, graph, report.set)))];
  const set = new Set(report.set.map(({ layer, index, position }) => keyOf({ layer, index, position })));
  const nodes = predicted.map((_, row) =>
    row < report.features.length ? row : graph.kind.length - report.targets.length + row - report.features.length,
  );
  const rows = nodes.flatMap((node, row) => {
    const isSet =
      graph.kind[node] === FEATURE &&
      set.has(keyOf({ layer: graph.layer[node], index: graph.index[node], position: graph.position[node] }));
    return isSet || (predicted[row] === 0 && measured[row] === 0) ? [] : [row];
  });
  if (rows.length === 0) return [html("section", {}, heading, html("p", { class: "note" }, "Nothing in the graph responds."))];
  const nameOfRow = (/** @type {number} */ row) => `${lab.nameOf(nodes[row])}, ${placeName(graph, nodes[row])}`;
  const shown = new Set(view.pruned.nodes);
  const chart = scatter(
    rows.map((row) => predicted[row]),
    rows.map((row) => measured[row]),
    {
      name: `Predicted and measured changes of ${counted(rows.length, "node")}`,
      strong: (i) => shown.has(nodes[rows[i]]),
      say: (i) => nameOfRow(rows[i]),
      pick: (i) => lab.select(nodes[rows[i]], view),
    },
  );
  const movers = [...rows].sort((a, b) => Math.abs(measured[b]) - Math.abs(measured[a])).slice(0, whole.nodes ? undefined : MOVERS);
  const more = rows.length > MOVERS ? unfold(whole, "nodes", rows.length, again) : undefined;
  const table = html(
    "table",
    {},
    html("thead", {}, html("tr", {}, html("th", {}, "Moved most"), html("th", {}, "predicted"), html("th", {}, "measured"))),
    html(
      "tbody",
      {},
      ...movers.map((row) =>
        html(
          "tr",
          {},
          html("th", { scope: "row" }, lab.nameOf(nodes[row]), detailOf(graph, nodes[row])),
          html("td", {}, signed(predicted[row])),
          html("td", {}, signed(measured[row])),
        ),
      ),
    ),
  );
  const fit = report.pearson === undefined ? "" : `r = ${report.pearson.toFixed(2)}, slope ${report.slope?.toFixed(2)}`;
  const active =
    report.newly_active.length > 0
      ? `${counted(report.newly_active.length, "feature")}${report.newly_active.length === 20 ? " or more" : ""} that ${report.newly_active.length === 1 ? "was" : "were"} silent ${report.newly_active.length === 1 ? "fires" : "fire"}.`
      : "";
  return [
    html(
      "section",
      { class: "steering-foretold" },
      html("h3", {}, term("foretold", "Predicted beside measured"), html("small", {}, fit)),
      html("div", {}, chart, html("div", { class: "moved-most" }, table, more, html("p", { class: "note" }, active))),
    ),
  ];
}

/** Where a feature is; of an answer, what its figures are of. A difference of two has no mean to take away. @param {Graph} graph @param {number} node */
function detailOf(graph, node) {
  if (graph.kind[node] === FEATURE) return html("small", {}, placeName(graph, node));
  return firstsOf(graph, node).length === 1 ? html("small", {}, "logit less the mean logit") : undefined;
}

/** Why nothing is predicted. @param {Lab} lab @param {Graph} graph @param {SteerReport["set"]} set */
function unforetold(lab, graph, set) {
  const absent = set.filter(({ layer, index, position }) => !lab.view?.indexOf.has(`${layer}_${index}_${position}`));
  const [first] = absent.length > 0 ? absent : set;
  const named = `layer ${first.layer}, at “${visible(graph.tokens[first.position] ?? "")}”`;
  const label = lab.absentLabel(first) ?? `Feature ${first.index}`;
  if (set.length === 1)
    return `“${label}”, ${named}, is not in this graph: it is silent here, or leads to no answer. So the graph cannot predict what it does.`;
  const which = absent.length === set.length ? "The" : `${absent.length} of the`;
  const are = absent.length === 1 ? "is" : "are";
  const example = absent.length === 1 ? "" : ", for one";
  return (
    `${which} ${set.length} features set ${are} not in this graph (“${label}”, ${named}${example}): ` +
    "silent here, or without a way to an answer. So it cannot predict what all of them do together."
  );
}

/** @param {string} name @param {Answer[] | undefined} tokens @param {Answer[]} [other] what to tell apart from */
export function line(name, tokens, other) {
  const chips = (tokens ?? []).map(({ token, id }, i) =>
    html("li", { class: other && other[i]?.id !== id ? "changed" : "" }, visible(token)),
  );
  return html(
    "div",
    {},
    html("span", { class: "caption" }, name),
    stopWhereItScrolls(html("ol", { class: "tokens", "aria-label": `The text goes on, ${name}` }, ...chips)),
  );
}
