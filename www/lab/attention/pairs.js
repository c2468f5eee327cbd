// A head's score as a small matrix: what stands at the query by what stands at the key, and all that finds no place in it as one number.

/** @import { HeadScore } from "../engine-api.js" */
/** @import { HeadAsked } from "../messages.js" */

/**
 * Sources are nodes, -1 for the position embeddings, -2 for biases; a cell is missing where its pair was not told.
 * @typedef {object} Matrix
 * @property {number[]} rows sources at the query, the largest first
 * @property {number[]} columns sources at the key
 * @property {(number | undefined)[][]} cells of each row
 * @property {number} shown what the cells add up to
 * @property {number} rest what all else adds to the score
 */

/**
 * The sources that matter most. Of two keys a cell is what the pair adds at the one less what it adds at the other: what both have in
 * common cancels.
 * @param {HeadScore} found @param {number} rows at most @param {number} columns at most
 * @returns {Matrix}
 */
export function matrixOf({ score, queries, keys, parts }, rows, columns) {
  /** @type {Map<number, Map<number, number>>} */ const cells = new Map();
  for (let i = 0; i < parts.length; i++) {
    const row = cells.get(queries[i]) ?? new Map();
    row.set(keys[i], (row.get(keys[i]) ?? 0) + parts[i]);
    cells.set(queries[i], row);
  }
  /** @type {Map<number, number>} */ const atQuery = new Map();
  /** @type {Map<number, number>} */ const atKey = new Map();
  for (const [query, row] of cells) {
    for (const [key, part] of row) {
      atQuery.set(query, (atQuery.get(query) ?? 0) + Math.abs(part));
      atKey.set(key, (atKey.get(key) ?? 0) + Math.abs(part));
    }
  }
  const [first, across] = [largest(atQuery, rows), largest(atKey, columns)];
  const shownCells = first.map((query) => across.map((key) => cells.get(query)?.get(key)));
  const shown = shownCells.flat().reduce((/** @type {number} */ sum, part) => sum + (part ?? 0), 0);
  return { rows: first, columns: across, cells: shownCells, shown, rest: score - shown };
}

/** @param {Map<number, number>} sizes @param {number} most */
function largest(sizes, most) {
  const sorted = [...sizes].sort((a, b) => b[1] - a[1]);
  return sorted.slice(0, most).map(([source]) => source);
}

/**
 * The positions that the head looks at most, in the order of the text, with those that are to be there.
 * @param {ArrayLike<number>} pattern @param {number} query @param {number} most @param {(number | undefined)[]} wanted
 */
export function mostLookedAt(pattern, query, most, wanted) {
  const all = Array.from({ length: query + 1 }, (_, i) => i);
  const kept = new Set(
    [...all]
      .sort((a, b) => Number(wanted.includes(b)) - Number(wanted.includes(a)) || pattern[b] - pattern[a])
      .slice(0, Math.max(most, wanted.length)),
  );
  return all.filter((position) => kept.has(position));
}

/** What can be asked of a prompt of so many tokens: a head looks at no later token. @param {HeadAsked} asked @param {number} tokens @returns {HeadAsked} */
export function fitted({ layer, head, query: wanted, key, minus }, tokens) {
  const query = Math.min(wanted, tokens - 1);
  const seen = (/** @type {number | undefined} */ position) => (position !== undefined && position <= query ? position : undefined);
  return { layer, head, query, key: seen(key), minus: minus === key ? undefined : seen(minus) };
}

/** What an address says of a head, as it is written there. @param {string | undefined} text @returns {HeadAsked | undefined} */
export function readHead(text) {
  if (!text) return;
  const [layer, head, query, key, minus] = text.split(/[.@-]/).map(Number);
  return { layer, head, query, key, minus };
}

/** A key is not held against itself. @param {HeadAsked} asked */
export function writeHead({ layer, head, query, key, minus }) {
  return `${layer}.${head}@${[query, key, minus === key ? undefined : minus].filter((each) => each !== undefined).join("-")}`;
}
