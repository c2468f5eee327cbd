// A talk: named steps, each a state of the page with a caption and notes. Plain data, and its checks, as a file and as a link.

/** @typedef {{ state: string, caption: string, notes: string }} TalkStep `state` is what an address says of it, from `?` on */
/** @typedef {{ title: string, steps: TalkStep[] }} Talk */

/** Characters of each, and steps. */
export const MOST = { title: 80, caption: 200, notes: 5000, state: 20_000, steps: 100 };
const MOST_BYTES = 4_000_000; // of a file, and of what a link holds once it is unpacked

/** @returns {Talk} */
export function emptyTalk() {
  return { title: "A talk", steps: [] };
}

/** @param {unknown} text @param {number} most */
function line(text, most) {
  return typeof text === "string" ? text.replaceAll(/\s+/g, " ").trim().slice(0, most) : "";
}

/**
 * Makes a talk of what came from outside.
 * @param {unknown} raw
 * @returns {Talk | string} or a sentence that says why it is none
 */
export function checkedTalk(raw) {
  const found = /** @type {{ attograph_talk?: unknown, title?: unknown, steps?: unknown }} */ (raw ?? {});
  if (typeof found !== "object" || found.attograph_talk !== 1) return "It is no talk: it has no “attograph_talk”: 1.";
  if (!Array.isArray(found.steps) || found.steps.length === 0) return "It has no steps.";
  if (found.steps.length > MOST.steps) return `It has ${found.steps.length} steps, and a talk at most ${MOST.steps}.`;
  /** @type {TalkStep[]} */ const steps = [];
  for (const [i, each] of found.steps.entries()) {
    const state = each?.state;
    if (typeof state !== "string" || !(state === "" || state.startsWith("?"))) return `Step ${i + 1} has no “state” that begins with “?”.`;
    if (state.length > MOST.state) return `The state of step ${i + 1} has ${state.length} characters, and may have ${MOST.state}.`;
    const notes = typeof each.notes === "string" ? each.notes.slice(0, MOST.notes) : "";
    steps.push({ state, caption: line(each.caption, MOST.caption), notes });
  }
  return { title: line(found.title, MOST.title) || emptyTalk().title, steps };
}

/** A talk as a file. @param {Talk} talk */
export function talkText({ title, steps }) {
  return `${JSON.stringify({ attograph_talk: 1, title, steps }, null, 1)}\n`;
}

/** @param {string} text of a file @returns {Talk | string} or a sentence that says why it is none */
export function readTalk(text) {
  if (text.length > MOST_BYTES)
    return `It has ${text.length.toLocaleString("en")} characters, and may have ${MOST_BYTES.toLocaleString("en")}.`;
  try {
    return checkedTalk(JSON.parse(text));
  } catch {
    return "It is no JSON.";
  }
}

/** A talk in letters that a link may hold. @param {Talk} talk */
export async function packed(talk) {
  const bytes = await through(new Blob([talkText(talk)]).stream().pipeThrough(new CompressionStream("deflate-raw")));
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** @param {string} letters of a link @returns {Promise<Talk | string>} or a sentence that says why it is none */
export async function unpacked(letters) {
  try {
    const bytes = Uint8Array.from(atob(letters.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
    const text = await through(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")));
    return readTalk(new TextDecoder().decode(text));
  } catch {
    return "Its letters are not whole: part of the link was lost.";
  }
}

/** All of a stream, unless it is endless. @param {ReadableStream<Uint8Array>} stream */
async function through(stream) {
  /** @type {Uint8Array[]} */ const parts = [];
  let length = 0;
  for (let reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > MOST_BYTES) throw new Error("too much");
    parts.push(value);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
