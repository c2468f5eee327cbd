// One place for what went wrong, in words, with what the reader can do: a line for each thing that it is about.

/** @import { Events } from "./bus.js" */
/** @import { Lab } from "./lab.js" */

import { html } from "./dom.js";
import { keyed } from "./keyed.js";
import { MOST_CHARACTERS } from "./prompt-length.js";

/** Subjects of notices after which a graph is still on its way, or stands. */
const GOES_ON = ["engine", "address", "transcoder", "length", "pins"];

/** What may stand in the graph's place. */
const INSTEAD = /** @type {const} */ (["compare", "grade", "attention", "subgraph"]);

/** @param {Lab} lab */
export function mountNotice(lab) {
  const box = lab.part("notice");
  const home = box.parentElement;
  const next = box.nextSibling;
  /** By what each is about, the last one last. @type {Map<string, Events["notice"]>} */
  const told = new Map();

  const show = () => {
    keyed(box, told.values(), { key: ({ about }) => about, look: (notice) => notice, make: line });
    box.hidden = told.size === 0;
    settle();
  };
  /** Over what is on show: the graph, or what stands in its place. */
  function settle() {
    if (!home || told.size === 0) return;
    const place = home.checkVisibility() ? home : (INSTEAD.map((name) => lab.part(name)).find((part) => part.checkVisibility()) ?? home);
    if (box.parentElement !== place) place.insertBefore(box, place === home ? next : null);
  }
  const panels = new MutationObserver(settle);
  panels.observe(lab.part("screen"), { attributes: true, attributeFilter: ["class"] });
  for (const name of INSTEAD) panels.observe(lab.part(name), { attributes: true, attributeFilter: ["hidden"] });
  lab.lifetime.addEventListener("abort", () => panels.disconnect());
  /** @param {string} about */
  const clear = (about) => told.delete(about) && show();

  /** @param {Events["notice"]} notice */
  function line({ about, sentence, advice }) {
    const close = html("button", { type: "button", class: "quiet", "aria-label": "Dismiss this message" }, "Close");
    close.addEventListener("click", () => clear(about));
    return html(
      "div",
      { role: GOES_ON.includes(about) ? "status" : "alert" },
      html("p", {}, html("strong", {}, sentence), " ", html("span", { class: "advice" }, advice)),
      ...(about === "prompt" ? [] : [close]),
    );
  }

  lab.watch(
    () => lab.worker.transcoderAsked,
    () => [...told.keys()].forEach(clear),
  );
  lab.effect(() => void ((lab.prompt?.length ?? 0) < MOST_CHARACTERS && clear("length")));
  // A graph was drawn, so its prompt is fine; what is said of the engine or tokenizer stays true.
  lab.effect(() => void (lab.view && clear("prompt")));
  lab.effect(() => void ((lab.other || lab.address.compare === undefined) && clear("compare")));
  // What is said of the pins answers one press of a button: whatever is done next takes it away.
  lab.watch(
    () => [lab.view, ...Object.values(lab.address)],
    () => clear("pins"),
  );
  lab.bus.on("notice", (notice) => {
    told.delete(notice.about);
    told.set(notice.about, { ...notice });
    show();
    if (!GOES_ON.includes(notice.about)) lab.part("waiting").hidden = true;
  });
}
