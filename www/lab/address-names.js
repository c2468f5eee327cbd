// The parts of an address in words.

/** What goes by which name in an address, of what may grow long. @type {Record<string, string>} */
export const NAMES = {
  prompt: "the prompt",
  target: "the target",
  minus: "the target",
  pinnedIds: "pins",
  supernodes: "groups",
  open: "which groups are open",
  clerps: "labels",
  sg_pos: "places in the subgraph",
  steer: "steered features",
  compare: "the second prompt",
};

/** And of what is short. @type {Record<string, string>} */
const OTHERS = {
  model: "the model",
  transcoder: "the transcoder",
  engine: "the engine",
  node: "the threshold of nodes",
  edge: "the threshold of edges",
  density: "the density",
  selected: "the selected node",
  hold: "what edges take as given",
  head: "the head",
  mode: "what is held",
  grade: "the grade",
  large: "whether the subgraph is large",
  zoom: "the zoom",
  view: "the view",
  theme: "the colours",
};

/** @param {string[]} parts names in an address @returns {string} in words */
export function inWords(parts) {
  return [...new Set(parts.map((part) => NAMES[part] ?? OTHERS[part]))].join(", ").replace(/, ([^,]*)$/, " and $1");
}
