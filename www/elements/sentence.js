// What went wrong with an element, in one sentence.

/** @param {unknown} error */
export function sentenceOf(error) {
  if (error instanceof TypeError && /import|module/i.test(error.message)) return "Attograph’s scripts could not be reached.";
  const sentence = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
