// Graphs as files: the JSON that attribution graph viewers share, out and in, and pictures for print.

/** @import { App } from "./app.js" */

import { byId, html } from "./dom.js";
import { pictureOf, toPng } from "./picture-file.js";

const MOST_BYTES = 64e6;

/** @param {App} app */
export function mountFiles(app) {
  const menu = /** @type {HTMLDetailsElement} */ (byId("keep"));
  /** @type {HTMLButtonElement} */ const json = byId("save");
  /** @type {HTMLButtonElement} */ const svgFile = byId("save-svg");
  /** @type {HTMLButtonElement} */ const png = byId("save-png");
  /** @type {HTMLInputElement} */ const input = byId("open-file");
  const said = byId("keep-said");

  json.addEventListener("click", () => app.worker.json());
  svgFile.addEventListener("click", () => save(app, "svg", new Blob([pictureOf(app).text], { type: "image/svg+xml" })));
  png.addEventListener("click", async () => {
    said.textContent = "Drawing…";
    try {
      save(app, "png", await toPng(pictureOf(app)));
      said.textContent = "";
    } catch (error) {
      said.textContent = `The picture could not be drawn (${error instanceof Error ? error.message : error}); the SVG holds the same.`;
    }
  });
  const enable = (/** @type {boolean} */ ready) => {
    for (const button of [json, svgFile, png]) button.disabled = !ready;
  };
  app.bus.on("graph", () => enable(true));
  app.bus.on("transcoder", () => enable(false));
  app.bus.on("json", ({ json }) => save(app, "json", new Blob([json], { type: "application/json" })));

  /** @param {File | undefined} file */
  async function open(file) {
    if (!file) return;
    const refuse = (/** @type {string} */ sentence) => app.bus.emit("notice", { about: "file", sentence, advice: "The graph on show stays." });
    if (!app.manifest) return refuse("The model is still on its way.");
    if (file.size > MOST_BYTES) return refuse(`${file.name} has ${(file.size / 1e6).toFixed(0)} MB; graphs of at most ${MOST_BYTES / 1e6} MB can be opened.`);
    try {
      app.steps.begin(`open ${file.name}`);
      app.worker.open(await file.text(), file.name);
    } catch {
      refuse(`${file.name} could not be read.`);
    }
  }
  byId("open").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    void open(input.files?.[0]);
    input.value = "";
    menu.open = false;
  });
  // A file may also be dropped anywhere.
  const holdsFile = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  addEventListener("dragover", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    byId("screen").classList.add("dropping");
  });
  addEventListener("dragleave", (event) => event.relatedTarget === null && byId("screen").classList.remove("dropping"));
  addEventListener("drop", (event) => {
    byId("screen").classList.remove("dropping");
    if (!holdsFile(event)) return;
    event.preventDefault();
    void open(event.dataTransfer?.files[0]);
  });

  const origin = byId("recorded");
  app.bus.on("graph", () => {
    const recorded = app.view?.recorded;
    origin.hidden = !recorded;
    if (!recorded) return;
    const back = html("button", { type: "button", class: "quiet" }, "Trace this prompt here");
    back.addEventListener("click", () => app.ask(app.view?.prompt ?? ""));
    origin.replaceChildren(html("p", {}, html("strong", {}, `Recorded graph from ${recorded.file}`), recorded.scan ? `, of the model ${recorded.scan}.` : ".", " It was not computed here."), back);
  });
}

/** @param {App} app @param {string} ending @param {Blob} blob */
function save(app, ending, blob) {
  const url = URL.createObjectURL(blob);
  const name = (app.view?.prompt ?? "").replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "").slice(0, 60);
  html("a", { href: url, download: `${name || "graph"}.${ending}` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
