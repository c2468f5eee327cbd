// The status line: which engine runs and how fast, what was downloaded, what is being computed.

/** @import { App } from "./app.js" */
/** @import { Graph, Runner } from "./messages.js" */

import { INSIDE } from "./delivery.js";
import { byId, html } from "./dom.js";
import { counted, megabytes, milliseconds } from "./format.js";
import { FEATURE } from "./kinds.js";

/** @param {App} app */
export function mountStatus(app) {
  const engines = html("span", { class: "engines", id: "engines" });
  const trace = html("span", { id: "trace-time" });
  const download = html("span", { id: "download" });
  const bar = html("progress", { max: 1, "aria-label": "Operand plots" });
  const label = html("span", { id: "plot-progress" });
  const background = html("span", { class: "background", hidden: true }, label, bar);
  byId("status").append(engines, trace, download, background);

  const waitingText = byId("waiting-text");
  /** @type {HTMLProgressElement} */ const waitingBar = byId("waiting-bar");

  app.bus.on("engine", ({ active, runners, note }) => {
    const entries = runners.map((runner) =>
      html("span", { class: runner.description.engine === active ? "active" : "" }, runnerText(runner)),
    );
    if (note) entries.push(html("span", {}, `GPU: ${note}`));
    engines.replaceChildren(...entries);
  });

  app.bus.on("transcoder", () => (byId("waiting").hidden = false));
  app.bus.on("graph", () => {
    byId("waiting").hidden = true;
    if (!app.view) return;
    const { timing } = app.view.graph;
    if (timing) {
      trace.replaceChildren("Traced in ", html("strong", {}, milliseconds(timing.total_ms)), limitText(app.view.graph));
      trace.title = `Forward pass ${milliseconds(timing.forward_ms)}, rows of the graph ${milliseconds(timing.rows_ms)}`;
    } else {
      trace.textContent = app.view.early ? "" : "The graph on show was not traced here.";
      trace.title = "";
    }
    const { operands } = app.view;
    background.hidden = !operands || !app.isLive;
    if (operands) showPlots(operands.done / operands.total);
  });

  app.bus.on("download", ({ loaded, total, cached, kept }) => {
    const whole = loaded >= total;
    const keeps = kept ? "" : ", not kept by this browser: the next visit loads it again";
    download.textContent = whole
      ? `Model ${megabytes(total)}${INSIDE ? ", in this file" : cached ? ", kept by this browser" : keeps}`
      : `Model ${megabytes(loaded)} of ${megabytes(total)}`;
    waitingText.textContent = whole ? "Starting the engine…" : `Loading the model: ${megabytes(loaded)} of ${megabytes(total)}`;
    if (whole) waitingBar.removeAttribute("value");
    else waitingBar.value = loaded / total;
  });

  app.bus.on("operands", ({ key, done, total }) => {
    if (app.view?.operands?.key !== key) return;
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
    ? `: the ${counted(nodes, "most influential feature")} of ${activeFeatures.toLocaleString("en")} active ones`
    : "";
}

/** @param {Runner} runner */
function runnerText({ description, medianMs }) {
  // Firefox does not tell a GPU's name.
  const gpu = ["GPU", description.device, description.software ? "(software)" : ""].filter((part) => part !== "");
  const name = description.engine === "cpu" ? description.device : gpu.join(" ");
  return medianMs === undefined ? name : `${name} ${milliseconds(medianMs)}`;
}
