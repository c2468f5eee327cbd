// “Embed”: what puts the graph on show into a page of one's own, chosen, looked at, and copied.

/** @import { Lab } from "./lab.js" */
/** @import { Embedded, Way } from "./embed-code.js" */

import { posterOf } from "../graph/poster.js";
import { urlOf } from "./delivery.js";
import { html } from "./dom.js";
import { embedCode, FILES, frameAddress } from "./embed-code.js";
import { save } from "./files.js";
import { picture as heatMap } from "./graph/heat.js";
import { pictureOf } from "./picture-file.js";
import { writtenOf } from "./recorded/write.js";
import { queryOf } from "./url.js";

/** @type {[Way, string, string][]} */
const WAYS = [
  ["live", "Live", "Traced on the reader’s own machine, once they press the picture."],
  ["recorded", "Recorded", "This very graph from a file beside your page: to be pointed at, without an engine."],
  [
    "frame",
    "Frame",
    "For places that take no scripts of yours, only an iframe. It is traced once it is seen, on the reader’s own machine.",
  ],
];
const AS_STORY = "It shows the story, as your page does now; for its nodes, close this and choose “All nodes” first.";
const POSTER_PLOT = 40; // pixels of a heat map
const SIZE = { least: 200, most: 4000, width: 720, height: 460 };
const STORY_HEIGHT = 700; // so wide, a sum's story needs no scrolling

