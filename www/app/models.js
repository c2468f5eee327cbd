// Which model, and which of its transcoders. Another model is another page: a link with nothing of this one's prompt.

/** @import { App } from "./app.js" */
/** @import { Manifest, Transcoder } from "./messages.js" */

import { byId, html } from "./dom.js";
import { nameOfKind, transcodersOf } from "./model-files.js";
import { queryOf } from "./url.js";

/** @param {App} app */
export function mountModels(app) {
  const list = byId("models");
  /** @type {HTMLSelectElement} */ const choice = byId("transcoder");
  /** @type {Map<string, HTMLAnchorElement>} by name of the model's folder */
  const links = new Map();

  function showLinks() {
    for (const [model, link] of links) {
      const here = model === app.model;
      link.href = queryOf({ ...app.address, model, transcoder: "cross-layer", prompt: undefined, selected: undefined });
      if (here) link.setAttribute("aria-current", "page");
    }
  }

  app.bus.on("manifest", () => {
    const { manifest } = app;
    if (!manifest) return;
    document.title = `${manifest.title} – Attograph`;
    if (links.size === 0) {
      for (const model of app.models) links.set(model, html("a", {}, model === app.model ? manifest.title : ""));
      list.replaceChildren(...links.values());
      for (const [model, link] of links) if (model !== app.model) void nameLink(model, link);
    }
    showLinks();

    const kinds = transcodersOf(manifest);
    choice.hidden = kinds.length < 2;
    choice.replaceChildren(...kinds.map((kind) => html("option", { value: kind }, nameOfKind(kind))));
    choice.value = app.address.transcoder;
  });
  // A model that this site does not have leads on to those that it has.
  app.bus.on("notice", async (notice) => {
    if (notice?.about !== "model" || app.manifest || list.childElementCount > 0) return;
    const response = await fetch(new URL("../models/index.json", import.meta.url), { cache: "no-cache" }).catch(() => undefined);
    const { models } = response?.ok ? await response.json() : { models: [] };
    const others = /** @type {string[]} */ (models).filter((model) => model !== app.address.model);
    const found = others.map((model) => ({ model, link: html("a", { href: `?model=${encodeURIComponent(model)}` }) }));
    list.replaceChildren(...found.map(({ link }) => link));
    for (const { model, link } of found) void nameLink(model, link);
  });
  choice.addEventListener("change", () => app.traceWith(/** @type {Transcoder} */ (choice.value)));
  for (const name of /** @type {const} */ (["thresholds", "theme"])) app.bus.on(name, showLinks);
}

/** Gives the link of another model its title; a model that cannot be read gets none. @param {string} model @param {HTMLAnchorElement} link */
async function nameLink(model, link) {
  try {
    const response = await fetch(new URL(`../models/${model}/manifest.json`, import.meta.url), { cache: "no-cache" });
    link.textContent = /** @type {Manifest} */ (await response.json()).title;
  } catch {
    link.remove();
  }
}
