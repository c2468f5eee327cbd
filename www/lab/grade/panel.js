// The grade: what can be trusted in this graph and what cannot, and the experiments that say so.

/** @import { Lab } from "../lab.js" */
/** @import { Grade } from "../engine-api.js" */
/** @import { Choice } from "./rungs.js" */

import { html } from "../dom.js";
import { counted } from "../format.js";
import { findings } from "./findings.js";
import { errors, influence, second, travels } from "./measured.js";
import { ladder } from "./rungs.js";

/** @param {Lab} lab */
export function mountGrade(lab) {
  const panel = lab.part("grade");
  const body = lab.part("grade-body");
  const begin = lab.part("grade-begin");
  const progress = lab.part("grade-progress");
  const bar = html("progress", { max: 1, "aria-label": "Experiments" });
  const said = html("span");
  const stop = html("button", { type: "button", class: "quiet" });
  progress.append(said, bar, stop);
  /** What the scatters show. @type {Choice} */ const choice = { about: "difference", share: 1, live: false };
  let stopped = false;

  begin.addEventListener("click", () => (panel.hidden ? lab.showGrade(true) : close()));
  lab.part("grade-close").addEventListener("click", () => close());
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation(); // the selected node stays
    close();
  });
  stop.addEventListener("click", () => {
    stopped = !stopped;
    if (stopped) lab.worker.stopGrading();
    else lab.worker.grade();
    name();
  });
  const name = () => (stop.textContent = stopped ? "Go on" : "Stop");

  function close() {
    lab.worker.stopGrading();
    lab.showGrade(false);
    begin.focus();
  }

  function show() {
    const on = lab.address.grade && lab.isLive;
    const opens = on && panel.hidden;
    panel.hidden = !on;
    begin.setAttribute("aria-pressed", String(on));
    lab.part("screen").classList.toggle("grading", on);
    if (!on || lab.view?.graded) return;
    body.replaceChildren();
    progress.hidden = false;
    said.textContent = "Beginning…";
    bar.removeAttribute("value");
    stopped = false;
    name();
    lab.worker.grade();
    if (opens) panel.querySelector("button")?.scrollIntoView?.({ block: "nearest" });
  }

  function showGrade() {
    const graded = lab.view?.graded;
    if (!graded || panel.hidden) return;
    progress.hidden = true;
    body.replaceChildren(...describe(lab, graded, choice, showGrade));
  }

  lab.watch(() => [lab.address.grade, lab.view], show);
  lab.bus.on("grading", ({ done, total, downloading }) => {
    if (panel.hidden || lab.view?.graded) return;
    progress.hidden = false;
    said.textContent = downloading ? "Asking the other kind of transcoder…" : `${done} of ${total} experiments`;
    if (downloading) bar.removeAttribute("value");
    else bar.value = done / Math.max(1, total);
  });
  const { features, plots } = lab;
  lab.watch(
    () => [lab.address.grade, lab.view?.graded, lab.view?.graph.whole, lab.colours, features.names, plots.arrivals],
    () => lab.whenReleased(body, showGrade),
  );
}

/** @param {Lab} lab @param {{ grade: Grade, seconds: number }} graded @param {Choice} choice @param {() => void} again */
function describe(lab, { grade, seconds }, choice, again) {
  const tried =
    grade.features.length < grade.active_features
      ? `the ${grade.features.length} most influential of ${counted(grade.active_features, "active feature")}`
      : counted(grade.features.length, "active feature");
  return [
    findings(lab, grade),
    ladder(lab, grade, choice, again),
    html("div", { class: "grade-more" }, influence(lab, grade), errors(lab, grade), travels(grade), second(lab, grade)),
    html(
      "p",
      { class: "note" },
      `Tried: ${tried}, each switched off and shrunk by 5 % on four rungs, in ${seconds.toFixed(1)} s. The ` +
        "command line does the same: attograph grade.",
    ),
  ];
}
