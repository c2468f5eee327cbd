// One feature that is set: its name, and the slider and the number that set it.

/** @import { Lab } from "../lab.js" */
/** @import { Setting } from "./steering.js" */

import { html } from "../dom.js";
import { placeName, visible } from "../format.js";
import { thumb } from "../thumb.js";
import { numberText, TIMES } from "./steering.js";

/** What is known of a feature that is set. @param {Lab} lab @param {Setting} setting */
function known(lab, setting) {
  const { layer, index, position } = setting;
  const { graph, indexOf } = lab.view ?? {};
  const node = indexOf?.get(`${layer}_${index}_${position}`);
  const token = graph?.tokens[position];
  const label = node === undefined ? lab.absentLabel(setting) : lab.labelOf(node);
  const place =
    node !== undefined && graph
      ? placeName(graph, node)
      : token === undefined
        ? `layer ${layer}, position ${position}: not in this prompt`
        : `layer ${layer}, at “${visible(token)}”: no node of this graph`;
  return { node, name: label ?? `Feature ${index}`, place };
}

/** What a row is made from: where it is the same, the row stays while one slides. @param {Lab} lab @param {Setting} setting */
export function lookOf(lab, setting) {
  const { node, name, place } = known(lab, setting);
  const plotted = node !== undefined && lab.plot(node) !== undefined;
  return [lab.view?.request, lab.colours, node, plotted, name, place].join(" ");
}

/** One feature that is set. @param {Lab} lab @param {string} key @param {Setting} setting */
export function rowOf(lab, key, setting) {
  const { node, name, place } = known(lab, setting);
  const slider = html("input", { type: "range", min: TIMES.least, max: TIMES.most, step: 0.25, "aria-label": `Multiple of “${name}”` });
  const number = html("input", { type: "number", step: "any", "aria-label": `Activation of “${name}”` });
  const change = (/** @type {string} */ value) => lab.steer(`steer ${key}`, (steering) => (steering.set[key] = value));
  slider.addEventListener("input", () => change(`x${numberText(slider.valueAsNumber)}`));
  number.addEventListener("change", () => Number.isFinite(number.valueAsNumber) && change(numberText(number.valueAsNumber)));
  const release = html("button", { type: "button", class: "quiet", "aria-label": `Release “${name}”`, title: "Release" }, "×");
  release.addEventListener("click", () => lab.steer(`release ${key}`, (steering) => delete steering.set[key]));
  const title = html("button", { type: "button", class: "name", disabled: node === undefined }, name, html("small", {}, place));
  title.addEventListener("click", () => node !== undefined && lab.select(node));
  return html(
    "li",
    {},
    (node === undefined ? undefined : thumb(lab, node)) ?? html("span", { class: "glyph", "aria-hidden": "true" }, `L${setting.layer}`),
    title,
    slider,
    html("output"),
    number,
    release,
  );
}

/** Shows in a row how its feature is set now. @param {Lab} lab @param {Element} row @param {Setting} now */
export function showSetting(lab, row, now) {
  const [slider, number] = row.querySelectorAll("input");
  const times = /** @type {HTMLOutputElement} */ (row.querySelector("output"));
  const { node } = known(lab, now);
  const before = node === undefined ? 0 : (lab.view?.graph.activation[node] ?? 0);
  slider.disabled = before === 0; // a multiple of nothing
  const multiple = now.times ?? (before === 0 ? NaN : /** @type {number} */ (now.to) / before);
  if (lab.focused !== slider || now.times === undefined) slider.value = String(Number.isFinite(multiple) ? multiple : 0);
  times.textContent = Number.isFinite(multiple) ? `×${numberText(Math.round(multiple * 100) / 100).replace("-", "−")}` : "";
  if (lab.focused !== number) number.value = numberText(now.to ?? /** @type {number} */ (now.times) * before);
}
