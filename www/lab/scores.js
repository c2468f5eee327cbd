// How much of the computation the graph explains: two scores, and what they and its model’s measures come to in one line.

/** @import { Lab } from "./lab.js" */

import { showVerdict } from "./verdict.js";

/** @param {Lab} lab */
export function mountScores(lab) {
  lab.effect(() => showVerdict(lab, lab.part("verdict"), lab.part("verdict-words")));
  lab.effect(() => {
    if (!lab.view) return;
    const { replacement, completeness, scoresOfAll, hold } = lab.view.graph;
    for (const [id, score] of /** @type {const} */ ([
      ["replacement", replacement],
      ["completeness", completeness],
    ])) {
      lab.part(id).textContent = score.toFixed(3) + (scoresOfAll ? "" : " of what is left");
      lab.part(id).title = scoresOfAll ? "" : "The file does not tell the whole graph’s: this is of what pruning left in it.";
    }
    if (hold === "patterns,norms") return;
    if (hold === "nothing") {
      lab.part("replacement").textContent = "–";
      lab.part("replacement").title = "Errors answer inside these edges: each input says which part of it passes through them.";
    }
    lab.part("completeness").textContent = "–";
    lab.part("completeness").title = "These edges are derivatives, which do not add up: there is nothing to be complete.";
  });
}
