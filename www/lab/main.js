// Starts the site's page: a lab that is all of it, whose state is the address.

/** @import { Notice } from "./address-bar.js" */

import { AddressBar } from "./address-bar.js";
import { mountLab } from "./create.js";
import { mountKeepOffline } from "./keep-offline.js";
import { restore } from "./restore.js";

performance.mark("lab"); // early.js looks for it

const card = document.querySelector("[data-part=card]");
if (card) card.id = "card"; // links to it, from anywhere, name it so

const bar = new AddressBar();
const { address, said } = bar.now();
const lab = mountLab(document.documentElement, address, bar);

mountKeepOffline(lab);
lab.effect(() => {
  if (lab.manifest) document.title = `${lab.manifest.title} – Attograph`;
});
let begun = false;
lab.watch(
  () => [lab.manifest, { ...lab.lasting }],
  () => {
    if (begun) bar.write(lab.lasting);
    begun = true; // what the page begins with stands in the address
  },
);

const notify = (/** @type {Notice} */ notice) => lab.bus.emit("notice", notice);
bar.follow(lab, (address) => restore(lab, address), notify);

if (!lab.worker.began) lab.worker.start();
if (said) notify(said);
