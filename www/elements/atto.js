// Defines the elements: this is the one script that an author’s page names.

import { AttoAnswers } from "./atto-answers.js";
import { AttoGraph } from "./atto-graph.js";
import { AttoPlot } from "./atto-plot.js";
import { AttoPrompt } from "./atto-prompt.js";
import { AttoSteer } from "./atto-steer.js";

/** What each element is called. */
export const ELEMENTS = {
  "atto-graph": AttoGraph,
  "atto-plot": AttoPlot,
  "atto-answers": AttoAnswers,
  "atto-steer": AttoSteer,
  "atto-prompt": AttoPrompt,
};

// A page may name the script twice, or two of its posts may bring one each: the first is it.
for (const [name, element] of Object.entries(ELEMENTS)) if (!customElements.get(name)) customElements.define(name, element);
