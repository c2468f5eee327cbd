// A style that holds for a class wherever it stands belongs to one part of the page: used in two, it once drew a chart's bar as a ring.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

const www = new URL("../../www/", import.meta.url);

/** Looks that several parts of the page share on purpose. */
const SHARED = [
  "caption",
  "caution",
  "effects",
  "for-readers",
  "inspector",
  "ladder",
  "more",
  "note",
  "notice",
  "numbers",
  "quiet",
  "rename",
  "said-line",
  "term",
  "tokens",
];

/** @param {string} folder @param {string} ending */
async function read(folder, ending) {
  const names = (await readdir(new URL(folder, www), { recursive: true })).filter((name) => name.endsWith(ending));
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(new URL(folder + name, www), "utf8") })));
}

test("no class with a style of its own is used by two parts of the page, but those that are shared", async () => {
  const styles = (await read("style/", ".css")).map(({ text }) => text.replaceAll(/\/\*.*?\*\//gs, "")).join("");
  const selectors = [...styles.matchAll(/([^{}]+)\{/g)].flatMap(([, list]) => list.split(",").map((each) => each.trim()));
  // The whole selector is one class, or it is the class of what is hidden on paper and the like.
  const alone = new Set(selectors.flatMap((selector) => /^\.([\w-]+)(?::[\w-]+)?$/.exec(selector)?.[1] ?? []));
  assert.ok(alone.has("quiet") && alone.size > 30, "the stylesheets are read");
  /** @type {Map<string, Set<string>>} by class */
  const users = new Map();
  for (const { name, text } of [...(await read("lab/", ".js")), ...(await read("", ".html"))]) {
    const lists = [
      ...text.matchAll(/\b(?:class(?:Name)?["']?\s*[:=]|kind =)\s*(?:[\w.?= ]*\?\s*)?(["'`])(.*?)\1/gs),
      ...text.matchAll(/classList\.\w+\((["'`])(.*?)\1/g),
    ].map((found) => found[2]);
    for (const list of lists) {
      // What stands in a template's holes is no class, but texts in there may be.
      for (const word of list
        .replaceAll(/\$\{(.*?)\}/g, (_, hole) => [...hole.matchAll(/"([^"]*)"/g)].map((text) => text[1]).join(" "))
        .split(/\s+/)) {
        if (alone.has(word)) users.set(word, (users.get(word) ?? new Set()).add(name));
      }
    }
  }
  const twice = [...users]
    .filter(([each, files]) => files.size > 1 && !SHARED.includes(each))
    .map(([each, files]) => `.${each}: ${[...files].join(", ")}`);
  assert.deepEqual(twice, []);
});
