// From one step of a talk to the next the nodes move to their new places, unless the visitor asked for less motion.

/** @import { Lab } from "../lab/lab.js" */

const MOVE_MS = 700;
const EASE = "cubic-bezier(0.3, 0, 0.2, 1)";
const WAIT_MS = 4000; // a graph that comes later than that is simply there

/** @param {Lab} lab */
export function moving(lab) {
  /** Where each node stood, by id. @type {Map<string, DOMRect>} */ let before = new Map();
  let since = -Infinity;

  const nodes = () => /** @type {NodeListOf<SVGGElement>} */ (lab.part("stage").querySelectorAll(".node[data-id]"));

  function move() {
    if (performance.now() - since > WAIT_MS || before.size === 0) return;
    since = -Infinity;
    const options = { duration: MOVE_MS, easing: EASE };
    for (const node of nodes()) {
      const from = before.get(node.dataset.id ?? "");
      const to = node.getBoundingClientRect();
      if (!from) node.animate({ opacity: [0, 1] }, options);
      else if (Math.abs(from.x - to.x) + Math.abs(from.y - to.y) > 1) {
        const moved = `translate(${from.x - to.x}px, ${from.y - to.y}px)`;
        node.animate({ transform: [moved, "translate(0px, 0px)"] }, { ...options, composite: "add" });
      }
    }
    for (const canvas of lab.part("stage").querySelectorAll("canvas")) canvas.animate({ opacity: [0, 1] }, options);
  }
  lab.watch(() => lab.view, move);

  return {
    /** To be called before the next step is set. */
    begin() {
      if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
      before = new Map(Array.from(nodes(), (node) => [node.dataset.id ?? "", node.getBoundingClientRect()]));
      since = performance.now();
    },
  };
}
