// An operand plot in large, with axes, crosshair and the value under it; a curve where only one operand is known yet.

/** @import { Lab } from "./lab.js" */
/** @import { OperandPlot } from "./engine-api.js" */

import { curve } from "./charts.js";
import { byTouch } from "./device.js";
import { html } from "./dom.js";
import { picture } from "./graph/heat.js";

const SIDE = 100;

/** Whether the operands stand around a plus sign. @param {Lab} lab */
function isSum({ view }) {
  const here = view?.operands;
  return here !== undefined && here.bPosition === here.aPosition + 2 && view?.graph.tokens[here.aPosition + 1].trim() === "+";
}

/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class BigPlot {
  /**
   * @param {Lab} lab
   * @param {OperandPlot} plot
   * @param {number} position the token at which the feature fires
   * @param {number} [exact] its activation at the prompt on show: a plot knows 255 steps
   */
  constructor(lab, plot, position, exact = -1) {
    const here = lab.view?.operands;
    /** @param {number} a @param {number} b */
    const at = (a, b) => (exact >= 0 && here?.a === a && here.b === b ? exact : (plot.pixels[a * SIDE + b] / 255) * plot.max);
    if (here && position < here.bPosition) {
      // The second operand is yet to come.
      const values = Array.from({ length: SIDE }, (_, a) => at(a, a === here.a ? here.b : 0));
      const say = (/** @type {number} */ a, /** @type {number} */ value) =>
        `a = ${a}: activation ${value.toFixed(2)} (strongest ${plot.max.toFixed(2)})`;
      this.elements = [
        html(
          "div",
          { class: "one-operand" },
          curve(values, { name: "Activation for every a from 0 to 99", from: "0", to: "99", say, mark: here.a }),
        ),
      ];
      return;
    }
    const canvas = html("canvas", { width: SIDE, height: SIDE });
    canvas.getContext("2d")?.drawImage(picture(lab, plot), 0, 0);
    const mark = html("span", { class: "prompt-ring" });
    mark.hidden = !here;
    if (here) {
      mark.style.left = `${here.b + 0.5}%`;
      mark.style.top = `${here.a + 0.5}%`;
    }
    const across = html("i", { class: "cross across" });
    const down = html("i", { class: "cross down" });
    const square = html(
      "div",
      {
        class: "plot",
        role: "img",
        tabindex: 0,
        "aria-label": `Activation for every a and b from 0 to 99${byTouch ? "" : "; arrow keys move the crosshair"}`,
      },
      canvas,
      across,
      down,
      mark,
    );
    const readout = html("p", { class: "readout", "aria-live": "polite" });
    const figure = html(
      "div",
      { class: "big-plot" },
      html("span", { class: "axis a" }, html("span", {}, "0"), html("i", {}, "a"), html("span", {}, "99")),
      square,
      html("span", { class: "axis b" }, html("span", {}, "0"), html("i", {}, "b"), html("span", {}, "99")),
    );
    this.elements = [figure, readout];
    let [a, b] = [here?.a ?? 0, here?.b ?? 0];

    const say = () => {
      const pair = isSum(lab) ? `${a} + ${b} = ${a + b}` : `a = ${a}, b = ${b}`;
      readout.textContent = `${pair}: activation ${at(a, b).toFixed(2)} (strongest ${plot.max.toFixed(2)})`;
      across.style.top = `${a + 0.5}%`;
      down.style.left = `${b + 0.5}%`;
    };
    const rest = () => {
      square.classList.remove("crossed");
      [a, b] = [here?.a ?? 0, here?.b ?? 0];
      say();
    };
    square.addEventListener("pointermove", (event) => {
      const box = square.getBoundingClientRect();
      const index = (/** @type {number} */ share) => Math.max(0, Math.min(SIDE - 1, Math.floor(share * SIDE)));
      [a, b] = [index((event.clientY - box.top) / box.height), index((event.clientX - box.left) / box.width)];
      square.classList.add("crossed");
      say();
    });
    square.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      const far = event.shiftKey ? 10 : 1;
      [a, b] = [a + far * step[0], b + far * step[1]].map((value) => Math.max(0, Math.min(SIDE - 1, value)));
      square.classList.add("crossed");
      say();
    });
    square.addEventListener("pointerleave", rest);
    square.addEventListener("blur", rest);
    rest();
  }
}
