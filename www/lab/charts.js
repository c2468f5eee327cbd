// Small charts as SVG: bars about a zero line, and a curve. They take their colours from the stylesheet.

import { html, svg } from "./dom.js";

const WIDE = 300; // units of the view box; the width is the panel's
const HIGH = 64;

/**
 * Bars, one a value, with a readout of the one under the pointer.
 * @param {ArrayLike<number>} values those that are no number have no bar
 * @param {{ name: string, from: string, to: string, say: (index: number, value: number) => string, mark?: number }} options what
 *   screen readers call it; names of the ends; the readout; the index of a bar to stand out
 */
export function bars(values, { name, from, to, say, mark }) {
  const list = Array.from(values);
  const top = Math.max(0, ...list.filter(Number.isFinite));
  const bottom = Math.min(0, ...list.filter(Number.isFinite));
  const scale = HIGH / (top - bottom || 1);
  const step = WIDE / list.length;
  const zero = top * scale;
  const gap = step > 4 ? 1 : 0;
  const chart = svg("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img", "aria-label": name });
  list.forEach((value, i) => {
    if (!Number.isFinite(value)) return;
    const height = Math.max(Math.abs(value) * scale, value === 0 ? 0 : 0.6);
    const kind = `${value < 0 ? "minus" : "plus"}${i === mark ? " mark" : ""}`;
    chart.append(svg("rect", { class: kind, x: i * step, y: value < 0 ? zero : zero - height, width: step - gap, height }));
  });
  chart.append(svg("path", { class: "zero", d: `M0 ${zero}H${WIDE}`, "vector-effect": "non-scaling-stroke" }));
  return framed(chart, list, { from, to, say, rest: mark });
}

/**
 * @param {ArrayLike<number>} values at equal steps, none below zero
 * @param {{ name: string, from: string, to: string, say: (index: number, value: number) => string, mark?: number }} options as for bars
 */
export function curve(values, { name, from, to, say, mark }) {
  const list = Array.from(values);
  const top = Math.max(...list, 1e-9);
  const x = (/** @type {number} */ i) => ((i + 0.5) / list.length) * WIDE;
  const points = list.map((value, i) => `${x(i).toFixed(1)} ${(HIGH - (value / top) * (HIGH - 2)).toFixed(1)}`);
  const chart = svg(
    "svg",
    { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img", "aria-label": name },
    svg("path", { class: "area", d: `M${x(0)} ${HIGH}L${points.join("L")}V${HIGH}Z` }),
    svg("path", { class: "line", d: `M${points.join("L")}`, "vector-effect": "non-scaling-stroke" }),
  );
  if (mark !== undefined) chart.append(svg("path", { class: "here", d: `M${x(mark)} 0V${HIGH}`, "vector-effect": "non-scaling-stroke" }));
  return framed(chart, list, { from, to, say, rest: mark });
}

/**
 * @param {SVGElement} chart
 * @param {number[]} values
 * @param {{ from: string, to: string, say: (index: number, value: number) => string, rest: number | undefined }} options
 */
function framed(chart, values, { from, to, say, rest }) {
  const readout = html("span", { class: "readout" });
  const atRest = () => (readout.textContent = rest === undefined ? "" : say(rest, values[rest]));
  chart.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect();
    const index = Math.max(0, Math.min(values.length - 1, Math.floor(((event.clientX - box.left) / box.width) * values.length)));
    readout.textContent = say(index, values[index]);
  });
  chart.addEventListener("pointerleave", atRest);
  atRest();
  return html("div", { class: "chart" }, chart, html("div", { class: "ends" }, html("span", {}, from), readout, html("span", {}, to)));
}
