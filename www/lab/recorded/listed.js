// What is recorded on this site, and which addresses begin with a recorded graph. It imports nothing: `early.js`, which has it too, is to be
// there before the page's other scripts.

/**
 * What the build says of a model's recordings: its first example, and the names of the other examples' files.
 * @typedef {{ model: string, title: string, prompt: string, others: string[] }} Listed
 */

/** The recordings of this site, its first model's first. @type {Listed[]} */
export const LISTED = list();

/** What an address has that asks for another graph than a recorded one, and what a recording cannot answer. */
const OTHER_GRAPH = ["kept", "transcoder", "target", "hold", "node", "edge", "density"];
const MORE = ["pinnedIds", "steer", "compare", "grade"];

/** @returns {Listed[]} */
function list() {
  const meta = /** @type {HTMLMetaElement | null} */ (document.querySelector('meta[name="recorded"]'));
  return meta ? JSON.parse(meta.content) : [];
}

/** Whether all but the prompt is as in a recording. @param {URLSearchParams} query of an address */
export function isAsRecorded(query) {
  return !OTHER_GRAPH.some((name) => query.has(name));
}

/**
 * The recording that an address asks for.
 * @param {URLSearchParams} query
 * @returns {{ model: string, prompt: string, file: string } | undefined}
 */
export function recordingOf(query) {
  const found = LISTED.find(({ model }) => model === (query.get("model") || LISTED[0].model));
  if (!found || !isAsRecorded(query) || MORE.some((name) => query.has(name))) return undefined;
  const { model } = found;
  const prompt = query.get("prompt") ?? found.prompt;
  if (prompt === found.prompt) return { model, prompt, file: `recorded/${model}.json` };
  // Kept without a network are the first ones alone, as the engine is kept too.
  const name = nameOf(prompt);
  return navigator.onLine && found.others.includes(name) ? { model, prompt, file: `recorded/${model}/${name}.json` } : undefined;
}

/** What the build calls the recording of a prompt: its FNV-1a of 32 bits. @param {string} prompt */
export function nameOf(prompt) {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(prompt)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
