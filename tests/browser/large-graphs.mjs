// Graph files as large as real ones get, and of shapes that are hard to draw: made anew by every run, always the same.

/**
 * @typedef {object} Shape
 * @property {string} name
 * @property {number} nodes in the file
 * @property {number} links
 * @property {number} layers
 * @property {number} tokens
 * @property {number} [together] features of one layer at one token
 * @property {number} [hub] links into one feature, which is selected
 * @property {number} [longNames] characters of a token's text and of a feature's label
 * @property {number} [pinned] features in the subgraph, two a supernode
 */

/** As in the reports of pages that froze, and siblings of theirs. @type {Shape[]} */
export const SHAPES = [
  { name: "511 nodes", nodes: 511, links: 20_001, layers: 18, tokens: 12 },
  { name: "500 at one place", nodes: 552, links: 25_550, layers: 12, tokens: 8, together: 500 },
  { name: "60,001 links", nodes: 1513, links: 60_001, layers: 26, tokens: 24 },
  { name: "250,000 links", nodes: 2600, links: 250_000, layers: 26, tokens: 40 },
  { name: "8,000 nodes", nodes: 8000, links: 16_000, layers: 8, tokens: 10 },
  { name: "128 layers", nodes: 3000, links: 30_000, layers: 128, tokens: 16 },
  { name: "4,000 tokens", nodes: 5200, links: 12_000, layers: 2, tokens: 4000 },
  { name: "a hub and long names", nodes: 4500, links: 20_000, layers: 20, tokens: 30, hub: 4000, longNames: 3000 },
  { name: "600 pinned", nodes: 1500, links: 90_000, layers: 20, tokens: 20, pinned: 600 },
];

/** A graph file. @param {Shape} shape */
export function graphFile({ nodes, links, layers, tokens, together = 0, hub = 0, longNames = 0, pinned = 0 }) {
  const random = randomNumbers();
  const below = (/** @type {number} */ count) => Math.floor(random() * count);
  const long = "ä long name ".repeat(Math.ceil(longNames / 12)).slice(0, longNames);
  const texts = Array.from({ length: tokens }, (_, i) => ` ${longNames && i % 5 === 0 ? long : `word${i}`}`);
  /** @type {{ node_id: string, [field: string]: unknown }[]} */
  const records = [];
  /**
   * Of each node that links may join: where it is, and how early it is computed.
   * @type {{ id: string, layer: number, position: number }[]}
   */
  const places = [];
  for (let position = 0; position < tokens; position++) {
    const id = `E_${position + 5}_${position}`;
    places.push({ id, layer: -1, position });
    records.push({
      node_id: id,
      feature: -1,
      layer: "E",
      ctx_idx: position,
      feature_type: "embedding",
      clerp: `Emb: "${texts[position]}"`,
    });
  }
  const logits = 3;
  const features = nodes - tokens - logits;
  for (let i = 0; i < features; i++) {
    const layer = i < together ? layers >> 1 : i < hub + together + 1 && hub ? Math.min(i % (layers - 1), layers - 2) : below(layers);
    const position = i < together ? tokens - 2 : below(tokens);
    const id = `${layer}_${i + 100}_${position}`;
    places.push({ id, layer, position });
    records.push({
      node_id: id,
      feature: i + 100,
      layer: String(layer),
      ctx_idx: position,
      feature_type: "cross layer transcoder",
      clerp: longNames ? `${long} ${i}` : `feature ${i}`,
      activation: 1 + i / 100,
    });
  }
  for (let i = 0; i < logits; i++) {
    const id = `${layers}_${i + 7}_${tokens - 1}`;
    places.push({ id, layer: layers, position: tokens - 1 });
    records.push({
      node_id: id,
      feature: -1,
      layer: String(layers),
      ctx_idx: tokens - 1,
      feature_type: "logit",
      clerp: `Output " answer${i}" (p=0.${6 - i}00)`,
      token_prob: 0.6 - 0.1 * i,
    });
  }
  /** @type {{ source: string, target: string, weight: number }[]} */
  const list = [];
  const taken = new Set();
  if (hub) {
    const centre = places.length - logits - 1;
    Object.assign(places[centre], { layer: layers - 1, position: tokens - 1, id: `${layers - 1}_9_${tokens - 1}` });
    Object.assign(records[centre], { node_id: places[centre].id, feature: 9, layer: String(layers - 1), ctx_idx: tokens - 1 });
  }
  const add = (/** @type {number} */ from, /** @type {number} */ to) => {
    const [a, b] = [places[from], places[to]];
    const key = from * places.length + to;
    if (a.layer >= b.layer || (a.position > b.position && !together) || taken.has(key)) return;
    taken.add(key);
    // A few strong, many weak, as measured weights are.
    list.push({ source: a.id, target: b.id, weight: (random() < 0.3 ? -1 : 1) * Math.exp(3 * (random() + random() + random()) - 6) });
  };
  // Every feature is read by an answer, so that none leads nowhere.
  for (let i = 0; i < features; i++) add(tokens + i, places.length - 1 - (i % logits));
  for (let i = 0; i < hub; i++) add(tokens + i, places.length - logits - 1);
  for (let tries = 0; list.length < links && tries < 40 * links; tries++) add(below(places.length), below(places.length));
  const ids = places.slice(tokens, tokens + pinned).map(({ id }) => id);
  const supernodes = Array.from({ length: pinned >> 1 }, (_, i) => [`pair ${i}`, ids[2 * i], ids[2 * i + 1]]);
  return {
    metadata: { slug: "large", scan: "made-up", prompt_tokens: texts, prompt: longNames ? "long names" : texts.slice(0, 40).join("") },
    qParams: { pinnedIds: ids, supernodes, linkType: "both", clickedId: hub ? places[places.length - logits - 1].id : "", sg_pos: "" },
    nodes: records,
    links: list,
  };
}

/** Numbers from 0 to 1, the same in every run. */
function randomNumbers() {
  let state = 12345;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
