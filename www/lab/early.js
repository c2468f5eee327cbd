// Asks for the recorded first picture while the page's other scripts are still on their way, and for the scripts of its nodes where these
// are wanted; they read what arrives here. Where they are there before it, they have asked themselves. What it asks for by mistake costs
// some kilobytes and changes nothing.

import { recordingOf } from "./recorded/listed.js";
import { stored, VIEW_KEY } from "./storage.js";

const late = performance.getEntriesByName("lab").length > 0; // main.js says so
const query = new URLSearchParams(location.search);
const found = late ? undefined : recordingOf(query);
for (const href of found ? [found.file, `models/${found.model}/manifest.json`] : [])
  ask({ rel: "preload", as: "fetch", crossOrigin: "anonymous", href });
const ofNodes = document.querySelector('meta[name="nodes"]')?.getAttribute("content")?.split(" ") ?? [];
if (!late && (query.get("view") ?? stored(VIEW_KEY)) === "nodes") for (const href of ofNodes) ask({ rel: "modulepreload", href });

/** @param {Partial<HTMLLinkElement>} what */
function ask(what) {
  document.head.append(Object.assign(document.createElement("link"), what));
}
