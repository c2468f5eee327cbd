// Zoom and pan. The pane scrolls natively, so nobody gets lost beside the graph; the point under the pointer stays where it is.

/** @import { Lab } from "../lab.js" */

const STEP = 1.25;
const DRAG_PX = 4; // less is a click

/**
 * @param {Lab} lab
 * @param {HTMLElement} pane
 * @param {HTMLElement[]} controls what tells the zoom, and the buttons in, out and fit
 * @returns {{ wasDrag: () => boolean, key: (key: string) => boolean }} whether the click that follows ended a drag; takes + - 0
 */
export function followZoom(lab, pane, [value, closer, farther, fitting]) {
  /**
   * What stays where it is when nobody points: the selected node, or the one nearest to the pane's middle; what lies between may be
   * empty.
   */
  function anchor() {
    const frame = pane.getBoundingClientRect();
    const [middleX, middleY] = [pane.clientWidth / 2, pane.clientHeight / 2];
    let best = { x: middleX, y: middleY };
    let least = Infinity;
    for (const node of pane.querySelectorAll(".node")) {
      const { left, top, width, height } = node.getBoundingClientRect();
      const [x, y] = [left + width / 2 - frame.left, top + height / 2 - frame.top];
      if (x < 0 || y < 0 || x > pane.clientWidth || y > pane.clientHeight) continue;
      const far = node.classList.contains("selected") ? -1 : Math.hypot(x - middleX, y - middleY);
      if (far < least) [best, least] = [{ x, y }, far];
    }
    return best;
  }

  /** @param {number} zoom @param {{ x: number, y: number }} [at] in the pane */
  function zoomTo(zoom, at = anchor()) {
    const before = lab.address.zoom;
    const [x, y] = [(pane.scrollLeft + at.x) / before, (pane.scrollTop + at.y) / before];
    lab.zoomTo(zoom);
    pane.scrollLeft = x * lab.address.zoom - at.x;
    pane.scrollTop = y * lab.address.zoom - at.y;
  }

  /** The zoom with which the whole graph fits. */
  function fit() {
    const stage = /** @type {HTMLElement} */ (pane.firstElementChild);
    const { zoom } = lab.address;
    return Math.min(1, (pane.clientWidth / stage.offsetWidth) * zoom, (pane.clientHeight / stage.offsetHeight) * zoom);
  }

  closer.addEventListener("click", () => zoomTo(lab.address.zoom * STEP));
  farther.addEventListener("click", () => zoomTo(lab.address.zoom / STEP));
  fitting.addEventListener("click", () => zoomTo(fit()));
  value.addEventListener("click", () => zoomTo(1));
  const showZoom = () => {
    value.textContent = `${Math.round(lab.address.zoom * 100)} %`;
    value.hidden = lab.address.zoom === 1;
  };
  lab.effect(showZoom);

  /** Wishes of one frame are one redraw. @type {{ factor: number, x: number, y: number } | undefined} */
  let wish;
  /** @param {number} factor @param {number} clientX @param {number} clientY */
  function wishZoom(factor, clientX, clientY) {
    const { left, top } = pane.getBoundingClientRect();
    if (!wish) {
      requestAnimationFrame(() => {
        const now = /** @type {NonNullable<typeof wish>} */ (wish);
        wish = undefined;
        zoomTo(lab.address.zoom * now.factor, now);
      });
    }
    wish = { factor: (wish?.factor ?? 1) * factor, x: clientX - left, y: clientY - top };
  }

  // A pinch on a touchpad comes as a wheel with Ctrl.
  pane.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      wishZoom(Math.exp(-event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 0.05 : 0.0025)), event.clientX, event.clientY);
    },
    { passive: false },
  );
  let spread = 0;
  pane.addEventListener(
    "touchmove",
    (event) => {
      if (event.touches.length !== 2) {
        spread = 0;
        return;
      }
      event.preventDefault();
      const [a, b] = event.touches;
      const now = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
      if (spread > 0) wishZoom(now / spread, (a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2);
      spread = now;
    },
    { passive: false },
  );
  pane.addEventListener("touchend", () => (spread = 0));

  /**
   * Where a drag began, and how far the pane was scrolled.
   * @type {{ x: number, y: number, left: number, top: number, id: number } | undefined}
   */
  let drag;
  let dragged = false;
  pane.addEventListener("pointerdown", (event) => {
    dragged = false;
    if (event.button !== 0 || event.pointerType === "touch" || (event.target instanceof Element && event.target.closest(".node, button")))
      return;
    // Not on the scroll bars.
    if (event.offsetX >= pane.clientWidth && event.target === pane) return;
    drag = { x: event.clientX, y: event.clientY, left: pane.scrollLeft, top: pane.scrollTop, id: event.pointerId };
  });
  pane.addEventListener("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.id) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!dragged && Math.hypot(dx, dy) < DRAG_PX) return;
    if (!dragged) pane.setPointerCapture(drag.id);
    dragged = true;
    pane.classList.add("panned");
    pane.scrollLeft = drag.left - dx;
    pane.scrollTop = drag.top - dy;
  });
  const end = () => {
    drag = undefined;
    pane.classList.remove("panned");
  };
  pane.addEventListener("pointerup", end);
  pane.addEventListener("pointercancel", end);

  return {
    wasDrag: () => dragged,
    key: (key) => {
      if (key === "+" || key === "=") zoomTo(lab.address.zoom * STEP);
      else if (key === "-") zoomTo(lab.address.zoom / STEP);
      else if (key === "0") zoomTo(fit());
      else return false;
      return true;
    },
  };
}
