// Starts the site's page: a lab that is all of it, whose state is the address.

/** @import { Notice } from "./address-bar.js" */

import { AddressBar } from "./address-bar.js";
import { mountLab } from "./create.js";
import { mountKeepOffline } from "./keep-offline.js";
import { restore } from "./restore.js";

const card = document.querySelector("[data-part=card]");
if (card) card.id = "card"; // links to it, from anywhere, name it so

const bar = new AddressBar();
const { address, said } = bar.now();
const lab = mountLab(document.documentElement, address, bar);

mountKeepOffline(lab);
lab.bus.on("manifest", () => (document.title = `${lab.manifest?.title} – Attograph`));
for (const name of /** @type {const} */ ([
  "manifest",
  "prompt",
  "tookTranscoder",
  "thresholds",
  "target",
  "selection",
  "arrangement",
  "compare",
  "steering",
  "grade",
  "zoom",
  "theme",
])) {
  lab.bus.on(name, () => bar.write(lab.lasting));
}

const tell = (/** @type {Notice} */ notice) => lab.bus.emit("notice", notice);
bar.follow(lab, (address) => restore(lab, address), tell);

if (!lab.worker.began) lab.worker.start();
if (said) tell(said);
