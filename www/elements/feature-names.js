// How an author names features in an attribute: `LAYER/INDEX`, `LAYER/INDEX@POSITION`, with words behind it, several apart by `;`.

/** @import { Graph } from "../lab/messages.js" */

import { FEATURE } from "../lab/kinds.js";

/** A feature, at one position or wherever it is active. @typedef {{ layer: number, index: number, position: number | undefined, name: string }} Named */

const PLACE = /^(\d{1,4})\/(\d{1,7})(?:@(\d{1,5}))?(?:\s+(.{1,200}))?$/;
const MOST = 50;

/** What of it makes sense. @param {string | undefined} text @returns {Named[]} */
export function readPlaces(text) {
  const found = (text ?? "")
    .split(";")
    .slice(0, MOST)
    .map((each) => PLACE.exec(each.trim()));
  return found
    .filter((each) => each !== null)
    .map(([, layer, index, position, name]) => ({
      layer: Number(layer),
      index: Number(index),
      position: position === undefined ? undefined : Number(position),
      name: name ?? "",
    }));
}

/** The nodes of a graph that are this feature, by position. @param {Graph} graph @param {Named} named */
export function nodesOf({ kind, layer, index, position }, named) {
  return Array.from(kind.keys())
    .filter((node) => kind[node] === FEATURE && layer[node] === named.layer && index[node] === named.index)
    .filter((node) => named.position === undefined || position[node] === named.position)
    .sort((a, b) => position[a] - position[b]);
}
