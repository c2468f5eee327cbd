// An entry of what is found: its plot or a sign, its name and what is told of it, with what was looked for marked.

/** @import { Child } from "../dom.js" */
/** @import { Lab } from "../lab.js" */
/** @import { Entry } from "./entries.js" */
/** @import { Sought } from "./matching.js" */

import { html } from "../dom.js";
import { ATTENTION_FEATURE, BIAS, isError } from "../kinds.js";
import { thumb } from "../thumb.js";
import { pieces } from "./matching.js";

/** @param {Lab} lab @param {Entry} entry @param {Sought} sought @param {number} number no other option has it */
export function optionOf(lab, entry, sought, number) {
  const [name, told, also] = entry.texts;
  const plot = entry.node === undefined ? undefined : thumb(lab, entry.node, undefined, false);
  const option = html(
    "div",
    { role: "option", "data-part": `search-option-${number}`, "data-key": entry.key, "aria-selected": "false" },
    plot ?? html("span", { class: "glyph", "aria-hidden": "true" }, signOf(lab, entry)),
    html("span", { class: "name" }, ...marked(name, sought), " ", html("small", {}, ...marked(told, sought))),
    also === "" ? undefined : html("span", { class: "number" }, ...marked(also, sought)),
  );
  lab.idOf(option);
  return option;
}

/** @param {string} text @param {Sought} sought @returns {Child[]} */
function marked(text, sought) {
  return pieces(text, sought).map((piece) => (piece.marked ? html("mark", {}, piece.text) : piece.text));
}

/** @param {Lab} lab @param {Entry} entry */
function signOf({ view }, { group, node }) {
  if (group === "heads") return "H";
  if (group === "features") return "○";
  if (group === "tokens") return "T";
  if (group === "answers") return "A";
  const kind = node === undefined ? undefined : view?.graph.kind[node];
  if (kind === undefined) return "";
  return isError(kind) ? "◇" : kind === ATTENTION_FEATURE ? "■" : kind === BIAS ? "▬" : "●";
}
