// Which features carry 36+59 in the shipped model, as its graph on the command line tells: no test knows them by number.

import assert from "node:assert/strict";
import { featuresOf, onTheCommandLine } from "./command-line.mjs";

/** @import { Page } from "playwright-core" */

const PROMPT = "calc: 36+59=";
const PLACES = { first: 4, second: 6, answering: 7 }; // of the operands and “=” among the tokens

/**
 * @typedef {{ node_id: string, layer: string, ctx_idx: number, feature_type: string, influence: number | null, activation: number, clerp:
 *   string, is_target_logit: boolean }} Node
 */

/** @type {{ nodes: Node[] }} */
const graph = onTheCommandLine("trace", PROMPT);

const features = featuresOf(graph.nodes);

/** @param {number | undefined} layer @param {number} place @param {number} [rank] @returns {string} the node's id */
function at(layer, place, rank = 0) {
  const found = features.filter((node) => node.ctx_idx === place && (layer === undefined || Number(node.layer) === layer))[rank];
  assert.ok(found, `the graph of ${PROMPT} has no feature number ${rank + 1} of layer ${layer} at token ${place}`);
  return found.node_id;
}

const last = Math.max(...features.map((node) => Number(node.layer)));

/** The most influential features of the last layer. */
export const STRONGEST = at(last, PLACES.answering);
export const SECOND = at(last, PLACES.answering, 1);
/** The most influential one of the layer before, whose work later features take up. */
export const EARLIER = at(last - 1, PLACES.answering);
/** The most influential one of each operand. */
export const OF_FIRST = at(undefined, PLACES.first);
export const OF_SECOND = at(undefined, PLACES.second);
export const FIRST_TOKEN = only((node) => node.feature_type === "embedding" && node.ctx_idx === PLACES.first);
export const LOGIT = only((node) => node.feature_type === "logit" && node.is_target_logit);

/** @param {(node: Node) => boolean} is */
function only(is) {
  const found = graph.nodes.filter(is);
  assert.ok(found.length, `the graph of ${PROMPT} lacks a node that tests need`);
  return found[0].node_id;
}

/** How strongly a feature is active. @param {string} id */
export const activation = (id) => Number(features.find((node) => node.node_id === id)?.activation);

/** A feature's number in its layer. @param {string} id */
export const number = (id) => Number(id.split("_")[1]);

/** A feature as the address and the command line have it, without its token: 3/511. @param {string} id */
export const feature = (id) => id.split("_").slice(0, 2).join("/");

/** A setting of a feature, as the address has it: 3/511@7=x0. @param {string} id @param {string} value */
export const set = (id, value) => `${feature(id)}@${id.split("_")[2]}=${value}`;

/** A feature that is silent on the prompt and fires on another one, of the last layer or of another. @returns {string} 3/41 */
export function silent(layer = last) {
  const featuresIn = (/** @type {string} */ prompt, /** @type {string[]} */ options) =>
    featuresOf(/** @type {{ nodes: Node[] }} */ (onTheCommandLine("trace", prompt, options)).nodes).map((node) => feature(node.node_id));
  const active = new Set(featuresIn(PROMPT, ["--node-threshold", "1", "--edge-threshold", "1"]));
  const found = featuresIn("calc: 48+33=", []).find((each) => Number(each.split("/")[0]) === layer && !active.has(each));
  assert.ok(found, `calc: 48+33= has no feature of layer ${layer} that ${PROMPT} has not`);
  return found;
}

/** What a node is called on the page, once it has a name. @param {Page} page @param {string} id */
export async function name(page, id) {
  const node = page.locator(`[data-part=stage] .node[data-id="${id}"]:not([aria-label^="Feature"])`);
  await node.waitFor({ timeout: 60_000 });
  return ((await node.getAttribute("aria-label")) ?? "").replace(/, Feature \d.*/, "");
}
