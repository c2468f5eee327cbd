/** What `elements/stories.js` defines beside the elements of `elements/atto.js`. */

export type * from "./attograph.js";

export declare const STORY_ELEMENTS: Record<
  "atto-story" | "atto-break" | "atto-outcome" | "atto-verdict" | "atto-board",
  CustomElementConstructor
>;
