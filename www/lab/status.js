// The status line: which engine runs and how fast, what was downloaded, what is being computed.

/** @import { Lab } from "./lab.js" */
/** @import { Graph, Runner } from "./messages.js" */

import { INSIDE } from "./delivery.js";
import { html } from "./dom.js";
import { megabytes, milliseconds } from "./format.js";
import { FEATURE } from "./kinds.js";

/** @param {Lab} lab */
export function mountStatus(lab) {
  const engines = html("span", { class: "engines", "data-part": "engines" });
  const trace = html("span", { "data-part": "trace-time" });
  const download = html("span", { "data-part": "download" });
  const bar = html("progress", { max: 1, "aria-label": "Operand plots" });
  const label = html("span", { "data-part": "plot-progress" });
  const background = html("span", { class: "background", hidden: true }, label, bar);
  lab.part("status").append(engines, trace, download, background);

  const waitingText = lab.part("waiting-text");
  /** @type {HTMLProgressElement} */ const waitingBar = lab.part("waiting-bar");

  lab.effect(() => {
    if (!lab.engine) return;
    const { active, runners, note } = lab.engine;
    const entries = runners.map((runner) =>
      html("span", { class: runner.description.engine === active ? "active" : "" }, runnerText(runner)),
    );
    if (note) entries.push(html("span", {}, `GPU: ${note}`));
    engines.replaceChildren(...entries);
  });

  lab.effect(() => {
    lab.part("waiting").hidden = lab.view !== undefined && !lab.worker.changesTranscoder;
  });
  lab.effect(() => {
    if (!lab.view) return;
    const { timing } = lab.view.graph;
    if (timing) {
      trace.replaceChildren("Traced in ", html("strong", {}, milliseconds(timing.total_ms)), limitText(lab.view.graph));
      trace.title = `Forward pass ${milliseconds(timing.forward_ms)}, rows of the graph ${milliseconds(timing.rows_ms)}`;
    } else {
      trace.textContent = lab.view.early ? "" : "The graph on show was not traced here.";
      trace.title = "";
    }
    const { operands } = lab.view;
    background.hidden = !operands || !lab.isLive;
    if (operands) showPlots(operands.done / operands.total);
  });

  lab.bus.on("download", ({ loaded, total, cached, kept }) => {
    const whole = loaded >= total;
    const keeps = kept ? "" : ", not kept by this browser: the next visit loads it again";
    download.textContent = whole
      ? `Model ${megabytes(total)}${INSIDE ? ", in this file" : cached ? ", kept by this browser" : keeps}`
      : `Model ${megabytes(loaded)} of ${megabytes(total)}`;
    waitingText.textContent = whole ? "Starting the engine…" : `Loading the model: ${megabytes(loaded)} of ${megabytes(total)}`;
    if (whole) waitingBar.removeAttribute("value");
    else waitingBar.value = loaded / total;
  });

  lab.bus.on("operands", ({ key, done, total }) => {
    if (lab.view?.operands?.key !== key) return;
    showPlots(done / total);
  });

  /** @param {number} share */
  function showPlots(share) {
    bar.hidden = share >= 1;
    bar.value = share;
    label.textContent = `Plots over 10,000 prompts: ${share >= 1 ? "done" : `${Math.floor(100 * share)} %`}`;
  }
}

/** Says so where not every active feature has become a node. @param {Graph} graph */
function limitText({ kind, activeFeatures }) {
  const nodes = kind.filter((each) => each === FEATURE).length;
  return nodes < activeFeatures
    ? `: the ${nodes.toLocaleString("en")} most influential of ${activeFeatures.toLocaleString("en")} active features that lead to an answer`
    : "";
}

/** @param {Runner} runner */
function runnerText({ description, medianMs }) {
  // Firefox does not tell a GPU's name.
  const gpu = ["GPU", description.device, description.software ? "(software)" : ""].filter((part) => part !== "");
  const name = description.engine === "cpu" ? description.device : gpu.join(" ");
  return medianMs === undefined ? name : `${name} ${milliseconds(medianMs)}`;
}
