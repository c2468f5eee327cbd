// The first picture: the recorded graph of an example, drawn before there is an engine, and labelled as long as it is on show.

/** @import { Lab } from "../lab.js" */
/** @import { Signal } from "@preact/signals-core" */
/** @import { Manifest } from "../messages.js" */
/** @import { Written } from "./recording.js" */

import { fetchFile, urlOf } from "../delivery.js";
import { html } from "../dom.js";
import { megabytes } from "../format.js";
import { faultOfManifest } from "../manifest.js";
import { batch, signal } from "../store.js";
import { LISTED } from "./listed.js";
import { isOf, viewOf } from "./recording.js";
import { asksFor, recordingFor } from "./wanted.js";

/** @param {Lab} lab */
export function mountFirst(lab) {
  const label = lab.part("first");
  const coming = signal("");
  /** The question that no model came for. @type {Signal<number | undefined>} */ const failed = signal(undefined);
  lab.effect(() => {
    const gone = failed.value === lab.worker.newest;
    label.hidden = !lab.view?.early;
    const next = gone ? "no live graph could follow" : "the live graph follows";
    label.replaceChildren(`Recorded at build time: ${next}`, html("span", {}, gone ? "" : coming.value));
  });
  /** The file that is on its way. */ let asked = "";
  const ask = async () => {
    const { view, address } = lab;
    const listed = (!view || view.early) && recordingFor({ ...address, model: address.model || lab.model });
    if (!listed || view?.prompt === listed.prompt || asked === listed.file) return;
    asked = listed.file;
    await showRecorded(lab, listed, view);
    if (asked === listed.file) asked = "";
  };
  lab.watch(
    () => lab.worker.newest,
    () => void ask(),
  );
  lab.bus.on("download", ({ loaded, total }) => {
    const model = loaded < total ? `${(loaded / 1e6).toFixed(1)} of ${megabytes(total)}` : "starting the engine";
    coming.value = ` (${model})`;
  });
  lab.bus.on("notice", (notice) => {
    if (notice.about === "model") failed.value = lab.worker.newest;
  });
}

/**
 * Shows a recorded graph, unless another one is there first.
 * @param {Lab} lab @param {NonNullable<ReturnType<typeof recordingFor>>} listed @param {Lab["view"]} before what is on show
 */
async function showRecorded(lab, listed, before) {
  try {
    const [written, manifest] = await Promise.all([
      /** @type {Promise<Written>} */ (json(urlOf(listed.file))),
      /** @type {Promise<Manifest>} */ (json(urlOf(`models/${listed.model}/manifest.json`))),
    ]);
    if (faultOfManifest(manifest) || written.prompt !== listed.prompt || !isOf(written, manifest)) return;
    const view = await viewOf(written);
    const known = lab.manifest;
    if (lab.view !== before || (known && !isOf(written, known)) || !asksFor(lab.address, listed.prompt)) return;
    batch(() => {
      if (!known) {
        lab.manifest = manifest;
        lab.model = listed.model;
        lab.models = LISTED.map(({ model }) => model);
      }
      lab.show(view);
    });
  } catch {
    // Without it the page begins as it does for every other prompt.
  }
}

/** @param {URL} url */
async function json(url) {
  const response = await fetchFile(url);
  if (!response.ok) throw new Error(`${url} did not arrive.`);
  return response.json();
}
