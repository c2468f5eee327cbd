// The panel in which a talk is made: steps are added as the page stands, put in order, written, kept, and given away.

/** @import { Lab } from "../lab/lab.js" */
/** @import { Stage } from "./stage.js" */
/** @import { Talk } from "./talk.js" */

import { html } from "../lab/dom.js";
import { counted } from "../lab/format.js";
import { restore } from "../lab/restore.js";
import { faultOfModels, keepTalk, keptTalk, linkToTalk } from "./kept-talk.js";
import { stepRow } from "./rows.js";
import { asWritten, shippedSteps, shownOf, stateNow } from "./shown.js";
import { emptyTalk, MOST, readTalk, talkText } from "./talk.js";

const SHIPPED = "How a model adds 36 and 59";
const LONG_LINK = 30_000; // characters; many programs cut longer ones

/** @param {Lab} lab @param {Stage} stage */
export function mountEditor(lab, stage) {
  const panel = lab.part("talk");
  let talk = keptTalk() ?? emptyTalk();

  const title = html("input", { class: "talk-title", maxlength: MOST.title, "aria-label": "Title of the talk" });
  const list = html("ol", { class: "talk-steps" });
  const said = html("p", { class: "talk-said", role: "status" });
  const file = html("input", { type: "file", accept: ".json,application/json", hidden: true });
  const button = (/** @type {string} */ text, /** @type {() => unknown} */ act, /** @type {string} */ name = "quiet") => {
    const made = html("button", { type: "button", class: name }, text);
    made.addEventListener("click", act);
    return made;
  };
  const present = button("Present", () => begin(talk), "main");
  const add = button("Add this as a step", () => {
    if (talk.steps.length >= MOST.steps) return say(`A talk has at most ${MOST.steps} steps.`);
    talk.steps.push({ state: stateNow(lab), caption: lab.prompt ?? "", notes: "" });
    changed(talk.steps.length - 1);
  });
  panel.append(
    html(
      "header",
      {},
      html("h2", {}, "Talk"),
      title,
      button("Close", () => show(false)),
    ),
    list,
    html(
      "div",
      { class: "ways" },
      add,
      present,
      button("Speaker window", () => stage.speaker.open()),
      button("Save as a file", save),
      button("Open a file…", () => file.click()),
      button("Copy link", copy),
      button("New", clear),
      button("The talk on 36 + 59", take),
    ),
    said,
  );

  /** @param {string} text */
  function say(text) {
    said.textContent = text;
  }

  /** @param {number} [focus] the step whose caption is to be typed */
  function changed(focus) {
    const kept = keepTalk(talk);
    say(kept ? "" : "This browser keeps nothing for this page, or has no room: save the talk as a file.");
    draw();
    if (focus !== undefined) /** @type {HTMLInputElement | null} */ (list.children[focus]?.querySelector("input"))?.focus();
  }

  const doings = {
    show: (/** @type {number} */ at) => {
      const fault = faultOfModels(talk, lab.models);
      if (fault) return say(fault);
      lab.steps.begin(`talk ${at}`);
      restore(lab, shownOf(lab, talk)[at].state());
    },
    set: (/** @type {number} */ at) => {
      talk.steps[at].state = stateNow(lab);
      changed();
      say(`Step ${at + 1} shows what is on show now.`);
    },
    move: (/** @type {number} */ from, /** @type {number} */ to) => {
      talk.steps.splice(to, 0, ...talk.steps.splice(from, 1));
      changed();
      /** @type {HTMLElement | null} */ (list.children[to]?.querySelector(`[data-act="Move ${to < from ? "up" : "down"}"]`))?.focus();
    },
    duplicate: (/** @type {number} */ at) => {
      if (talk.steps.length >= MOST.steps) return say(`A talk has at most ${MOST.steps} steps.`);
      talk.steps.splice(at + 1, 0, { ...talk.steps[at] });
      changed(at + 1);
    },
    remove: (/** @type {number} */ at) => {
      const [gone] = talk.steps.splice(at, 1);
      changed();
      const back = button("Put it back", () => {
        talk.steps.splice(at, 0, gone);
        changed(at);
      });
      said.replaceChildren(`Step ${at + 1} is deleted. `, back);
      back.focus();
    },
    edit: (/** @type {number} */ at, /** @type {object} */ change) => {
      Object.assign(talk.steps[at], change);
      if (!keepTalk(talk)) say("This browser keeps nothing for this page, or has no room: save the talk as a file.");
    },
  };

  function draw() {
    title.value = talk.title;
    present.setAttribute("aria-disabled", String(talk.steps.length === 0));
    const none = html("li", { class: "note" }, "No steps yet: set the page up as you want it to be seen, and add it.");
    list.replaceChildren(...(talk.steps.length > 0 ? talk.steps.map((step, at) => stepRow(step, at, talk.steps.length, doings)) : [none]));
  }

  /** @param {Talk} other */
  function open(other) {
    talk = other;
    changed();
    say(`“${talk.title}”, ${counted(talk.steps.length, "step")}.`);
  }

  /** Shows a talk on stage, if this site has its models. @param {Talk} shown */
  function begin(shown) {
    const fault = faultOfModels(shown, lab.models);
    if (fault) say(fault);
    else stage.begin(shown.title, shownOf(lab, shown));
  }

  function clear() {
    const before = talk;
    open(emptyTalk());
    said.replaceChildren(
      "A new talk. ",
      button("Back to the one before", () => open(before)),
    );
  }

  function take() {
    if (lab.view?.operands === undefined) return say("It is told on the model of sums: switch to it, and let its first graph come.");
    const before = talk;
    open({ title: SHIPPED, steps: asWritten(lab) });
    if (before.steps.length > 0)
      said.append(
        " ",
        button("Back to the one before", () => open(before)),
      );
  }

  function save() {
    const url = URL.createObjectURL(new Blob([talkText(talk)], { type: "application/json" }));
    html("a", { href: url, download: `${talk.title.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "") || "talk"}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  async function copy() {
    const link = await linkToTalk(talk);
    const long =
      link.length > LONG_LINK
        ? ` It has ${link.length.toLocaleString("en")} characters, and many programs cut such links: a file is safer.`
        : "";
    try {
      await navigator.clipboard.writeText(link);
      say(`Link to the talk copied.${long}`);
    } catch {
      say(link + long);
    }
  }

  file.addEventListener("change", async () => {
    const [chosen] = file.files ?? [];
    file.value = "";
    if (!chosen) return;
    const found = await chosen.text().then(readTalk, () => "It could not be read.");
    if (typeof found === "string") say(`${chosen.name} holds no talk that can be shown. ${found} The talk here stays.`);
    else open(found);
  });
  title.addEventListener("input", () => {
    talk.title = title.value.trim() || emptyTalk().title;
    keepTalk(talk);
  });

  /** @param {boolean} on */
  function show(on) {
    panel.hidden = !on;
    lab.part("screen").classList.toggle("with-talk", on);
    if (on) draw();
  }
  return {
    show,
    open,
    begin,
    /** The talk that ships, on stage. */
    presentShipped: () => stage.begin(SHIPPED, shippedSteps(lab)),
  };
}
