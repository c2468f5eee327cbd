// A scatter of what was predicted against what was measured. Dots are two paths, so hundreds of them cost little.

import { html, svg } from "./dom.js";
import { signed } from "./format.js";

const SIZE = 200; // units of the view box
const EDGE = 8;

/**
 * @param {ArrayLike<number>} predicted
 * @param {ArrayLike<number>} measured
 * @param {object} options
 * @param {string} options.name what screen readers call it
 * @param {(i: number) => boolean} [options.strong] dots that stand out
 * @param {(i: number) => string} [options.say] what a dot is
 * @param {(i: number) => string} [options.read] all that is read out of a dot, in place of what it is and its two values
 * @param {string} [options.rest] what stands there with no dot pointed at; else how far the axes go
 * @param {(i: number) => void} [options.pick] called with the dot that is clicked
 * @param {number} [options.limit] the axes' ends, so that several can be compared
 */
export function scatter(predicted, measured, { name, strong, say, read, rest: atRest, pick, limit }) {
  const count = predicted.length;
  const largest = limit ?? limitOf([predicted, measured]);
  const at = (/** @type {number} */ value) => (Math.max(-1, Math.min(1, value / largest)) * (SIZE - 2 * EDGE)) / 2;
  const x = (/** @type {number} */ i) => SIZE / 2 + at(predicted[i]);
  const y = (/** @type {number} */ i) => SIZE / 2 - at(measured[i]);
  const dots = (/** @type {(i: number) => boolean} */ which) => {
    let path = "";
    for (let i = 0; i < count; i++) if (which(i)) path += `M${x(i).toFixed(1)} ${y(i).toFixed(1)}h0`;
    return path;
  };
  const isStrong = strong ?? (() => true);
  const ring = svg("circle", { class: "ring", r: 6, visibility: "hidden" });
  const chart = svg(
    "svg",
    { class: pick ? "scatter picks" : "scatter", viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", "aria-label": name },
    svg("path", { class: "axes", d: `M${SIZE / 2} 0V${SIZE}M0 ${SIZE / 2}H${SIZE}` }),
    svg("path", { class: "equal", d: `M0 ${SIZE}L${SIZE} 0` }),
    svg("path", { class: "dots", d: dots((i) => !isStrong(i)) }),
    svg("path", { class: "dots strong", d: dots(isStrong) }),
    ring,
  );
  const readout = html("p", { class: "readout" });
  const rest = () => {
    readout.textContent = atRest ?? `axes ${signed(largest).replace("+", "±")}`;
    ring.setAttribute("visibility", "hidden");
  };
  /** @param {PointerEvent | MouseEvent} event */
  const nearest = (event) => {
    const box = chart.getBoundingClientRect();
    const [px, py] = [((event.clientX - box.left) / box.width) * SIZE, ((event.clientY - box.top) / box.height) * SIZE];
    let best = -1;
    let distance = 20 ** 2;
    for (let i = 0; i < count; i++) {
      const d = (x(i) - px) ** 2 + (y(i) - py) ** 2;
      if (d < distance) [best, distance] = [i, d];
    }
    return best;
  };
  chart.addEventListener("pointermove", (event) => {
    const i = nearest(event);
    if (i < 0) return rest();
    ring.setAttribute("cx", String(x(i)));
    ring.setAttribute("cy", String(y(i)));
    ring.setAttribute("visibility", "visible");
    readout.textContent = read ? read(i) : `${say ? `${say(i)}: ` : ""}predicted ${signed(predicted[i])}, measured ${signed(measured[i])}`;
  });
  chart.addEventListener("pointerleave", rest);
  if (pick) {
    chart.addEventListener("click", (event) => {
      const i = nearest(event);
      if (i >= 0) pick(i);
    });
  }
  rest();
  return html("div", { class: "scatter-box" }, chart, readout);
}

/** The largest magnitude among some values, for axes that start at its negative. @param {ArrayLike<number>[]} lists */
export function limitOf(lists) {
  let largest = 0;
  for (const list of lists) for (let i = 0; i < list.length; i++) largest = Math.max(largest, Math.abs(list[i]));
  return largest || 1;
}
