// Whether what is typed is found in what something is called, how well, and where; and what is found, in groups. Knows no page.

/** What is looked for. @typedef {{ phrase: string, words: string[] }} Sought */
/**
 * Something that can be found.
 * @typedef {object} Findable
 * @property {string} group
 * @property {string[]} texts what it is called, what is told of it, and what else it goes by
 * @property {number} weight among equals the largest is first
 */
/** @typedef {{ name: string, most: number, after?: string }} Group `after`: the group that it always follows */

const MOST_WORDS = 8;
const ASIDE = 3; // what is told beside a name counts for less than any place in it
const WORD = /[\p{L}\p{N}]/u;

/** As upper and lower case are one, where that leaves every sign in its place. @param {string} text */
export function folded(text) {
  const low = text.toLowerCase();
  return low.length === text.length ? low : text;
}

/** @param {string} typed @returns {Sought | undefined} nothing where nothing is typed */
export function soughtIn(typed) {
  const phrase = folded(typed.trim().replace(/\s+/g, " "));
  return phrase === "" ? undefined : { phrase, words: [...new Set(phrase.split(" "))].slice(0, MOST_WORDS) };
}

/** A layer and a number, or a number in any layer, where that is what is typed: `2/147`, `feature 147`. @param {Sought} sought */
export function numbersIn({ phrase }) {
  const found = /^(?:feature )?(?:(\d{1,4}) ?\/ ?)?(\d{1,7})$/.exec(phrase);
  return found ? { layer: found[1] === undefined ? undefined : Number(found[1]), index: Number(found[2]) } : undefined;
}

/**
 * How well a word stands in a text: 0 as a word of its own, 1 at the beginning of one, 2 inside; nothing if not.
 * @param {string} text @param {string} word @param {number} [last] where it may stand at the latest
 */
function placeIn(text, word, last = Infinity) {
  let best;
  for (let at = text.indexOf(word); at >= 0 && at <= last; at = text.indexOf(word, at + 1)) {
    const begins = at === 0 || !WORD.test(text[at - 1]) || !WORD.test(word[0]);
    const end = at + word.length;
    const ends = end === text.length || !WORD.test(text[end]) || !WORD.test(word[word.length - 1]);
    const place = begins ? (ends ? 0 : 1) : 2;
    if (place === 0) return 0;
    best = Math.min(best ?? place, place);
  }
  return best;
}

/** How well something fits, the least best; nothing where a word is missing. @param {string[]} texts folded @param {Sought} sought */
export function scoreOf(texts, { phrase, words }) {
  if (texts[0] === phrase || texts[2] === phrase || placeIn(texts[1], phrase, 0) === 0) return -3;
  let score = 0;
  for (const word of words) {
    let best = Infinity;
    for (let i = 0; i < texts.length && best > 0; i++) best = Math.min(best, (placeIn(texts[i], word) ?? Infinity) + (i === 1 ? ASIDE : 0));
    if (best === Infinity) return undefined;
    score += best;
  }
  return score - (texts[0].startsWith(phrase) ? 2 : texts[0].includes(phrase) ? 1 : 0);
}

/**
 * What fits, in its groups: the group of the best first, in each the best first, and how many there are in all.
 * @template {Findable} T
 * @param {T[]} all @param {Sought} sought @param {Record<string, Group>} groups in their order where they fit equally well
 * @returns {{ group: string, shown: T[], count: number }[]}
 */
export function grouped(all, sought, groups) {
  /** @type {Map<string, { entry: T, score: number }[]>} */ const found = new Map();
  for (const entry of all) {
    const score = scoreOf(entry.texts.map(folded), sought);
    if (score === undefined) continue;
    const list = found.get(entry.group);
    if (list) list.push({ entry, score });
    else found.set(entry.group, [{ entry, score }]);
  }
  for (const list of found.values()) list.sort((a, b) => a.score - b.score || b.entry.weight - a.entry.weight);
  const names = Object.keys(groups);
  const leader = (/** @type {string} */ name) => groups[name].after ?? name;
  const best = (/** @type {string} */ name) =>
    Math.min(...names.filter((each) => leader(each) === leader(name)).map((each) => found.get(each)?.[0].score ?? Infinity));
  return names
    .filter((name) => found.has(name))
    .map((name) => ({ name, best: best(name), list: found.get(name) ?? [] }))
    .sort((a, b) => a.best - b.best)
    .map(({ name, list }) => ({ group: name, shown: list.slice(0, groups[name].most).map(({ entry }) => entry), count: list.length }));
}

/**
 * A text in pieces, those marked in which something stands that is looked for.
 * @param {string} text @param {Sought} sought
 * @returns {{ text: string, marked: boolean }[]}
 */
export function pieces(text, { phrase, words }) {
  const low = folded(text);
  const marked = new Uint8Array(text.length);
  for (const word of low.includes(phrase) ? [phrase] : words)
    for (let at = low.indexOf(word); at >= 0; at = low.indexOf(word, at + word.length)) marked.fill(1, at, at + word.length);
  /** @type {{ text: string, marked: boolean }[]} */ const found = [];
  for (let from = 0; from < text.length; ) {
    let to = from + 1;
    while (to < text.length && marked[to] === marked[from]) to += 1;
    found.push({ text: text.slice(from, to), marked: marked[from] === 1 });
    from = to;
  }
  return found;
}
