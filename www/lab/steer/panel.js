// The steering panel: what is set and how, how the logits change, what the graph had predicted, and how the text goes on.

/** @import { Lab } from "../lab.js" */
/** @import { Answer, SteerReport } from "../engine-api.js" */
/** @import { Setting } from "./steering.js" */

import { html, stopWhereItScrolls } from "../dom.js";
import { counted, nameOf, placeName, signed, visible } from "../format.js";
import { drawPlot } from "../graph/canvas.js";
import { FEATURE } from "../kinds.js";
import { scatter } from "../scatter.js";
import { term } from "../terms.js";
import { mountAnother } from "./another.js";
import { keyOf, layersOf, MODES, numberText, settingOf, TIMES } from "./steering.js";

const MOVERS = 5; // logits and nodes listed at first
/** Whether all logits, and all nodes that moved, are listed. */
const whole = { logits: false, nodes: false };

/** @param {Lab} lab */
export function mountSteering(lab) {
  const panel = lab.part("steering");
  const list = lab.part("steering-set");
  const outcome = lab.part("steering-outcome");
  const text = lab.part("steering-text");
  /** @type {HTMLSelectElement} */ const mode = lab.part("steering-mode");
  const layers = lab.part("steering-layers");
  const says = lab.part("steering-says");
  /**
   * The rows of what is set, by key: they stay while one slides.
   * @type {Map<string, { element: HTMLElement, show: (setting: Setting) => void }>}
   */
  const rows = new Map();

  mode.append(...MODES.map(({ mode: value, name }) => html("option", { value }, name)));
  mode.addEventListener("change", () => {
    const last = (lab.view?.graph.layers ?? 1) - 1;
    lab.steer(
      "steering mode",
      (steering) => (steering.mode = mode.value === "constrained" ? `constrained:0-${Math.max(0, last - 1)}` : mode.value),
    );
  });
  const ends = ["First", "Last"].map((name) => {
    const input = html("input", { type: "number", min: 0, "aria-label": `${name} layer that is held` });
    input.addEventListener("change", () => {
      const [first, last] = ends.map((end) => Math.max(0, Math.round(end.valueAsNumber) || 0));
      lab.steer("steering mode", (steering) => (steering.mode = `constrained:${Math.min(first, last)}-${Math.max(first, last)}`));
    });
    return input;
  });
  layers.append(ends[0], "–", ends[1]);
  lab.part("steering-clear").addEventListener("click", () => lab.steer("clear", (steering) => (steering.set = {})));
  mountAnother(lab, lab.part("steering-add"));

  function show() {
    const { steering } = lab.address;
    const keys = Object.keys(steering.set);
    const on = keys.length > 0 && lab.view !== undefined && lab.view.recorded === undefined;
    panel.hidden = !on;
    lab.part("screen").classList.toggle("with-steering", on);
    if (!on) {
      rows.clear();
      return list.replaceChildren();
    }
    const held = layersOf(steering.mode);
    mode.value = held ? "constrained" : steering.mode;
    layers.hidden = !held;
    const last = (lab.view?.graph.layers ?? 1) - 1;
    ends.forEach((input, i) => {
      input.max = String(last);
      if (held && lab.focused !== input) input.value = String(held[i]);
    });
    says.textContent = MODES.find((each) => each.mode === mode.value)?.says ?? "";
    for (const key of rows.keys()) if (!keys.includes(key)) rows.delete(key);
    for (const key of keys) {
      const setting = settingOf(steering, key);
      if (!setting) continue;
      if (!rows.has(key)) rows.set(key, rowOf(lab, key, setting));
      rows.get(key)?.show(setting);
    }
    const elements = [...rows.values()].map(({ element }) => element);
    // Moved in the document, a slider would be let go of.
    if (elements.length !== list.children.length || elements.some((each, i) => list.children[i] !== each))
      list.replaceChildren(...elements);
    lab.part("steering-count").textContent = counted(keys.length, "feature");
  }

  function tell() {
    const { steered } = lab;
    panel.classList.toggle("waiting", steered === undefined);
    if (!steered || panel.hidden) return;
    outcome.replaceChildren(...logits(steered, tell), ...foretold(lab, steered, tell));
    telltext();
  }

  function telltext() {
    const { continuation, steeredText } = lab;
    text.replaceChildren(line("as it is", continuation?.tokens), line("steered", steeredText?.tokens, continuation?.tokens));
  }

  lab.bus.on("steering", () => {
    panel.classList.add("waiting");
    show();
  });
  lab.bus.on("graph", () => {
    rows.clear();
    show();
    lab.worker.steer();
  });
  lab.bus.on("steered", () => {
    show();
    lab.whenReleased(outcome, tell);
  });
  lab.bus.on("steeredText", telltext);
  lab.bus.on("continuation", telltext);
  for (const name of /** @type {const} */ (["plots", "labels"])) {
    lab.bus.on(name, () => {
      if (panel.hidden) return;
      lab.whenReleased(list, () => {
        rows.clear();
        show();
      });
      lab.whenReleased(outcome, tell);
    });
  }
  lab.bus.on("theme", () => lab.whenReleased(outcome, tell));
  show();
}

