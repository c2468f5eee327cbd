// All that the first graph needs nothing of, as one file: more of them would share so much that the first graph would wait for a dozen.

export { mountTalk } from "../talk/mount.js";
export { mountAttention } from "./attention/panel.js";
export { mountCard } from "./card.js";
export { mountCompare } from "./compare/compare.js";
export { mountEmbed } from "./embed.js";
export { fileOf } from "./file-of-graph.js";
export { mountGrade } from "./grade/panel.js";
export { mountGuide } from "./guide.js";
export { wayOf } from "./heads.js";
export { pictureOf, toPng } from "./picture-file.js";
export { mountSearch } from "./search/panel.js";
export { mountSnapshots } from "./snapshots.js";
export { mountSteering } from "./steer/panel.js";
export { readStory } from "./story/saved.js";
export { mountSubgraph } from "./subgraph/subgraph.js";
export { mountTable } from "./table.js";
export { mountTarget } from "./target.js";
export { TERMS } from "./terms-texts.js";
