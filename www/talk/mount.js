// Talks: the panel that makes them, the stage that shows them, and what begins either.

/** @import { Lab } from "../lab/lab.js" */

import { mountEditor } from "./editor.js";
import { talkOfAddress } from "./kept-talk.js";
import { Stage } from "./stage.js";

/** @param {Lab} lab */
export function mountTalk(lab) {
  const stage = new Stage(lab);
  const editor = mountEditor(lab, stage);
  const shipped = lab.part("talk-shipped");
  const close = () => lab.part("keep").removeAttribute("open");
  lab.part("talk-make").addEventListener("click", () => {
    close();
    editor.show(lab.part("talk").hidden !== false);
  });
  shipped.addEventListener("click", () => {
    close();
    editor.presentShipped();
  });

  async function fromAddress() {
    const talk = await talkOfAddress();
    if (talk === undefined) return;
    if (talk === "shipped") return shipped.hidden || editor.presentShipped();
    if ("sentence" in talk) return lab.bus.emit("notice", { about: "talk", sentence: talk.sentence, advice: "Ask for it as a file." });
    editor.show(true);
    editor.open(talk);
    editor.begin(talk);
  }
  lab.watch(
    () => lab.manifest,
    () => lab.manifest && void fromAddress(),
  );
  lab.listen(window, "hashchange", fromAddress);
}
