// Where the panel of the selected node lies below the window, as on a phone, a button at the window's foot names the node and goes there.

/** @import { Lab } from "./lab.js" */

const IN_SIGHT = "0px 0px -20% 0px"; // a panel that only begins at the foot of the window is not in sight yet

/** @param {Lab} lab */
export function mountPanelBelow(lab) {
  const button = lab.part("panel-below");
  const panel = lab.part("inspector");
  const name = button.querySelector("span") ?? button;
  let isBelow = false;

  function show() {
    button.hidden = lab.selected === undefined || !isBelow;
    if (lab.selected !== undefined) name.textContent = lab.nameOf(lab.selected);
  }

  const observer = new IntersectionObserver(
    (entries) => {
      const { isIntersecting, boundingClientRect } = /** @type {IntersectionObserverEntry} */ (entries.at(-1));
      isBelow = !isIntersecting && boundingClientRect.top > 0;
      show();
    },
    { rootMargin: IN_SIGHT },
  );
  observer.observe(panel);
  lab.lifetime.addEventListener("abort", () => observer.disconnect());
  button.addEventListener("click", () => {
    panel.focus({ preventScroll: true });
    panel.scrollIntoView({ block: "start" });
  });
  lab.watch(() => [lab.selected, lab.view, lab.arrangement, lab.features.names, lab.features.ready, lab.plots.arrivals], show);
}
