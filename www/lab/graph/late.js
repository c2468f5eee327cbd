// The graph panel, once its scripts are here: the story, which is what most see first, needs none of them, so they come behind it.

/** @import { Lab } from "../lab.js" */

import { recordingFor } from "../recorded/wanted.js";
import { followGraph, readable, whenReadable } from "./when-readable.js";

/** @param {Lab} lab */
export function mountGraphLate(lab) {
  /** Draws the graph on show. @type {(() => void) | undefined} */ let draw;
  let coming = false;

  async function mount() {
    if (coming) return;
    coming = true;
    await whenReadable();
    coming = false;
    if (lab.lifetime.aborted) return;
    const here = readable();
    if (here) here.mountGraph(lab, (act) => (draw = act)());
    else if (lab.shown === "nodes")
      lab.bus.emit("notice", {
        about: "engine",
        sentence: "What draws the nodes did not arrive.",
        advice: "Check the connection, then choose “Story” and “All nodes” again, or reload the page: its address holds what you set.",
      });
  }

  // Told here, before whoever changes the page is: the graph asks how large its pane is.
  followGraph(lab, () => {
    if (draw) draw();
    else if (lab.view) void mount();
  });
  lab.watch(
    () => lab.shown,
    () => draw || (lab.view && void mount()),
  );
  // Until then the story's cards want their names and plots.
  lab.watch(
    () => [lab.view, lab.view?.pruned, lab.view?.operands && lab.plots.isFinished(lab.view.operands.key)],
    () => draw || (lab.view && lab.worker.wantPlots(lab.view.pruned.nodes)),
  );
  // Where no recorded story comes first, a graph is what they are needed for.
  if (!recordingFor(lab.address)) void whenReadable();
}
