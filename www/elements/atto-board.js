// <atto-board>: all sums of two numbers below 100 as a board, on which one drags to the next; it shows for which of them the selected
// feature fires.

/** @import { ElementLab } from "./element-lab.js" */
/** @import { OperandPlot } from "../lab/engine-api.js" */

import { html } from "../lab/dom.js";
import { percent } from "../lab/format.js";
import { picture } from "../lab/graph/heat.js";
import { AttoElement } from "./atto-element.js";

const SIDE = 100;
const KEYS = "arrow keys move to the next, with Shift by ten";
/** @type {Record<string, [number, number]>} */
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** Where nothing is selected: how large each sum is. @type {OperandPlot} */
const SUMS = {
  max: 1,
  pixels: Uint8Array.from({ length: SIDE * SIDE }, (_, i) => Math.round((110 * (Math.floor(i / SIDE) + (i % SIDE))) / (2 * SIDE - 2))),
};

export class AttoBoard extends AttoElement {
  static sheet = "style/element-story.css";
  static properties = { template: {} };

  constructor() {
    super();
    /** @type {string | undefined} the prompt with `{a}` and `{b}` in place of the numbers */ this.template = undefined;
  }

  /** @param {ElementLab} lab */
  async mount(lab) {
    const canvas = html("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
    const [across, down, ring] = ["cross across", "cross down", "prompt-ring"].map((name) => html("i", { class: name }));
    const square = html(
      "div",
      { class: "plot crossed", role: "application", tabindex: 0, "aria-label": `All sums: ${KEYS}` },
      canvas,
      across,
      down,
      ring,
    );
    const axis = (/** @type {string} */ name, /** @type {string} */ says) =>
      html("span", { class: `axis ${name}` }, html("span", {}, "0"), html("i", {}, says), html("span", {}, "99"));
    const says = html("p", { class: "board-says" });
    const here = html("output", { class: "for-readers" });
    this.place.replaceChildren(html("div", { class: "board" }, axis("a", "first"), square, axis("b", "second number")), here, says);
    let [a, b] = [0, 0];
    let dragging = false;

    const mark = () => {
      across.style.top = ring.style.top = `${a + 0.5}%`;
      down.style.left = ring.style.left = `${b + 0.5}%`;
      here.textContent = `${a} + ${b}`;
    };
    /** @param {number} toA @param {number} toB */
    const go = (toA, toB) => {
      const [nextA, nextB] = [toA, toB].map((each) => Math.max(0, Math.min(SIDE - 1, each)));
      if (nextA === a && nextB === b) return;
      [a, b] = [nextA, nextB];
      mark();
      lab.ask((this.template ?? "calc: {a}+{b}=").replace("{a}", String(a)).replace("{b}", String(b)));
    };
    const drag = (/** @type {PointerEvent} */ event) => {
      const box = square.getBoundingClientRect();
      const index = (/** @type {number} */ share) => Math.floor(share * SIDE);
      go(index((event.clientY - box.top) / box.height), index((event.clientX - box.left) / box.width));
    };
    square.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      dragging = true;
      square.setPointerCapture(event.pointerId);
      drag(event);
    });
    square.addEventListener("pointermove", (event) => dragging && drag(event));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) square.addEventListener(end, () => (dragging = false));
    square.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      const far = event.shiftKey ? 10 : 1;
      go(a + far * step[0], b + far * step[1]);
    });

    const draw = () => {
      const { view, selected } = lab;
      if (!view) return;
      if (view.operands && !dragging) {
        ({ a, b } = view.operands);
        mark();
      }
      const plot = selected === undefined ? undefined : lab.plot(selected);
      if (selected !== undefined) lab.worker.wantPlots([selected]);
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
      context.clearRect(0, 0, SIDE, SIDE);
      context.drawImage(picture(lab, plot ?? SUMS), 0, 0);
      says.textContent = plot
        ? `“${lab.nameOf(/** @type {number} */ (selected))}” fires for ${percent(plot.pixels.filter((each) => each > 0).length / plot.pixels.length)} of all sums.`
        : "Every point is one sum. Drag to another; press a card, and the board shows for which sums its feature fires.";
    };
    return lab.mount(this.place, () => {
      const { plots } = lab;
      lab.watch(() => [lab.view, lab.selected, plots.arrivals, lab.colours], draw);
    });
  }
}
