// What was measured of a model, from its manifest: figures by their measures, each with the command that measures it again.

/** @import { Manifest } from "../lab/messages.js" */

import { html } from "../lab/dom.js";
import { percent } from "../lab/format.js";
import { dataOf } from "./figures.js";

/** @typedef {Manifest["quality"][number]} Measure */
/** Finds a measure; of those that are of a transcoder the cross-layer one’s. @typedef {(measure: string) => Measure | undefined} Measures */

/** @param {string} model @returns {Promise<Measures>} */
export async function measuresOf(model) {
  const { quality } = /** @type {Manifest} */ (await dataOf(`../models/${model}/manifest.json`));
  return (name) => quality.find(({ measure, transcoder }) => measure === name && transcoder !== "per-layer");
}

/** A share as a reader says it: without a tenth that is none. @param {number} share 0..1 */
export function shareText(share) {
  return percent(share).replace(/\.0+ %$/, " %");
}

/** A bar from nothing to all, with its figure. @param {number} share 0..1 @param {string} text @param {string} [tone] */
export function bar(share, text, tone = "") {
  const inner = html("i");
  inner.style.setProperty("--share", String(share));
  return html("span", { class: `figure-bar ${tone}` }, html("span", { class: "track", "aria-hidden": "true" }, inner), html("b", {}, text));
}

/** The command behind figures, in a line of its own. @param {string} command */
export function command(command) {
  return html("small", { class: "command" }, "Measured by ", html("code", {}, command));
}

/** Fills every element that asks for a share of a model’s measures, `data-measure="addition experiment/ones-digit"`; what does not arrive is told above the article. */
export const fillMeasures = () => fill().catch(() => {});

async function fill() {
  const asking = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-measure]")]);
  const asked = asking.map((element) => /** @type {[string, string]} */ ((element.dataset.measure ?? "").split(" ")));
  const models = new Map(
    await Promise.all(
      [...new Set(asked.map(([model]) => model))].map(async (model) => /** @type {const} */ ([model, await measuresOf(model)])),
    ),
  );
  asking.forEach((element, i) => {
    const [model, name] = asked[i];
    const value = models.get(model)?.(name)?.value;
    element.textContent = value === undefined ? "not measured" : shareText(value / 100);
  });
}
