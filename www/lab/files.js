// Graphs as files: the JSON that attribution graph viewers share, out and in, and pictures for print.

/** @import { Lab } from "./lab.js" */
/** @import { Recorded } from "./messages.js" */

import { INSIDE } from "./delivery.js";
import { html } from "./dom.js";
import { counted } from "./format.js";
import { laterParts } from "./tried-again.js";

const MOST_BYTES = 64 * 2 ** 20; // as much as the engine reads

/** @param {Lab} lab */
export function mountFiles(lab) {
  const menu = /** @type {HTMLDetailsElement} */ (lab.part("keep"));
  /** @type {HTMLButtonElement} */ const json = lab.part("save");
  /** @type {HTMLButtonElement} */ const svgFile = lab.part("save-svg");
  /** @type {HTMLButtonElement} */ const png = lab.part("save-png");
  /** @type {HTMLInputElement} */ const input = lab.part("open-file");
  const said = lab.part("keep-said");

  /** What writes files comes when one is asked for. */
  const writers = async () => {
    try {
      return await laterParts();
    } catch {
      said.textContent = "What writes files did not arrive. Check the connection and try again, or reload the page.";
    }
  };
  json.addEventListener("click", async () => {
    const writing = await writers();
    const { view, worker } = lab;
    if (writing && view && !view.early) worker.say({ type: "json", request: view.request, ...(await writing.fileOf(lab, view)) });
  });
  const saved = () => {
    said.textContent = lab.shown === "story" ? "The picture shows the story. One of all nodes is saved while they are on show." : "";
  };
  svgFile.addEventListener("click", async () => {
    const drawn = (await writers())?.pictureOf(lab).text;
    if (drawn === undefined) return;
    save(nameFor(lab, "svg"), new Blob([drawn], { type: "image/svg+xml" }));
    saved();
  });
  png.addEventListener("click", async () => {
    said.textContent = "Drawing…";
    const drawing = await writers();
    if (!drawing) return;
    try {
      save(nameFor(lab, "png"), await drawing.toPng(drawing.pictureOf(lab)));
      saved();
    } catch (error) {
      said.textContent = `The picture could not be drawn (${error instanceof Error ? error.message : error}); the SVG holds the same.`;
    }
  });
  lab.effect(() => {
    const ready = lab.view !== undefined && !lab.view.early && !lab.worker.changesTranscoder;
    for (const button of [json, svgFile, png]) button.disabled = !ready;
    /** @type {HTMLButtonElement} */ (lab.part("embed")).disabled = !ready || !lab.isLive;
    for (const part of ["grade-begin", "attention-begin"]) /** @type {HTMLButtonElement} */ (lab.part(part)).disabled = !lab.isLive;
  });
  lab.part("embed-section").hidden = INSIDE; // the file in which everything is has no address
  lab.bus.on("json", ({ json }) => save(nameFor(lab, "json"), new Blob([json], { type: "application/json" })));

  /** @param {File | undefined} file */
  async function open(file) {
    if (!file) return;
    const refuse = (/** @type {string} */ sentence) =>
      lab.bus.emit("notice", { about: "file", sentence, advice: "The graph on show stays." });
    if (!lab.manifest || lab.view?.early) return refuse("The model is still on its way.");
    if (file.size > MOST_BYTES)
      return refuse(`${file.name} has ${Math.ceil(file.size / 2 ** 20)} MB; graphs of at most ${MOST_BYTES / 2 ** 20} MB can be opened.`);
    lab.steps.begin(`open ${file.name}`);
    await lab.openFile(file);
  }
  lab.part("open").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    void open(input.files?.[0]);
    input.value = "";
    menu.open = false;
  });
  // A file may also be dropped anywhere.
  const holdsFile = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  lab.listen(window, "dragover", (event) => {
    if (!holdsFile(event)) return;
    event.preventDefault();
    lab.part("screen").classList.add("dropping");
  });
  lab.listen(window, "dragleave", (event) => event.relatedTarget === null && lab.part("screen").classList.remove("dropping"));
  lab.listen(window, "drop", (event) => {
    lab.part("screen").classList.remove("dropping");
    if (!holdsFile(event)) return;
    event.preventDefault();
    void open(event.dataTransfer?.files[0]);
  });

  const origin = lab.part("recorded");
  lab.effect(() => {
    const recorded = lab.view?.recorded;
    origin.hidden = !recorded;
    if (!recorded) return;
    origin.replaceChildren(html("p", {}, html("strong", {}, `Recorded graph from ${recorded.file}`), ` ${ofWhat(lab, recorded)}`));
    if (!lab.isOwn) return;
    const back = html("button", { type: "button", class: "quiet" }, "Trace this prompt here");
    back.addEventListener("click", () => lab.traceHere());
    origin.append(back);
  });
  // The model of the page is not that of a foreign graph.
  lab.effect(() => void lab.part("models").classList.toggle("beside", !lab.isOwn));
}

/** Whose graph a file holds, and what of it is not in the graph. @param {Lab} lab @param {Recorded} recorded */
function ofWhat(lab, { scan, own, linksOfMissingNodes, repeatedLinks }) {
  const sentences = [];
  const here = `${lab.manifest?.title} with the ${lab.lasting.transcoder} transcoder`;
  const [model, kind] = own ? [own.model, `, ${own.transcoder} transcoder`] : [scan, ""];
  sentences.push(
    model ? `of the model ${model}${kind}. It was not computed here.` : "of a model that it does not name. It was not computed here.",
  );
  if (!lab.isOwn) sentences.push(`Its labels, pins and thresholds are its own; this page runs ${here}, so its prompt is not traced here.`);
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

/** The name of a file of the graph on show. @param {Lab} lab @param {string} ending */
function nameFor(lab, ending) {
  const name = (lab.view?.prompt ?? "")
    .replaceAll(/[^\p{L}\p{N}]+/gu, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 60);
  return `${name || "graph"}.${ending}`;
}

/** @param {string} name @param {Blob} blob */
export function save(name, blob) {
  const url = URL.createObjectURL(blob);
  html("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
