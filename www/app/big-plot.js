// An operand plot in large, with axes and the value under the pointer.

/** @import { App } from "./app.js" */
/** @import { OperandPlot } from "./engine-api.js" */

import { html } from "./dom.js";
import { picture } from "./graph/heat.js";

/** Whether the operands stand around a plus sign. @param {App} app */
function isSum({ view }) {
  const here = view?.operands;
  return here !== undefined && here.bPosition === here.aPosition + 2 && view?.graph.tokens[here.aPosition + 1].trim() === "+";
}

export class BigPlot {
  /**
   * @param {App} app
   * @param {OperandPlot} plot
   */
  constructor(app, plot) {
    const here = app.view?.operands;
    const canvas = html("canvas", { width: 100, height: 100 });
    canvas.getContext("2d")?.drawImage(picture(plot), 0, 0);
    const mark = html("span", { class: "mark" });
    mark.hidden = !here;
    if (here) {
      mark.style.left = `${here.b + 0.5}%`;
      mark.style.top = `${here.a + 0.5}%`;
    }
    const square = html("div", { class: "plot", role: "img", "aria-label": "Activation for every a and b from 0 to 99" }, canvas, mark);
    this.readout = html("p", { class: "readout" });
    const figure = html(
      "div",
      { class: "big-plot" },
      html("span", { class: "axis a" }, html("span", {}, "0"), html("i", {}, "a"), html("span", {}, "99")),
      square,
      html("span", { class: "axis b" }, html("span", {}, "0"), html("i", {}, "b"), html("span", {}, "99")),
    );
    this.elements = [figure, this.readout];

    /** @param {number} a @param {number} b */
    const say = (a, b) => {
      const value = (plot.pixels[a * 100 + b] / 255) * plot.max;
      const pair = isSum(app) ? `${a} + ${b} = ${a + b}` : `a = ${a}, b = ${b}`;
      this.readout.textContent = `${pair}: activation ${value.toFixed(2)} (strongest ${plot.max.toFixed(2)})`;
    };
    const rest = () => here && say(here.a, here.b);
    square.addEventListener("pointermove", (event) => {
      const box = square.getBoundingClientRect();
      const index = (/** @type {number} */ share) => Math.max(0, Math.min(99, Math.floor(share * 100)));
      say(index((event.clientY - box.top) / box.height), index((event.clientX - box.left) / box.width));
    });
    square.addEventListener("pointerleave", rest);
    rest();
  }
}
