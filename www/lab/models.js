// Which model, and which of its transcoders. Another model is another page: a link with nothing of this one's prompt, but with that which
// the other had in this tab.

/** @import { Lab } from "./lab.js" */
/** @import { Manifest, Transcoder } from "./messages.js" */

import { fetchFile, urlOf } from "./delivery.js";
import { html } from "./dom.js";
import { GUIDE_PROMPT } from "./guide-key.js";
import { faultOfIndex, faultOfManifest } from "./manifest.js";
import { nameOfKind, transcodersOf } from "./model-files.js";
import { within } from "./patience.js";
import { lastPrompt } from "./history.js";
import { LISTED } from "./recorded/listed.js";
import { untracked } from "./store.js";
import { queryOf, readAddress } from "./url.js";

const PATIENCE_S = 20; // for a file of some kilobytes, on a slow line

/** @param {Lab} lab */
export function mountModels(lab) {
  const list = lab.part("models");
  const caution = lab.part("caution");
  /** @type {HTMLSelectElement} */ const choice = lab.part("transcoder");
  /** @type {Map<string, HTMLAnchorElement>} by name of the model's folder */
  const links = new Map();

  /** What the build says of models, so that it need not be asked for. */
  const titles = new Map(LISTED.map(({ model, title }) => [model, title]));

  /**
   * Links whose manifests are still to be read: not before the first live graph, which needs the line.
   * @type {Map<string, HTMLAnchorElement>}
   */
  const unread = new Map();
  lab.effect(() => {
    if (!lab.view || lab.view.early) return;
    for (const [model, link] of unread) void nameLink(model, link);
    unread.clear();
  });

  /** The one in use; also where the one asked for did not come. */
  function choose() {
    if (!lab.worker.changesTranscoder) choice.value = lab.address.transcoder;
  }

  function showLinks() {
    if (!lab.manifest) return;
    // Another model has other prompts, features and answers.
    const { theme, engine, thresholds, zoom } = lab.address;
    for (const [model, link] of links) {
      const here = model === lab.model;
      const prompt = here ? undefined : lastPrompt(model);
      link.href = queryOf({ ...readAddress(""), theme, engine, thresholds, zoom, model, prompt });
      if (here) link.setAttribute("aria-current", "page");
    }
  }

  lab.effect(() => {
    const { manifest } = lab;
    if (!manifest) return;
    caution.textContent = manifest.notice ?? "";
    caution.hidden = !manifest.notice;
    for (const part of lab.root.querySelectorAll("[data-domain]")) {
      if (part instanceof HTMLElement) part.hidden = part.dataset.domain !== manifest.domain;
    }
    // The guide itself comes when it is asked for.
    const isTold = manifest.examples.some(({ prompt }) => prompt === GUIDE_PROMPT);
    lab.part("guide-begin").hidden = lab.part("talk-shipped").hidden = !isTold;
    if ([...links.keys()].join("/") !== lab.models.join("/")) {
      links.clear();
      for (const model of lab.models) links.set(model, html("a", {}, model === lab.model ? manifest.title : (titles.get(model) ?? "")));
      list.replaceChildren(...links.values());
      for (const [model, link] of links) {
        link.addEventListener("click", (event) => void follow(event, model, link));
        if (link.textContent === "") void nameLink(model, link);
        else if (model !== lab.model) unread.set(model, link);
      }
    }

    const kinds = transcodersOf(manifest);
    choice.hidden = kinds.length < 2;
    choice.replaceChildren(...kinds.map((kind) => html("option", { value: kind }, nameOfKind(kind))));
    untracked(showLinks);
    untracked(choose);
  });
  // A model that this site does not have leads on to those that it has.
  lab.bus.on("notice", async (notice) => {
    if (notice.about !== "model" || lab.manifest || list.childElementCount > 0) return;
    const response = await fetchFile(urlOf("models/index.json"), { cache: "no-cache" }).catch(() => undefined);
    const index = response?.ok ? await response.json().catch(() => undefined) : undefined;
    const models = /** @type {string[]} */ (faultOfIndex(index) ? [] : index.models);
    const others = models.filter((model) => model !== lab.address.model);
    const found = others.map((model) => ({ model, link: html("a", { href: `?model=${encodeURIComponent(model)}` }) }));
    list.replaceChildren(...found.map(({ link }) => link));
    for (const { model, link } of found) void nameLink(model, link);
  });

  /**
   * Goes to another model's page where that can be reached: the browser's own error page would take this one's place.
   * @param {MouseEvent} event
   * @param {string} model
   * @param {HTMLAnchorElement} link
   */
  async function follow(event, model, link) {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    try {
      await manifestOf(model);
    } catch {
      const advice = "Check the connection and try again. What is on show stays.";
      return lab.bus.emit("notice", { about: "engine", sentence: `The model “${link.textContent}” cannot be reached.`, advice });
    }
    location.assign(link.href);
  }

  lab.effect(choose);
  choice.addEventListener("change", () => lab.traceWith(/** @type {Transcoder} */ (choice.value)));
  lab.effect(showLinks);
}

/** @param {string} model @returns {Promise<Manifest>} */
async function manifestOf(model) {
  const response = await within(fetchFile(urlOf(`models/${model}/manifest.json`), { cache: "no-cache" }), PATIENCE_S);
  const manifest = response.ok ? await response.json() : undefined;
  const fault = faultOfManifest(manifest);
  if (fault) throw new Error(`manifest.json ${fault}.`);
  return manifest;
}

/**
 * Gives the link of another model its title; a model that cannot be read gets none.
 * @param {string} model
 * @param {HTMLAnchorElement} link
 */
async function nameLink(model, link) {
  try {
    link.textContent = (await manifestOf(model)).title;
  } catch {
    link.remove();
  }
}
