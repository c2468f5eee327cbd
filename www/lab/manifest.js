// The small JSON files beside a model, checked like every other file before anything is done with them.

/** @import { Manifest } from "./messages.js" */

import { MOST_CHARACTERS } from "./prompt-length.js";

const MOST = { list: 100_000, allowances: 1000, text: MOST_CHARACTERS, ids: 100_000, file: 2 ** 31, files: 2 ** 32 };
const HEXADECIMAL = /^[0-9a-f]{64}$/;
/** A file's or folder's name: nothing that leads out of the model's folder, or to another site. */
const NAME = /^(?!\.{1,2}$)[^/\\:?#%\p{Cc}]{1,200}$/u;

/** What a value must be, and what to call that. @typedef {{ is: (value: any) => boolean, what: string }} Kind */

/** @type {Kind} */ const TEXT = {
  is: (value) => typeof value === "string" && value.length <= MOST.text,
  what: `a text of at most ${MOST.text.toLocaleString("en")} characters`,
};
/** @type {Kind} */ const LIST = { is: (value) => Array.isArray(value) && value.length <= MOST.list, what: "a list" };
/** @type {Kind} */ const TEXTS = { is: (value) => LIST.is(value) && value.every(TEXT.is), what: "a list of texts" };
/** @type {Kind} */ const NUMBER = { is: Number.isFinite, what: "a number" };
/** @type {Kind} */ const COUNT = {
  is: (value) => Number.isInteger(value) && value >= 0 && value < MOST.file,
  what: "a whole number from 0 to 2,147,483,647",
};
/** @type {Kind} */ const IDS = {
  is: (value) => Array.isArray(value) && value.length > 0 && value.length <= MOST.ids && value.every(COUNT.is),
  what: "a list of token ids",
};
/** @type {Kind} */ const PATH = {
  is: (value) => typeof value === "string" && value.split("/").every((part) => NAME.test(part)),
  what: "a path inside the model’s folder",
};
/** @type {Kind} */ const SUM = { is: (value) => HEXADECIMAL.test(value), what: "64 hexadecimal digits" };
/** @type {Kind} */ const GOAL = {
  is: (value) =>
    [value?.at_least, value?.at_most, value?.between?.length === 2 && value.between[0] + value.between[1]].filter(Number.isFinite)
      .length === 1,
  what: "a number at_least or at_most, or two that it is between",
};
/** @type {Kind} */ const TRANSCODER = {
  is: (value) => value === "cross-layer" || value === "per-layer",
  what: "“cross-layer” or “per-layer”",
};

/** @type {Kind} */ const ALLOWED = {
  is: (value) =>
    Number.isFinite(value?.surprise) &&
    (value.mean === undefined || Number.isFinite(value.mean)) &&
    Array.isArray(value.after) &&
    value.after.length <= MOST.allowances &&
    value.after.every((/** @type {any} */ it) => COUNT.is(it?.token) && Number.isFinite(it.surprise)),
  what: "a number surprise, a list after of tokens with a surprise each, and, if at all, a number mean",
};

/** @type {Kind} */ const RANGES = {
  is: (value) => TEXT.is(value) && (value === "" || value.split(",").every(isRange)),
  what: "token ids and ranges of them, as “3-35,41”",
};

/** @typedef {Record<string, Kind>} Fields */
/** @type {Fields} */ const MANIFEST = {
  name: TEXT,
  title: TEXT,
  description: TEXT,
  domain: TEXT,
  licence: TEXT,
  examples: LIST,
  quality: LIST,
  files: LIST,
};
/** @type {Fields} */ const EXAMPLE = { topic: TEXT, title: TEXT, prompt: TEXT, ids: IDS };
/** @type {Fields} */ const FILE = { path: PATH, bytes: COUNT, sha256: SUM };
/** @type {Fields} */ const QUALITY = { group: TEXT, measure: TEXT, name: TEXT, value: NUMBER, unit: TEXT, how: TEXT };
/** @type {Fields} */ const QUALITY_MORE = { of: COUNT, target: GOAL, transcoder: TRANSCODER };

/**
 * @param {unknown} value the parsed JSON
 * @returns {string | undefined} what is wrong with a manifest, as the end of a sentence that begins with the file's name
 */
export function faultOfManifest(value) {
  const it = /** @type {any} */ (value);
  const fault =
    faultOf(it, "", MANIFEST) ??
    faultOf(it, "", { notice: TEXT, templates: TEXTS, answers: TEXTS, likeness: ALLOWED, unseen: RANGES }, true) ??
    faultOfEach(it.examples, "examples", EXAMPLE) ??
    faultOfEach(it.files, "files", FILE) ??
    faultOfEach(it.quality, "quality", QUALITY) ??
    faultOfEach(it.quality, "quality", QUALITY_MORE, true);
  if (fault) return fault;
  const { files } = /** @type {Manifest} */ (it);
  const paths = files.map(({ path }) => path);
  const twice = paths.find((path, i) => paths.indexOf(path) < i);
  if (twice !== undefined) return `names ${twice} twice`;
  if (files.reduce((sum, { bytes }) => sum + bytes, 0) > MOST.files)
    return "names files of more than 4 GB, and a browser’s engine has no more memory";
}

/** @param {string} text */
function isRange(text) {
  const ids = text.split("-");
  return ids.length <= 2 && ids.every((id) => /^\d{1,9}$/.test(id)) && Number(ids[0]) <= Number(ids.at(-1));
}

/** @param {unknown} value of models/index.json @returns {string | undefined} */
export function faultOfIndex(value) {
  const fault = faultOf(value, "", { models: LIST });
  if (fault) return fault;
  const { models } = /** @type {{ models: unknown[] }} */ (value);
  if (models.length === 0) return "names no model";
  const wrong = models.findIndex((name) => typeof name !== "string" || !NAME.test(name));
  if (wrong >= 0) return `has models[${wrong}] wrong: it must be the name of a folder`;
}

/** @param {unknown} value of samples.json @returns {string | undefined} */
export function faultOfSamples(value) {
  const it = /** @type {any} */ (value);
  const fault = faultOf(it, "", { contexts: LIST }) ?? faultOfEach(it.contexts, "contexts", { name: TEXT, prompts: LIST });
  if (fault) return fault;
  for (const [i, { prompts }] of it.contexts.entries()) {
    const wrong = prompts.findIndex((/** @type {unknown} */ ids) => !IDS.is(ids));
    if (wrong >= 0) return `has contexts[${i}].prompts[${wrong}] wrong: it must be ${IDS.what}`;
  }
}

/** What is wrong with a `features.json`, if anything. @param {unknown} value */
export function faultOfFeatures(value) {
  if (!LIST.is(value)) return `must be ${LIST.what}`;
  return faultOfEach(/** @type {any[]} */ (value), "features", { layer: COUNT, index: COUNT, name: TEXT, fit: NUMBER });
}

/** @param {any[]} list @param {string} name @param {Fields} fields @param {boolean} [optional] */
function faultOfEach(list, name, fields, optional) {
  for (const [i, each] of list.entries()) {
    const fault = faultOf(each, `${name}[${i}].`, fields, optional);
    if (fault) return fault;
  }
}

/**
 * @param {any} record
 * @param {string} before where it stands
 * @param {Fields} fields
 * @param {boolean} [optional] whether they may be missing
 */
function faultOf(record, before, fields, optional = false) {
  if (typeof record !== "object" || record === null || Array.isArray(record))
    return `has ${before.slice(0, -1) || "its content"} wrong: it must be an object`;
  for (const [name, { is, what }] of Object.entries(fields)) {
    const value = Object.hasOwn(record, name) ? record[name] : undefined;
    if (value === undefined && optional) continue;
    if (value === undefined) return `has no ${before}${name}: it must be ${what}`;
    if (!is(value)) return `has ${before}${name} wrong: it must be ${what}`;
  }
}
