// Talks: the panel that makes them, the stage that shows them, and what begins either.

/** @import { App } from "../app/app.js" */

import { byId } from "../app/dom.js";
import { mountEditor } from "./editor.js";
import { talkOfAddress } from "./kept-talk.js";
import { Stage } from "./stage.js";

/** @param {App} app */
export function mountTalk(app) {
  const stage = new Stage(app);
  const editor = mountEditor(app, stage);
  const shipped = byId("talk-shipped");
  const close = () => byId("keep").removeAttribute("open");
  byId("talk-make").addEventListener("click", () => {
    close();
    editor.show(byId("talk").hidden !== false);
  });
  shipped.addEventListener("click", () => {
    close();
    editor.presentShipped();
  });

  async function fromAddress() {
    const talk = await talkOfAddress();
    if (talk === undefined) return;
    if (talk === "shipped") return shipped.hidden || editor.presentShipped();
    if ("sentence" in talk) return app.bus.emit("notice", { about: "talk", sentence: talk.sentence, advice: "Ask for it as a file." });
    editor.show(true);
    editor.open(talk);
    editor.begin(talk);
  }
  app.bus.on("manifest", fromAddress);
  addEventListener("hashchange", fromAddress);
}
