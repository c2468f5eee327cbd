// The lines for an author's page: what is in them is what was chosen, and nothing that was typed becomes markup.

import assert from "node:assert/strict";
import { test } from "node:test";
import { embedCode } from "../../www/lab/embed-code.js";

/** @type {import("../../www/lab/embed-code.js").Embedded} */
const PLAIN = {
  way: "live",
  shows: "graph",
  site: "https://example.org/a/",
  query: "?prompt=calc%3A+36%2B59%3D",
  title: "36+59",
  width: 640,
  height: 420,
  theme: "auto",
  loading: "click",
};

test("a live graph has its state, a recorded one its file, and both a link that works without them", () => {
  const live = embedCode(PLAIN);
  assert.ok(live.includes('src="https://example.org/a/elements/atto.js"'), live);
  assert.ok(live.includes('state="1?prompt=calc%3A+36%2B59%3D"'), live);
  assert.ok(live.includes('<a href="https://example.org/a/?prompt=calc%3A+36%2B59%3D"><img src="graph.svg" alt="36+59"></a>'), live);
  assert.ok(!live.includes("theme") && !live.includes("loading"), live);
  const recorded = embedCode({ ...PLAIN, way: "recorded", theme: "dark" });
  assert.ok(recorded.includes('<atto-graph src="graph.json" theme="dark" style="height: 420px">'), recorded);
  assert.ok(!recorded.includes("state="), recorded);
});

test("a frame has its address, its size and a sandbox", () => {
  const frame = embedCode({ ...PLAIN, way: "frame", theme: "light" });
  const src = /src="([^"]*)"/.exec(frame)?.[1].replaceAll("&amp;", "&") ?? "";
  const { pathname, searchParams } = new URL(src);
  assert.equal(pathname, "/a/embed.html");
  assert.deepEqual(Object.fromEntries(searchParams), { prompt: "calc: 36+59=", theme: "light", loading: "visible" });
  assert.match(frame, /width="640" height="420" loading="lazy" sandbox="allow-scripts"/);
});

test("what shows the story is the story's element, as high as its cards, or a frame that says so", () => {
  const shows = "story";
  const live = embedCode({ ...PLAIN, shows });
  assert.ok(live.includes('src="https://example.org/a/elements/stories.js"'), live);
  assert.match(live, /<atto-story state="[^"]*">[^]*<\/atto-story>$/);
  assert.ok(embedCode({ ...PLAIN, shows, way: "recorded" }).includes('<atto-story src="graph.json">'));
  assert.ok(embedCode({ ...PLAIN, shows, way: "frame" }).includes("&amp;shows=story&amp;"));
});

test("a prompt with signs of markup stays a text", () => {
  const title = `"><script>alert('1')</script>&amp;`;
  for (const way of /** @type {const} */ (["live", "recorded", "frame"])) {
    const code = embedCode({ ...PLAIN, way, title, query: `?${new URLSearchParams({ prompt: title })}` });
    assert.ok(!code.includes("<script>alert") && !code.includes(title), code);
    assert.ok(code.includes("&quot;&gt;&lt;script&gt;alert('1')&lt;/script&gt;&amp;amp;"), code);
  }
});
