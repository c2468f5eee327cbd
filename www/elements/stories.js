// Defines the elements that tell a graph and break it; an author's page names this script beside `atto.js`, or alone.

import "./atto.js";
import { AttoBoard } from "./atto-board.js";
import { AttoBreak } from "./atto-break.js";
import { AttoOutcome } from "./atto-outcome.js";
import { AttoStory } from "./atto-story.js";
import { AttoVerdict } from "./atto-verdict.js";

/** What each element is called. */
export const STORY_ELEMENTS = {
  "atto-story": AttoStory,
  "atto-board": AttoBoard,
  "atto-break": AttoBreak,
  "atto-outcome": AttoOutcome,
  "atto-verdict": AttoVerdict,
};

for (const [name, element] of Object.entries(STORY_ELEMENTS)) if (!customElements.get(name)) customElements.define(name, element);
