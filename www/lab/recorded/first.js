// The first picture: the recorded graph of an example, drawn before there is an engine, and labelled as long as it is on show.

/** @import { Lab } from "../lab.js" */
/** @import { Manifest } from "../messages.js" */
/** @import { Written } from "./recording.js" */

import { fetchFile, urlOf } from "../delivery.js";
import { html } from "../dom.js";
import { megabytes } from "../format.js";
import { faultOfManifest } from "../manifest.js";
import { LISTED } from "./listed.js";
import { isOf, viewOf } from "./recording.js";
import { asksFor, recordingFor } from "./wanted.js";

/** @param {Lab} lab */
export function mountFirst(lab) {
  const label = lab.part("first");
  let coming = "";
  let failed = false;
  const show = () => {
    label.hidden = !lab.view?.early;
    const next = failed ? "no live graph could follow" : "the live graph follows";
    label.replaceChildren(`Recorded at build time: ${next}`, html("span", {}, failed ? "" : coming));
  };
  lab.bus.on("graph", show);
  lab.bus.on("asked", () => {
    failed = false;
    void showRecorded(lab);
  });
  lab.bus.on("download", ({ loaded, total }) => {
    const model = loaded < total ? `${(loaded / 1e6).toFixed(1)} of ${megabytes(total)}` : "starting the engine";
    coming = ` (${model})`;
    show();
  });
  lab.bus.on("notice", (notice) => {
    if (notice?.about !== "model") return;
    failed = true;
    show();
  });
}

/** Shows the recorded graph that is asked for, if there is one, unless a live one is there first. @param {Lab} lab */
async function showRecorded(lab) {
  const { view: before, address } = lab;
  const listed = (!before || before.early) && recordingFor({ ...address, model: address.model || lab.model });
  if (!listed || before?.prompt === listed.prompt) return;
  try {
    const [written, manifest] = await Promise.all([
      /** @type {Promise<Written>} */ (json(urlOf(listed.file))),
      /** @type {Promise<Manifest>} */ (json(urlOf(`models/${listed.model}/manifest.json`))),
    ]);
    if (faultOfManifest(manifest) || written.prompt !== listed.prompt || !isOf(written, manifest)) return;
    const view = await viewOf(written);
    const known = lab.manifest;
    if (lab.view !== before || (known && !isOf(written, known)) || !asksFor(lab.address, listed.prompt)) return;
    if (!known) {
      lab.manifest = manifest;
      lab.model = listed.model;
      lab.models = LISTED.map(({ model }) => model);
      lab.bus.emit("manifest", undefined);
    }
    lab.show(view);
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
