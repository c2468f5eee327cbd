// How long a prompt may be: far more than any model here reads, and not long to take apart.

export const MOST_CHARACTERS = 20_000;

/** The beginning of a text that is too long, with no character cut in half. @param {string} text */
export function cutPrompt(text) {
  return text.length <= MOST_CHARACTERS ? text : text.slice(0, MOST_CHARACTERS).replace(/[\uD800-\uDBFF]$/, "");
}

/** What is said where a text was cut. */
export const CUT = {
  about: "length",
  sentence: `The text was cut after ${MOST_CHARACTERS.toLocaleString("en")} characters: no prompt here can be longer.`,
  advice: "What you see in the box is what is traced.",
};
