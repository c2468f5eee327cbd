// A graph in a frame, for places that take nothing else: it fits the frame, tells the page around it how high it would be, and takes
// and gives states.

/** @import { AttoElement } from "./atto-element.js" */

import "./atto.js";
import { EMPTY } from "./state.js";

const RATIO = 0.62; // of the width, for the height that is asked for
const HEIGHT = { least: 200, most: 620 };
/** What the frame’s address may say, beside what an address of the page does. */
const SETTINGS = /** @type {const} */ (["src", "model", "prompt", "loading", "interactive", "theme"]);
const TOLD = ["load", "progress", "trace", "node-select", "error"];

const page = new CSSStyleSheet();
page.replaceSync(`
  html, body { height: 100%; margin: 0; }
  body { overflow: hidden; font: 15px system-ui; }
  atto-graph { height: 100%; }
  body:has(atto-story) { overflow: auto; }
  .poster { display: grid; place-content: safe center; gap: 0.5em; box-sizing: border-box; height: calc(100vh - 2.4em); padding: 1em;
    overflow: hidden; border: 1px solid color-mix(in srgb, CanvasText 20%, transparent); border-radius: 12px; text-align: center;
    text-decoration: none; color: CanvasText; background: Canvas; }
  .poster b { font: 600 min(1.5em, 7vmin) / 1.3 ui-monospace, monospace; text-wrap: balance; }
  .poster:is(:hover, :focus-visible) { border-color: LinkText; }
`);
document.adoptedStyleSheets = [page];

const query = new URLSearchParams(location.search);
const shows = query.get("shows");
const isStory = shows === "story";
if (isStory) await import("./stories.js");
const graph = /** @type {AttoElement} */ (document.createElement(isStory ? "atto-story" : "atto-graph"));

/** A file of this site; of others nothing is shown in its name. @param {string} src */
function own(src) {
  try {
    const url = new URL(src, location.href);
    return url.origin === new URL(location.href).origin ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** @param {object} message */
const post = (message) => {
  if (parent !== window) parent.postMessage(message, "*"); // nothing in it is anybody’s secret
};

for (const name of SETTINGS) {
  const value = query.get(name);
  if (value !== null) graph.setAttribute(name, (name === "src" && own(value)) || value);
}
const address = new URLSearchParams(query);
for (const name of ["src", "loading", "interactive", "shows"]) address.delete(name);
const out = document.createElement("a");
out.href = new URL(`../index.html?${address}`, import.meta.url).href;
out.target = "_blank";
out.rel = "noopener";
out.textContent = "Open this graph in Attograph";
// What nothing begins by itself is begun by pressing.
const [prompt, waits] = [query.get("prompt"), !query.has("src") && !["visible", "eager"].includes(query.get("loading") ?? "")];
if (waits) {
  out.className = "poster";
  const asked = document.createElement("b");
  asked.textContent = prompt;
  out.replaceChildren(
    ...(prompt ? [asked] : []),
    `Press to trace here what a small language model makes of ${prompt ? "it" : "an example"}`,
  );
}
graph.append(out);
for (const name of TOLD)
  graph.addEventListener(name, (event) => post({ type: "attograph-event", name, detail: /** @type {CustomEvent} */ (event).detail }));
const src = query.get("src");
const refused =
  src && !own(src)
    ? `This frame reads no file of another site: ${src}`
    : shows !== null && !isStory && shows !== "graph"
      ? `This frame shows “story” or “graph”, not “${shows}”: correct its address.`
      : undefined;
if (refused) {
  document.body.append(refused);
  post({ type: "attograph-event", name: "error", detail: { sentence: refused, advice: "" } });
} else document.body.append(graph);
graph.setState(EMPTY + address);

let told = 0;
/** The height at which all of it is well to be read at this width: it follows from nothing else, so that no frame grows for ever. */
function tellHeight() {
  if (isStory) return tellOnce(Math.round(graph.clientHeight));
  const beside = [...(graph.shadowRoot?.querySelectorAll(".bar, .told") ?? [])].reduce((sum, each) => sum + each.clientHeight + 6, 0);
  const height = Math.round(Math.min(HEIGHT.most, Math.max(HEIGHT.least, RATIO * document.documentElement.clientWidth)) + beside);
  tellOnce(height);
}
/** @param {number} height */
function tellOnce(height) {
  if (height !== told) post({ type: "attograph-height", height });
  told = height;
}
const sizes = new ResizeObserver(tellHeight);
sizes.observe(document.documentElement);
if (isStory) sizes.observe(graph); // its cards say how high it is
for (const name of ["load", "error"]) graph.addEventListener(name, () => requestAnimationFrame(tellHeight));

addEventListener("message", ({ source, origin, data }) => {
  if (source !== parent || source === window || data === null || typeof data !== "object" || data.type !== "attograph-state") return;
  /** @param {object} message */
  const answer = (message) => parent.postMessage(message, origin === "null" ? "*" : origin);
  try {
    if (data.state !== undefined) graph.setState(data.state);
    answer({ type: "attograph-state", state: graph.getState() });
  } catch (error) {
    answer({ type: "attograph-refused", sentence: error instanceof Error ? error.message : String(error) });
  }
});
