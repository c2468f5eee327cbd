// A file is one room: none of the page's is longer than one reads at once, and each says in its first line what lives there.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

const www = new URL("../../www/", import.meta.url);
const MOST = 250;

/** Files that are still to be split, and how long they may be until then: none of them grows. @type {Record<string, number>} */
const LONGER = {};

/** Stylesheets of their own: for shadow roots, for the documentation, and for the studies. */
const OTHERS = ["all", "element", "element-base", "element-story", "docs", "docs-text", "studies", "page-bar"].map(
  (name) => `style/${name}.css`,
);

/** What a command writes is as long as that makes it. */
const WRITTEN = new Set(["lab/wire.d.ts"]);

const names = (await readdir(www, { recursive: true })).filter((name) => /\.(js|ts|css|html)$/.test(name)).sort();
const texts = new Map(
  await Promise.all(names.map(async (name) => /** @type {const} */ ([name, await readFile(new URL(name, www), "utf8")]))),
);

test("no file of the page has more than 250 lines, but those that are still to be split", () => {
  assert.ok(names.length > 100, "the page's files are read");
  const long = [...texts].flatMap(([name, text]) => {
    const lines = text.trimEnd().split("\n").length;
    return !WRITTEN.has(name) && lines > (LONGER[name] ?? MOST) ? [`${name}: ${lines} lines`] : [];
  });
  assert.deepEqual(long, []);
});

test("every script and stylesheet of the page begins with what lives there", () => {
  const silent = [...texts].filter(([name, text]) => !name.endsWith(".html") && !/^(\/\/|\/\*\*?) ?\S/.test(text));
  assert.deepEqual(
    silent.map(([name]) => name),
    [],
  );
});

test("the one stylesheet imports every other, each once", () => {
  const imported = [...(texts.get("style/all.css") ?? "").matchAll(/@import url\("(.*?)"\)/g)].map(([, name]) => `style/${name}`);
  const there = names.filter((name) => name.startsWith("style/") && !name.startsWith("style/study-") && !OTHERS.includes(name));
  assert.deepEqual(imported.sort(), there);
});