/** @param {Lab} lab */
export function mountEmbed(lab) {
  const chosen = { way: /** @type {Way} */ ("live"), theme: /** @type {Embedded["theme"]} */ ("auto"), ...SIZE };
  const code = html("textarea", { readonly: true, rows: 6, spellcheck: "false", "aria-label": "Lines for your page" });
  const says = html("p", { class: "hint" });
  const said = html("p", { role: "status" });
  const files = html("p", { class: "embed-files" });
  const preview = html("div", { class: "embed-preview" });
  const picture = html("img", { alt: "The picture that stands in your page at first" });
  const ways = WAYS.map(([way, name]) => {
    const input = html("input", { type: "radio", name: "embed-way", value: way, checked: way === chosen.way });
    input.addEventListener("change", () => show({ way }));
    return html("label", {}, input, ` ${name}`);
  });
  const side = (/** @type {"width" | "height"} */ name, /** @type {string} */ text) => {
    const input = html("input", { type: "number", min: SIZE.least, max: SIZE.most, step: 10, value: chosen[name] });
    input.addEventListener("change", () => {
      const value = Math.round(input.valueAsNumber);
      show({ [name]: Number.isFinite(value) ? Math.min(SIZE.most, Math.max(SIZE.least, value)) : SIZE[name] });
      input.value = String(chosen[name]);
    });
    return html("label", {}, `${text} `, input);
  };
  const [width, height] = [side("width", "Width"), side("height", "Height")];
  const theme = html("select", {}, ...["auto", "light", "dark"].map((name) => html("option", { value: name }, name)));
  theme.addEventListener("change", () => show({ theme: /** @type {Embedded["theme"]} */ (theme.value) }));
  const copy = html("button", { type: "button", class: "quiet" }, "Copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.value);
      said.textContent = "Copied.";
    } catch {
      code.select();
      said.textContent = "This browser lets no page copy; the lines are marked, to be copied by hand.";
    }
  });
  const close = html("button", { type: "button", class: "quiet" }, "Close");
  const dialog = html(
    "dialog",
    { class: "embed", "aria-label": "Embed this graph" },
    html("header", {}, html("h2", {}, "Embed this graph"), close),
    html("div", { class: "embed-ways", role: "radiogroup", "aria-label": "How" }, ...ways),
    says,
    html("div", { class: "embed-choices" }, width, height, html("label", {}, "Colours ", theme)),
    code,
    html("div", { class: "embed-foot" }, copy, files, said),
    preview,
  );
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => preview.replaceChildren());
  lab.part("screen").append(dialog);

  /** A button that saves a file which the lines name. @param {string} name @param {() => Promise<Blob>} make */
  const saving = (name, make) => {
    const button = html("button", { type: "button", class: "quiet" }, `Save ${name}`);
    button.addEventListener("click", async () => {
      try {
        save(name, await make());
        said.textContent = `Put ${name} beside your page.`;
      } catch (error) {
        said.textContent = `${name} could not be made: ${error instanceof Error ? error.message : error}`;
      }
    });
    return button;
  };
  const graph = saving(FILES.graph, async () => {
    const { view } = lab;
    if (!view) throw new Error("there is no graph on show.");
    return new Blob([JSON.stringify(await writtenOf(lab, view))], { type: "application/json" });
  });
  const poster = saving(FILES.poster, async () => new Blob([posterFor(lab)], { type: "image/svg+xml" }));

  /** @param {Partial<typeof chosen>} change */
  function show(change) {
    Object.assign(chosen, change);
    const { way } = chosen;
    const { query } = linkable();
    const site = urlOf("").href;
    const shows = shownOf(lab);
    says.textContent = `${WAYS.find(([name]) => name === way)?.[2] ?? ""} ${shows === "story" ? AS_STORY : ""}`;
    width.hidden = way !== "frame";
    height.hidden = way !== "frame" && shows === "story"; // as high as its cards
    code.value = embedCode({ ...chosen, shows, site, query, title: titleOf(lab), loading: "click" });
    const wanted = way === "live" ? [poster] : way === "recorded" ? [graph, poster] : [];
    files.replaceChildren(...wanted);
    preview.replaceChildren(way === "frame" ? frameOf(site, query) : picture);
    if (way !== "frame") picture.src = posterNow();
    said.textContent = "";
  }

  /** As a reader has it. @param {string} site @param {string} query */
  function frameOf(site, query) {
    const { width, height } = chosen;
    return html("iframe", { title: "Preview", src: frameAddress({ ...chosen, shows: shownOf(lab), site, query }), width, height });
  }

  /** What stands in the page before anything begins, and without script. */
  function posterNow() {
    URL.revokeObjectURL(picture.src);
    return URL.createObjectURL(new Blob([posterFor(lab)], { type: "image/svg+xml" }));
  }

  /** What an address says of all that is set, but for this reader's engine, colours and zoom. */
  function linkable() {
    const query = queryOf({
      ...lab.lasting,
      model: lab.model,
      engine: "auto",
      theme: undefined,
      zoom: 1,
      grade: false,
      head: undefined,
      compare: undefined,
    });
    return { query: query.startsWith("?") ? query : "" };
  }

  lab.part("embed").addEventListener("click", () => {
    /** @type {HTMLDetailsElement} */ (lab.part("keep")).open = false;
    // Until the reader chooses another.
    const usual = { story: STORY_HEIGHT, graph: SIZE.height };
    if (Object.values(usual).includes(chosen.height)) {
      chosen.height = usual[shownOf(lab)];
      /** @type {HTMLInputElement} */ (height.lastElementChild).value = String(chosen.height);
    }
    show({});
    dialog.showModal();
  });
}

/** What is embedded is what is on show. @param {Lab} lab @returns {Embedded["shows"]} */
const shownOf = (lab) => (lab.shown === "story" ? "story" : "graph");

/** The small picture that stands in a page until its element is alive, and always without script. @param {Lab} lab */
function posterFor(lab) {
  const { view } = lab;
  if (!view) throw new Error("there is no graph on show.");
  if (lab.shown === "story") return pictureOf(lab).text;
  const { graph, pruned, operands } = view;
  const small = html("canvas", { width: POSTER_PLOT, height: POSTER_PLOT });
  const context = small.getContext("2d");
  const plotOf = (/** @type {number} */ node) => {
    const plot = lab.plot(node, view);
    if (!plot || !context) return undefined;
    context.clearRect(0, 0, POSTER_PLOT, POSTER_PLOT);
    context.drawImage(heatMap(lab, plot), 0, 0, POSTER_PLOT, POSTER_PLOT);
    return small.toDataURL();
  };
  return posterOf({ graph, pruned, operands, title: titleOf(lab), plotOf: operands && plotOf });
}

/** What the graph on show is called for those who do not see it. @param {Lab} lab */
function titleOf({ view }) {
  const answer = view?.graph.answers[0];
  return `Attribution graph of “${view?.prompt ?? ""}”${answer ? `, answer ${answer.name}` : ""}`;
}
