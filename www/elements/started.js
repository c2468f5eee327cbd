// What an element loads once it is started: the lab, and the reader of recorded graphs.

export { answerChance, answerText, megabytes } from "../lab/format.js";
export { asksFor } from "../lab/recorded/wanted.js";
export { ElementLab, styleSheet } from "./element-lab.js";
export { readRecording } from "./recorded-file.js";
