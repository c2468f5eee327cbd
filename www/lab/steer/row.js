// One feature that is set: its name, and the slider and the number that set it.

/** @import { Lab } from "../lab.js" */
/** @import { Setting } from "./steering.js" */

import { html } from "../dom.js";
import { placeName, visible } from "../format.js";
import { thumb } from "../thumb.js";
import { numberText, TIMES } from "./steering.js";

/** One feature that is set. @param {Lab} lab @param {string} key @param {Setting} setting */
export function rowOf(lab, key, setting) {
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
  const title = html("button", { type: "button", class: "name", disabled: node === undefined }, name, html("small", {}, place));
  title.addEventListener("click", () => node !== undefined && lab.select(node));
  const element = html(
    "li",
    {},
    (node === undefined ? undefined : thumb(lab, node)) ?? html("span", { class: "glyph", "aria-hidden": "true" }, `L${setting.layer}`),
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
