// What an address says: everything that one set, so that a link shows the same again.

/** @import { Arrangement } from "./arrangement.js" */
/** @import { Steering } from "./steer/steering.js" */
/** @import { EngineChoice, Reading, Target, Thresholds, Transcoder } from "./messages.js" */

import { FIELDS } from "./address-fields.js";

/**
 * @typedef {object} Address
 * @property {string} model empty: the site's first
 * @property {Transcoder} transcoder
 * @property {EngineChoice} engine
 * @property {string | undefined} prompt nothing: the model's first example
 * @property {Target} target what the graph explains
 * @property {Reading} hold what its edges take as given
 * @property {Thresholds} thresholds
 * @property {string | undefined} selected id of a node
 * @property {Arrangement} arrangement
 * @property {Steering} steering features set to values
 * @property {boolean} grade whether the graph's grade is on show
 * @property {string | undefined} head the head whose looking is on show: its layer and index, the token that looks, maybe the one
 *   looked at, and maybe another: `1.0@7-4-6`
 * @property {string | undefined} compare a second prompt
 * @property {boolean} large whether the subgraph takes the graph's place
 * @property {number} zoom
 * @property {"story" | "nodes" | undefined} view nothing: as the reader had it last, a story at first
 * @property {"light" | "dark" | undefined} theme nothing: the system's
 */

/**
 * Reads an address as far as it makes sense.
 * @param {string} search with nothing put away
 * @param {Set<string>} [leftOut] gets the names of what made no sense, wholly or in part
 * @returns {Address}
 */
export function readAddress(search, leftOut = new Set()) {
  const query = new URLSearchParams(search);
  return /** @type {Address} */ (Object.fromEntries(FIELDS.map(({ key, read }) => [key, read(query, leftOut)])));
}

/** All of it, however long; the page's own path where nothing is set. @param {Address} address */
export function queryOf(address) {
  const query = new URLSearchParams();
  for (const { key, write } of FIELDS) write(address[key], query, address);
  const text = query.toString();
  return text ? `?${text}` : location.pathname;
}
