// What of a model's folder is downloaded: its own files, and those of one of its transcoders.

/** @import { Manifest, Transcoder } from "./messages.js" */

/** The model's own files. */
export const OWN = /^(config\.json|model\.safetensors|tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json)$/;

/** @type {Record<Transcoder, { folder: string, name: string }>} */
const KNOWN = {
  "cross-layer": { folder: "transcoder/", name: "Cross-layer transcoder" },
  "per-layer": { folder: "per-layer/", name: "Per-layer transcoders" },
};

/** Whether the page ever reads a file of a model's folder, by its path there; others are for those who look closer. @param {string} path */
export function isRead(path) {
  return (
    OWN.test(path) ||
    path === "samples.json" ||
    path === "features.json" ||
    Object.values(KNOWN).some(({ folder }) => path.startsWith(folder))
  );
}

/** @param {Transcoder} kind its folder in the model's, with a slash at its end */
export function folderOf(kind) {
  return KNOWN[kind].folder;
}

/** @param {Transcoder} kind */
export function nameOfKind(kind) {
  return KNOWN[kind].name;
}

/** Those that a manifest lists files of. @param {Pick<Manifest, "files">} manifest */
export function transcodersOf({ files }) {
  const kinds = /** @type {Transcoder[]} */ (Object.keys(KNOWN));
  return kinds.filter((kind) => files.some(({ path }) => path.startsWith(KNOWN[kind].folder)));
}
