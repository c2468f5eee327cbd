// A feature that is not in the graph on show, in the inspector's place: what it does, and that it does nothing here.

/** @import { Lab } from "../lab.js" */
/** @import { Graph } from "../messages.js" */

import { html, stopWhereItScrolls } from "../dom.js";
import { counted, visible } from "../format.js";
import { FEATURE, featureKey } from "../kinds.js";
import { keyOf, numberText } from "../steer/steering.js";
import { hasAllActive, sizes } from "./entries.js";

/**
 * What the inspector draws with. It is given, not imported: in elements it is a file of its own, of which this one would make two.
 * @typedef {{ BigPlot: typeof import("../big-plot.js").BigPlot, factsOf: typeof import("../feature.js").factsOf }} Means
 */

/** @param {Lab} lab @param {Means} means */
export function mountSilent(lab, means) {
  const close = html("button", { type: "button", class: "quiet", title: "Esc does the same" }, "Close");
  const set = html("button", { type: "button", class: "quiet" });
  const title = html("h2");
  const where = html("p", { class: "where" });
  const note = html("p", { class: "note" });
  const buttons = html("div", { class: "silent-set" }, set);
  const plot = html("div");
  const facts = html("section", { class: "feature-facts", "aria-label": "Feature" });
  const all = [html("header", {}, title, close), where, note, buttons, plot, facts];
  const panel = stopWhereItScrolls(
    html("aside", { class: "inspector silent", "data-part": "silent", "aria-label": "Feature not in this graph", hidden: true }),
  );
  lab.part("inspector").after(panel);

  /** @type {{ layer: number, index: number } | undefined} */ let feature;
  /** What its plots are asked for at: itself at every token. @type {{ graph: Graph, operands: NonNullable<Lab["view"]>["operands"] } | undefined} */
  let everywhere;
  /** The plot on show. @type {unknown} */ let drawn;

  function end() {
    feature = everywhere = undefined;
    show();
  }

  function ask() {
    const { view } = lab;
    everywhere = undefined;
    if (!feature || !view) return;
    const { layer, index } = feature;
    const { tokens } = view.graph;
    const all = (/** @type {number} */ value) => tokens.map(() => value);
    const graph = {
      ...view.graph,
      kind: Uint8Array.from(all(FEATURE)),
      layer: Int32Array.from(all(layer)),
      position: Uint32Array.from(tokens.keys()),
      index: Uint32Array.from(all(index)),
    };
    everywhere = { graph, operands: view.operands };
    lab.worker.wantPlots(tokens.keys(), everywhere);
  }

  function show() {
    const { view } = lab;
    panel.hidden = feature === undefined;
    lab.part("screen").classList.toggle("has-silent", feature !== undefined);
    if (!feature || !view) return panel.replaceChildren();
    if (panel.childElementCount === 0) panel.append(...all);
    const { layer, index } = feature;
    const label = lab.absentLabel(feature);
    title.textContent = label ?? `Feature ${index}`;
    where.textContent = `${label === undefined ? "" : `Feature ${index}, `}layer ${layer}, not in this graph`;
    const isLast = layer + 1 === sizes(lab)?.layers;
    note.textContent = hasAllActive(lab)
      ? isLast
        ? "It is silent at the last token, the only one from which a feature of the last layer leads to an answer."
        : "It is silent on this prompt: active at none of its tokens."
      : `It is silent on this prompt, or weaker than the ${counted(view.graph.activeFeatures, "active feature")} of which this graph has the strongest.`;
    showPlot();
    const known = lab.features.known(layer, index);
    const { samples } = known ?? {};
    buttons.hidden = !samples || samples.active === 0;
    const token = visible(view.graph.tokens[view.graph.tokens.length - 1]);
    if (samples) set.textContent = `Steer: as strong as ever, ${samples.max.toFixed(1)}, at “${token}”`;
    facts.replaceChildren(...means.factsOf(lab, layer, index));
  }

  /** Over all operands, at the token where it is strongest, if it is active for any. */
  function showPlot() {
    const { view } = lab;
    let best;
    for (const position of everywhere?.graph.tokens.keys() ?? []) {
      const found = lab.plot(position, everywhere);
      if (found && found.max > (best?.found.max ?? 0)) best = { found, position };
    }
    if (drawn === best?.found && plot.childElementCount > 0 === (best !== undefined)) return;
    drawn = best?.found;
    const at = best && view ? `Over all operands, at “${visible(view.graph.tokens[best.position])}”:` : "";
    const large = best ? new means.BigPlot(lab, best.found, best.position).elements : [];
    plot.replaceChildren(...(large.length > 0 ? [html("p", { class: "note" }, at), ...large] : []));
  }

  set.addEventListener("click", () => {
    const samples = feature && lab.features.known(feature.layer, feature.index)?.samples;
    const { view } = lab;
    if (!feature || !samples || !view) return;
    const key = keyOf({ ...feature, position: view.graph.tokens.length - 1 });
    lab.features.wantLabels([{ ...feature, position: 0 }]);
    lab.steer("set", (steering) => (steering.set[key] = numberText(samples.max)));
  });
  close.addEventListener("click", () => leave());
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    leave();
  });
  function leave() {
    end();
    lab.part("search-begin").focus();
  }

  lab.watch(
    () => [lab.view, lab.selected],
    () => {
      if (!feature) return;
      const { view } = lab;
      const key = `${feature.layer}_${feature.index}`;
      if (lab.selected !== undefined || !view || !lab.isLive || view.graph.kind.some((_, node) => featureKey(view.graph, node) === key))
        return end();
      ask();
    },
  );
  lab.watch(() => [lab.address.transcoder, lab.model], end);
  const { features, plots } = lab;
  lab.watch(
    () => [lab.view, features.names, features.facts, features.ready, plots.arrivals, lab.arrangement, lab.colours],
    () => feature && lab.whenReleased(panel, show),
  );

  return {
    /** @param {{ layer: number, index: number }} chosen */
    show(chosen) {
      feature = chosen;
      drawn = undefined;
      ask();
      lab.features.wantLabels([{ ...chosen, position: 0 }]);
      show();
      panel.scrollTop = 0;
      panel.focus({ preventScroll: true });
      // Below a graph it would be in sight with its first line.
      const isLow = panel.getBoundingClientRect().top > innerHeight / 2;
      panel.scrollIntoView?.({ block: isLow ? "start" : "nearest" });
    },
    close: end,
  };
}
