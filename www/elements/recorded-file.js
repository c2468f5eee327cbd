// A recorded graph beside a post: fetched, checked, and read. Whoever wrote the file, nothing in it is believed.

/** @import { View } from "../lab/view.js" */
/** @import { Written } from "../lab/recorded/recording.js" */

import { BIAS } from "../lab/kinds.js";
import { viewOf } from "../lab/recorded/recording.js";
import { triedAgain } from "../lab/tried-again.js";

const savedParts = triedAgain(() => import("../lab/story/saved.js"));
const MOST = { bytes: 20_000_000, nodes: 20_000, edges: 400_000, plots: 5000 };

/** @param {URL} url @returns {Promise<View>} @throws {Error} with a sentence */
export async function readRecording(url) {
  const name = url.protocol === "data:" ? "The recorded graph" : url.pathname.split("/").at(-1) || url.href;
  let response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new Error(`${name} could not be reached. If it lies on another site, that has to allow it (CORS).`, { cause: error });
  }
  if (!response.ok) throw new Error(`${name} is missing there (HTTP status ${response.status}).`);
  if (Number(response.headers.get("Content-Length")) > MOST.bytes) throw new Error(`${name} is too large to be a recorded graph.`);
  let written;
  try {
    written = await response.json();
  } catch (error) {
    throw new Error(`${name} is not valid JSON.`, { cause: error });
  }
  const fault = faultOf(written);
  if (fault) throw new Error(`${name} is no recorded graph: ${fault}.`);
  const story = await storyIn(written);
  try {
    return await viewOf({ .../** @type {Written} */ (written), story });
  } catch (error) {
    throw new Error(`The operand plots of ${name} cannot be read.`, { cause: error });
  }
}

/** The story that it holds, if that is one; what checks it is loaded for those files alone that have one. @param {Written} written */
async function storyIn({ nodes, story }) {
  const kinds = nodes.map(({ kind }) => kind);
  return story && (await savedParts()).checkedStory(story, kinds);
}

/** What is wrong with it, as the end of a sentence. @param {any} written @returns {string | undefined} */
export function faultOf(written) {
  const whole = (/** @type {unknown} */ value, /** @type {number} */ below = 2 ** 31) =>
    Number.isInteger(value) && Number(value) >= 0 && Number(value) < below;
  const texts = (/** @type {unknown} */ value) => Array.isArray(value) && value.every((each) => typeof each === "string");
  if (written === null || typeof written !== "object") return "it is no object";
  const { nodes, edges, tokens, answers, targets, layers, operands, labels, whole: told } = written;
  if (typeof written.prompt !== "string" || typeof written.model !== "string") return "it names no prompt or no model";
  if (!texts(tokens) || tokens.length === 0 || !texts(targets) || !whole(layers, 1000)) return "its tokens, targets or layers are missing";
  if (!Array.isArray(answers) || !answers.every((each) => typeof each?.token === "string" && Number.isFinite(each.probability)))
    return "its answers are missing";
  if (!Array.isArray(nodes) || !Array.isArray(edges)) return "it has no nodes or no edges";
  if (nodes.length > MOST.nodes || edges.length > MOST.edges) return "it has too many nodes or edges";
  const fits = (/** @type {any} */ node) =>
    typeof node?.id === "string" &&
    whole(node.kind, BIAS + 1) &&
    Number.isInteger(node.layer) &&
    node.layer >= -1 &&
    node.layer <= layers &&
    whole(node.position, tokens.length) &&
    whole(node.index);
  const odd = nodes.findIndex((node) => !fits(node));
  if (odd >= 0) return `its node ${odd} is none`;
  const loose = edges.findIndex(
    (edge) => !Array.isArray(edge) || !whole(edge[0], nodes.length) || !whole(edge[1], nodes.length) || !Number.isFinite(edge[2]),
  );
  if (loose >= 0) return `its edge ${loose} joins no two of its nodes`;
  if (labels === null || typeof labels !== "object" || !texts(Object.values(labels))) return "its labels are no texts";
  if (told && !(Array.isArray(told) && told.every((each) => typeof each?.text === "string"))) return "its whole answers are no texts";
  if (!operands) return undefined;
  const { plots, pixels, levels } = operands;
  if (!Array.isArray(plots) || plots.length > MOST.plots || typeof pixels !== "string" || !whole(levels, 257) || levels < 2)
    return "its operand plots are none";
  if (![operands.a, operands.b].every((each) => whole(each, 100))) return "its operands are no numbers below 100";
  return undefined;
}
