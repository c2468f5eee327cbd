// What is known of a feature whatever the prompt: what it says, what it reads, where it fires, whom it joins.

/** @import { Lab } from "./lab.js" */
/** @import { Connection, Effect, SampleExample, SampleFacts } from "./engine-api.js" */

import { bars } from "./charts.js";
import { html, term } from "./dom.js";
import { effectRow } from "./effect-row.js";
import { counted, percent, signed, visible } from "./format.js";
import { FEATURE } from "./kinds.js";

const TOKENS = 8; // of each list
const FEATURES = 6;
const AROUND = 14; // tokens of an example on either side of its strongest

/** @param {Lab} lab @param {number} node @returns {Node[] | undefined} nothing for a feature that need not be this model's */
export function featurePanel(lab, node) {
  const { view } = lab;
  if (!view || !lab.isOwn) return undefined;
  if (view.early) return [html("p", { class: "note" }, "The engine is on its way; what this feature does follows with it.")];
  return factsOf(lab, view.graph.layer[node], view.graph.index[node]);
}

/** @param {Lab} lab @param {number} layer @param {number} index */
export function factsOf(lab, layer, index) {
  const known = lab.features.known(layer, index);
  if (!known) return [html("p", { class: "note" }, "Computing what this feature does…")];
  const { facts, samples, contexts } = known;
  /** @type {HTMLElement[]} */
  const children = [
    heading("pushes", "What it pushes"),
    html("div", { class: "effects" }, effects("Up", facts.top), effects("Down", facts.bottom)),
  ];
  if (facts.numbers && lab.manifest?.domain === "addition") children.push(...numbers(facts.numbers, sumOf(lab)));
  children.push(heading("reads", "Tokens it reads"), chips(facts.reads));
  children.push(
    ...(samples ? onSamples(samples, contexts) : [html("p", { class: "note" }, lab.features.ready ? "…" : "Reading the sample texts…")]),
  );
  children.push(heading("virtual weights", "Joined by the weights"), joined(lab, "From", facts.inputs), joined(lab, "To", facts.outputs));
  return children;
}

/** @param {string} name @param {string} text @param {string} [small] */
function heading(name, text, small) {
  return html("h3", {}, term(name, text), small === undefined ? undefined : html("small", {}, small));
}

/** The prompt's own sum, to be marked among the numbers. @param {Lab} lab */
function sumOf({ view }) {
  return view?.operands ? view.operands.a + view.operands.b : undefined;
}

/** @param {string} title @param {Effect[]} list */
export function effects(title, list) {
  const most = Math.max(...list.map(({ value }) => Math.abs(value)), 1e-9);
  const rows = list.slice(0, TOKENS).map(({ token, value }) => effectRow(token, value, most));
  return html("ol", { "aria-label": `${title}: tokens and effects on their logits` }, ...rows);
}

/** @param {Float32Array} values effects on the numbers 0 to 199 @param {number | undefined} mark */
export function numbers(values, mark) {
  const digits = Array.from({ length: 10 }, (_, digit) => {
    const all = Array.from(values).filter((value, number) => number % 10 === digit && Number.isFinite(value));
    return all.reduce((sum, value) => sum + value, 0) / all.length;
  });
  const here = mark !== undefined && mark < values.length ? mark : undefined;
  const say = (/** @type {number} */ number, /** @type {number} */ value) => `${number}: ${signed(value)}`;
  return [
    bars(values, { name: "Effect on the logits of the numbers 0 to 199", from: "0", to: String(values.length - 1), say, mark: here }),
    bars(digits, {
      name: "Mean effect by the last digit",
      from: "_0",
      to: "_9",
      say: (digit, value) => `_${digit}: ${signed(value)}`,
      mark: here === undefined ? undefined : here % 10,
    }),
  ];
}

/** @param {Effect[]} list */
function chips(list) {
  return html(
    "ul",
    { class: "chips" },
    ...list.slice(0, TOKENS).map(({ token, value }) => html("li", { title: signed(value) }, visible(token))),
  );
}

/** @param {SampleFacts} samples @param {string[]} contexts */
function onSamples({ active, tokens, max, histogram, examples }, contexts) {
  const often = active === 0 ? "never" : `on ${percent(active / tokens)} of ${tokens.toLocaleString("en")} tokens`;
  /** @type {HTMLElement[]} */
  const children = [heading("density", "How often it fires", often)];
  if (active === 0) return children;
  const step = max / histogram.length;
  children.push(
    bars(histogram, {
      name: `Histogram of activations from 0 to ${max.toFixed(2)}`,
      from: "0",
      to: max.toFixed(1),
      say: (bin, count) => `${(bin * step).toFixed(2)} to ${((bin + 1) * step).toFixed(2)}: ${counted(count, "token")}`,
    }),
    heading("examples", "Strongest examples"),
  );
  for (const [context, each] of Map.groupBy(examples, (example) => example.context)) {
    children.push(
      html("h4", {}, contexts[context] ?? ""),
      html("ul", { class: "examples-of" }, ...each.map((example) => shaded(example, max))),
    );
  }
  return children;
}

/** @param {SampleExample} example @param {number} max */
function shaded({ tokens, activations, position }, max) {
  const from = Math.max(0, position - AROUND);
  const spans = tokens.slice(from, position + AROUND + 1).map((token, i) => {
    const share = activations[from + i] / max;
    const text = visible(token).replaceAll("␣", " "); // it is read as text
    if (!(share > 0)) return text;
    const mark = html("mark", { title: `activation ${activations[from + i].toFixed(2)}` }, text);
    mark.style.setProperty("--share", `${Math.round(100 * share)}%`);
    return mark;
  });
  return html("li", {}, from > 0 ? "…" : undefined, ...spans, position + AROUND + 1 < tokens.length ? "…" : undefined);
}

/** @param {Lab} lab @param {string} title @param {Connection[]} list */
function joined(lab, title, list) {
  const view = /** @type {NonNullable<Lab["view"]>} */ (lab.view);
  const { graph } = view;
  const rows = list.slice(0, FEATURES).map(({ layer, index, weight }) => {
    const here = graph.kind.findIndex((kind, node) => kind === FEATURE && graph.layer[node] === layer && graph.index[node] === index);
    const name = here >= 0 ? lab.nameOf(here) : (lab.absentLabel({ layer, index }) ?? `Feature ${index}`);
    const inside = [
      html("span", { class: "name" }, name, html("small", {}, `layer ${layer}${here < 0 ? ", no node here" : ""}`)),
      html("span", { class: "weight" }, signed(weight)),
    ];
    if (here < 0) return html("li", { class: weight < 0 ? "negative" : "positive" }, ...inside);
    const button = html("button", { type: "button", "data-id": graph.id[here] }, ...inside);
    button.addEventListener("click", () => lab.select(here, view));
    return html("li", { class: weight < 0 ? "negative" : "positive" }, button);
  });
  return html(
    "div",
    { class: "joined" },
    html("h4", {}, title),
    rows.length > 0 ? html("ul", {}, ...rows) : html("p", { class: "note" }, "None."),
  );
}
