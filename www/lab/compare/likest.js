// Which example to compare a prompt with at first: one that is about the same, asked in another way.

/** @import { Lab } from "../lab.js" */
/** @import { Example } from "../messages.js" */

import { TOKEN } from "../kinds.js";

/** @param {Lab} lab @returns {string | undefined} its prompt */
export function likest(lab) {
  const all = lab.manifest?.examples ?? [];
  const graph = lab.view?.graph;
  const ids = new Set(graph?.index.filter((_, node) => graph.kind[node] === TOKEN));
  const template = templateOf(all, lab.prompt, ids);
  const about = [...ids].filter((id) => !template.has(id));
  const shared = (/** @type {Example} */ example) => about.filter((id) => example.ids.includes(id)).length;
  // Of several as like, the first.
  return all.filter(({ prompt }) => prompt !== lab.prompt).toSorted((a, b) => shared(b) - shared(a))[0]?.prompt;
}

/**
 * The tokens that make the prompt's form: what all examples of its topic have in common.
 * @param {Example[]} all @param {string | undefined} prompt @param {Set<number>} ids
 */
function templateOf(all, prompt, ids) {
  const topics = [...Map.groupBy(all, ({ topic }) => topic).values()].filter((each) => each.length > 1);
  const forms = topics.map((each) => ({
    own: each.some((example) => example.prompt === prompt),
    ids: new Set(each[0].ids.filter((id) => each.every((example) => example.ids.includes(id)))),
  }));
  const fitting = forms.filter((form) => form.own || [...form.ids].every((id) => ids.has(id)));
  return fitting.toSorted((a, b) => Number(b.own) - Number(a.own) || b.ids.size - a.ids.size)[0]?.ids ?? new Set();
}
