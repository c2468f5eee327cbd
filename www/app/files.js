// Graphs as files: the JSON that attribution graph viewers share, out and in, and pictures for print.

/** @import { App } from "./app.js" */
/** @import { Recorded } from "./messages.js" */

import { byId, html } from "./dom.js";
import { counted } from "./format.js";

const MOST_BYTES = 64 * 2 ** 20; // as much as the engine reads

/** @param {App} app */
export function mountFiles(app) {
  const menu = /** @type {HTMLDetailsElement} */ (byId("keep"));
  /** @type {HTMLButtonElement} */ const json = byId("save");
  /** @type {HTMLButtonElement} */ const svgFile = byId("save-svg");
  /** @type {HTMLButtonElement} */ const png = byId("save-png");
  /** @type {HTMLInputElement} */ const input = byId("open-file");
  const said = byId("keep-said");

  json.addEventListener("click", () => void app.worker.json());
  /** What draws pictures comes when one is asked for. */
  const pictures = async () => {
    try {
      return await import("./parts.js");
    } catch {
      said.textContent = "What draws pictures did not arrive. Check the connection and try again, or reload the page.";
    }
  };
  svgFile.addEventListener("click", async () => {
    const drawn = (await pictures())?.pictureOf(app).text;
    if (drawn !== undefined) save(app, "svg", new Blob([drawn], { type: "image/svg+xml" }));
  });
  png.addEventListener("click", async () => {
    said.textContent = "Drawing…";
    const drawing = await pictures();
    if (!drawing) return;
    try {
      save(app, "png", await drawing.toPng(drawing.pictureOf(app)));
      said.textContent = "";
    } catch (error) {
      said.textContent = `The picture could not be drawn (${error instanceof Error ? error.message : error}); the SVG holds the same.`;
    }
  });
  const enable = (/** @type {boolean} */ ready) => {
    for (const button of [json, svgFile, png]) button.disabled = !ready;
    /** @type {HTMLButtonElement} */ (byId("grade-begin")).disabled = !app.isLive;
  };
  app.bus.on("graph", () => enable(!app.view?.early));
  app.bus.on("transcoder", () => enable(false));
  app.bus.on("json", ({ json }) => save(app, "json", new Blob([json], { type: "application/json" })));

  /** @param {File | undefined} file */
  async function open(file) {
    if (!file) return;
    const refuse = (/** @type {string} */ sentence) =>
      app.bus.emit("notice", { about: "file", sentence, advice: "The graph on show stays." });
    if (!app.manifest || app.view?.early) return refuse("The model is still on its way.");
    if (file.size > MOST_BYTES)
      return refuse(`${file.name} has ${Math.ceil(file.size / 2 ** 20)} MB; graphs of at most ${MOST_BYTES / 2 ** 20} MB can be opened.`);
    app.steps.begin(`open ${file.name}`);
    await app.openFile(file);
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
    origin.replaceChildren(html("p", {}, html("strong", {}, `Recorded graph from ${recorded.file}`), ` ${ofWhat(app, recorded)}`));
    if (!app.isOwn) return;
    const back = html("button", { type: "button", class: "quiet" }, "Trace this prompt here");
    back.addEventListener("click", () => app.traceHere());
    origin.append(back);
  });
  // The model of the page is not that of a foreign graph.
  app.bus.on("graph", () => byId("models").classList.toggle("beside", !app.isOwn));
}

/** Whose graph a file holds, and what of it is not in the graph. @param {App} app @param {Recorded} recorded */
function ofWhat(app, { scan, own, linksOfMissingNodes, repeatedLinks }) {
  const sentences = [];
  const here = `${app.manifest?.title} with the ${app.lasting.transcoder} transcoder`;
  const [model, kind] = own ? [own.model, `, ${own.transcoder} transcoder`] : [scan, ""];
  sentences.push(
    model ? `of the model ${model}${kind}. It was not computed here.` : "of a model that it does not name. It was not computed here.",
  );
  if (!app.isOwn) sentences.push(`Its labels, pins and thresholds are its own; this page runs ${here}, so its prompt is not traced here.`);
  if (linksOfMissingNodes > 0)
    sentences.push(
      `${counted(linksOfMissingNodes, "link")} of nodes that are not in the file ${linksOfMissingNodes === 1 ? "is" : "are"} left out.`,
    );
  if (repeatedLinks > 0)
    sentences.push(
      `${counted(repeatedLinks, "link")} between nodes that are linked already ` +
        `${repeatedLinks === 1 ? "is" : "are"} left out: the first counts.`,
    );
  return sentences.join(" ");
}

/** @param {App} app @param {string} ending @param {Blob} blob */
function save(app, ending, blob) {
  const url = URL.createObjectURL(blob);
  const name = (app.view?.prompt ?? "")
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 60);
  html("a", { href: url, download: `${name || "graph"}.${ending}` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
