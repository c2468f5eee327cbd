// A form for a feature that is not at hand, as one that is silent here: by its name or its number, at a token of the prompt.

/** @import { Lab } from "../lab.js" */
/** @import { FeaturePlace } from "../messages.js" */

import { html } from "../dom.js";
import { visible } from "../format.js";
import { FEATURE } from "../kinds.js";
import { keyOf, numberText } from "./steering.js";

/** Fills the details element that opens the form. @param {Lab} lab @param {HTMLDetailsElement} details */
export function mountAnother(lab, details) {
  const known = html("datalist", { "data-part": "features-known" });
  const feature = html("input", {
    type: "text",
    name: "feature",
    list: lab.idOf(known),
    placeholder: "name, or layer/feature",
    autocomplete: "off",
    spellcheck: "false",
    required: true,
  });
  const token = html("select", { name: "token" });
  const value = html("input", { type: "number", name: "value", step: "any", required: true });
  const field = (/** @type {string} */ label, /** @type {HTMLElement} */ control) => html("label", {}, label, control);
  const form = html(
    "form",
    {},
    field("Feature", feature),
    field("At", token),
    field("Activation", value),
    known,
    html("button", { class: "quiet", type: "submit" }, "Set"),
  );
  details.append(html("summary", { class: "quiet" }, "Another feature"), form);

  /** The features of this graph, each once, with its name and its strongest activation here. */
  function features() {
    const graph = lab.view?.graph;
    /** @type {Map<string, { name: string, layer: number, index: number, most: number }>} */
    const found = new Map();
    graph?.kind.forEach((kind, node) => {
      if (kind !== FEATURE) return;
      const [layer, index, activation] = [graph.layer[node], graph.index[node], graph.activation[node]];
      const before = found.get(`${layer}/${index}`);
      if (before) before.most = Math.max(before.most, activation);
      else found.set(`${layer}/${index}`, { name: lab.nameOf(node), layer, index, most: activation });
    });
    return [...found.values()];
  }

  /** What was typed: a name of the list, or a layer and a number. */
  function meant() {
    const text = feature.value.trim();
    const numbers = /(?:^|\s)(\d{1,4})\/(\d{1,7})$/.exec(text);
    const all = features();
    if (!numbers) return all.find(({ name }) => name === text);
    const [layer, index] = [Number(numbers[1]), Number(numbers[2])];
    return all.find((each) => each.layer === layer && each.index === index) ?? { name: text, layer, index, most: undefined };
  }

  const list = () =>
    known.replaceChildren(...features().map(({ name, layer, index }) => html("option", { value: `${name} ${layer}/${index}` })));

  function fill() {
    list();
    const { graph } = lab.view ?? {};
    const tokens = graph?.tokens ?? [];
    const position =
      lab.selected === undefined ? tokens.length - 1 : /** @type {NonNullable<Lab["view"]>} */ (lab.view).graph.position[lab.selected];
    token.replaceChildren(...tokens.map((text, i) => html("option", { value: i, selected: i === position }, `${visible(text)} (${i})`)));
  }

  feature.addEventListener("change", () => {
    const found = meant();
    feature.setCustomValidity(
      found || feature.value === ""
        ? ""
        : "No feature of this graph is called so. Choose one of the list, or write its layer and number, as 3/511.",
    );
    if (found?.most !== undefined && value.value === "") value.value = numberText(found.most);
  });
  feature.addEventListener("input", () => feature.setCustomValidity(""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const found = meant();
    if (!found) return;
    /** @type {FeaturePlace} */
    const place = { layer: found.layer, index: found.index, position: Number(token.value) };
    lab.features.wantLabels([place]);
    lab.steer("set", (steering) => (steering.set[keyOf(place)] = numberText(value.valueAsNumber)));
  });
  const { features: shelf, plots } = lab;
  lab.watch(
    () => [plots.arrivals, shelf.names, lab.arrangement],
    () => details.open && list(),
  );
  lab.watch(
    () => lab.view,
    () => details.open && fill(),
  );
  details.addEventListener("toggle", () => {
    if (!details.open) return;
    fill();
    feature.focus();
  });
}