/** One feature that is set. @param {Lab} lab @param {string} key @param {Setting} setting */
function rowOf(lab, key, setting) {
  const { graph, indexOf } = lab.view ?? {};
  const node = indexOf?.get(`${setting.layer}_${setting.index}_${setting.position}`);
  const position = graph?.tokens[setting.position];
  const label =
    node === undefined
      ? (lab.arrangement.labels[`${setting.layer}_${setting.index}`] ?? lab.worker.labelOf(`${setting.layer}_${setting.index}`))
      : lab.labelOf(node);
  const place =
    node !== undefined && graph
      ? placeName(graph, node)
      : position === undefined
        ? `layer ${setting.layer}, position ${setting.position}: not in this prompt`
        : `layer ${setting.layer}, at “${visible(position)}”: silent`;
  const name = label ?? `Feature ${setting.index}`;
  const slider = html("input", { type: "range", min: TIMES.least, max: TIMES.most, step: 0.25, "aria-label": `Multiple of “${name}”` });
  const number = html("input", { type: "number", step: "any", "aria-label": `Activation of “${name}”` });
  const times = html("output");
  const change = (/** @type {string} */ value) => lab.steer(`steer ${key}`, (steering) => (steering.set[key] = value));
  slider.addEventListener("input", () => change(`x${numberText(slider.valueAsNumber)}`));
  number.addEventListener("change", () => Number.isFinite(number.valueAsNumber) && change(numberText(number.valueAsNumber)));
  const release = html("button", { type: "button", class: "quiet", "aria-label": `Release “${name}”`, title: "Release" }, "×");
  release.addEventListener("click", () => lab.steer(`release ${key}`, (steering) => delete steering.set[key]));
  const thumb = html("canvas", { width: 64, height: 64, "aria-hidden": "true" });
  const plot = node === undefined ? undefined : lab.plot(node);
  const context = thumb.getContext("2d");
  if (plot && context) drawPlot(lab, context, plot, 64, lab.view?.operands);
  const title = html("button", { type: "button", class: "name", disabled: node === undefined }, name, html("small", {}, place));
  title.addEventListener("click", () => node !== undefined && lab.select(node));
  const element = html(
    "li",
    {},
    plot ? thumb : html("span", { class: "glyph", "aria-hidden": "true" }, `L${setting.layer}`),
    title,
    slider,
    times,
    number,
    release,
  );
  return {
    element,
    show: (/** @type {Setting} */ now) => {
      const before = node !== undefined && graph ? graph.activation[node] : 0;
      slider.disabled = before === 0; // a multiple of nothing
      const multiple = now.times ?? (before === 0 ? NaN : /** @type {number} */ (now.to) / before);
      if (lab.focused !== slider || now.times === undefined) slider.value = String(Number.isFinite(multiple) ? multiple : 0);
      times.textContent = Number.isFinite(multiple) ? `×${numberText(Math.round(multiple * 100) / 100).replace("-", "−")}` : "";
      if (lab.focused !== number) number.value = numberText(now.to ?? /** @type {number} */ (now.times) * before);
    },
  };
}

/** How the logits changed. @param {SteerReport} report @param {() => void} again */
function logits(report, again) {
  const shown = whole.logits
    ? report.logits
    : [
        ...report.logits.filter(({ change }) => change > 0).slice(0, MOVERS),
        ...report.logits.filter(({ change }) => change < 0).slice(0, MOVERS),
      ];
  const largest = Math.abs(report.logits[0]?.change ?? 0) || 1;
  const row = (/** @type {SteerReport["logits"][0]} */ { token, change }) => {
    const bar = html("i");
    bar.style.width = `${(100 * Math.abs(change)) / largest}%`;
    return html(
      "li",
      { class: change < 0 ? "negative" : "" },
      html("span", { class: "token" }, visible(token)),
      html("span", { class: "bar", "aria-hidden": "true" }, bar),
      html("span", { class: "weight" }, signed(change)),
    );
  };
  const button = unfold("logits", report.logits.length, again);
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
 * @param {keyof typeof whole} list
 * @param {number} count
 * @param {() => void} again
 */
function unfold(list, count, again) {
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

/** What the graph had predicted, beside what happened. @param {Lab} lab @param {SteerReport} report @param {() => void} again */
function foretold(lab, report, again) {
  const { view } = lab;
  if (!view) return [];
  const { graph } = view;
  const { predicted, measured } = report;
  const heading = html("h3", {}, term("foretold", "Predicted beside measured"));
  if (!predicted)
    return [
      html(
        "section",
        {},
        heading,
        html("p", { class: "note" }, "The graph predicts nothing of features that are silent here, for they are no nodes."),
      ),
    ];
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
      pick: (i) => lab.select(nodes[rows[i]]),
    },
  );
  const movers = [...rows].sort((a, b) => Math.abs(measured[b]) - Math.abs(measured[a])).slice(0, whole.nodes ? undefined : MOVERS);
  const more = rows.length > MOVERS ? unfold("nodes", rows.length, again) : undefined;
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
          html(
            "th",
            { scope: "row" },
            lab.nameOf(nodes[row]),
            html("small", {}, graph.kind[nodes[row]] === FEATURE ? placeName(graph, nodes[row]) : nameOf(graph, nodes[row])),
          ),
          html("td", {}, signed(predicted[row])),
          html("td", {}, signed(measured[row])),
        ),
      ),
    ),
  );
  const fit = report.pearson === undefined ? "" : `r = ${report.pearson.toFixed(2)}, slope ${report.slope?.toFixed(2)}`;
  const woken =
    report.woken.length > 0
      ? `${counted(report.woken.length, "feature")}${report.woken.length === 20 ? " or more" : ""} fire that were silent.`
      : "";
  return [
    html(
      "section",
      { class: "steering-foretold" },
      html("h3", {}, term("foretold", "Predicted beside measured"), html("small", {}, fit)),
      html("div", {}, chart, html("div", { class: "moved-most" }, table, more, html("p", { class: "note" }, woken))),
    ),
  ];
}

/** @param {string} name @param {Answer[] | undefined} tokens @param {Answer[]} [other] what to tell apart from */
function line(name, tokens, other) {
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
