// The model's card: what it is, whether it may be relied on, how large it is, and everything that was measured.

/** @import { Lab } from "./lab.js" */
/** @import { EngineDescription } from "./engine-api.js" */
/** @import { Manifest, Quality, Transcoder } from "./messages.js" */

import { linkOf } from "./delivery.js";
import { html } from "./dom.js";
import { megabytes } from "./format.js";
import { folderOf, nameOfKind, OWN, transcodersOf } from "./model-files.js";

/** Of figures that are held to nothing, so many are shown at once in a group. */
const MOST_PLAIN = 16;

/** Measures that count cases. The others are means over them. */
const COUNTS = /^(right|replaced|explanations|conditions|dead)/;

/** @param {Lab} lab */
export function mountCard(lab) {
  const body = lab.part("card-body");
  const architecture = html("dd");

  lab.effect(() => {
    const { manifest } = lab;
    if (!manifest) return;
    body.replaceChildren(
      html("p", { class: "lead" }, html("strong", {}, manifest.title), " ", manifest.description),
      ...(manifest.notice ? [html("p", { class: "caution" }, manifest.notice)] : []),
      facts(lab.model, manifest, architecture),
      ...quality(manifest),
    );
  });
  lab.effect(() => {
    if (lab.engine) architecture.textContent = sizes(lab.engine.runners[0].description);
  });
}

/** @param {string} model @param {Manifest} manifest @param {HTMLElement} architecture */
function facts(model, { files, licence }, architecture) {
  const sum = (/** @type {(path: string) => boolean} */ wanted) =>
    megabytes(files.reduce((all, { path, bytes }) => all + (wanted(path) ? bytes : 0), 0));
  const kinds = transcodersOf({ files });
  const parts = [
    `model ${sum((path) => OWN.test(path))}`,
    ...kinds.map((kind) => `${nameOfKind(kind).toLowerCase()} ${sum((path) => path.startsWith(folderOf(kind)))}`),
  ];
  const file = files.some(({ path }) => path === "LICENSE");
  const terms = html("a", {}, licence);
  void linkOf(`models/${model}/LICENSE`).then((href) => (terms.href = href));
  return html(
    "dl",
    {},
    html("div", {}, html("dt", {}, "Architecture"), architecture),
    html("div", {}, html("dt", {}, "Download"), html("dd", {}, parts.join(", "))),
    html("div", {}, html("dt", {}, "Licence"), html("dd", {}, file ? terms : licence)),
  );
}

/** @param {EngineDescription} it */
function sizes({ layers, width, heads, vocabulary, context, features_per_layer }) {
  const n = (/** @type {number} */ value) => value.toLocaleString("en");
  return (
    `GPT-2, ${layers} layers, ${heads} heads, width ${n(width)}, ${n(vocabulary)} tokens in the ` +
    `vocabulary, context ${n(context)}; the transcoder in use has ${n(features_per_layer)} features a ` +
    "layer"
  );
}

/** @param {Manifest} manifest */
function quality({ quality: all }) {
  if (all.length === 0) return [html("p", {}, "Nothing has been measured yet.")];
  const commands = [...new Set(all.map(({ how }) => how))];
  const aims = all.filter(({ target }) => target);
  const kinds = /** @type {const} */ (["cross-layer", "per-layer"]).filter((kind) => all.some(({ transcoder }) => transcoder === kind));
  const own = all.filter(({ transcoder }) => !transcoder);
  return [
    html("h3", {}, "What was measured"),
    html(
      "p",
      {},
      aims.length ? `${aims.filter(isMet).length} of ${aims.length} targets are met. ` : "",
      kinds.length > 1 ? "Targets of transcoders are for the cross-layer one. " : "",
      "Measured by ",
      ...commands.flatMap((command, i) => [i ? ", " : "", html("code", {}, command)]),
      ".",
    ),
    ...(own.length ? [table(own, [undefined])] : []),
    ...(kinds.length
      ? [
          table(
            all.filter(({ transcoder }) => transcoder),
            kinds,
          ),
        ]
      : []),
  ];
}

/**
 * A row a measure, under a heading for each group.
 * @param {Quality[]} figures
 * @param {(Transcoder | undefined)[]} columns whose figures; nothing: the model's own
 */
function table(figures, columns) {
  const heads = ["Measure", ...columns.map((kind) => (kind ? nameOfKind(kind) : "Model")), "Target"];
  const groups = Array.from(
    Map.groupBy(figures, ({ group }) => group),
    ([group, inGroup]) => {
      const rows = Array.from(Map.groupBy(inGroup, ({ measure }) => measure).values(), (row) => {
        const aim = row.find((each) => each.target);
        const cells = columns.map((column) =>
          figure(
            row.find(({ transcoder }) => transcoder === column),
            aim?.target,
          ),
        );
        return html("tr", { class: aim ? "" : "plain" }, html("th", { scope: "row" }, row[0].name), ...cells, target(aim));
      });
      const plain = rows.filter((row) => row.className === "plain").length;
      const body = html("tbody", {});
      const more = plain > MOST_PLAIN ? unfold(body, rows.length) : undefined;
      if (group) body.append(html("tr", {}, html("th", { scope: "rowgroup", colspan: heads.length }, group, more)));
      body.append(...rows);
      return body;
    },
  );
  return html("table", {}, html("thead", {}, html("tr", {}, ...heads.map((head) => html("th", { scope: "col" }, head)))), ...groups);
}

/** A button that shows all of a long group, or only what is held to a target. @param {HTMLElement} body @param {number} count */
function unfold(body, count) {
  const button = html("button", { type: "button", class: "quiet" });
  const show = (/** @type {boolean} */ folded) => {
    body.classList.toggle("folded", folded);
    button.textContent = folded ? `Show all ${count}` : "Show fewer";
    button.setAttribute("aria-expanded", String(!folded));
  };
  button.addEventListener("click", () => show(!body.classList.contains("folded")));
  show(true);
  return button;
}

/** @param {Quality | undefined} it @param {Quality["target"]} target that of its row */
function figure(it, target) {
  if (!it) return html("td", {}, "–");
  const { value, of, unit, measure } = it;
  const digits = digitsOf({ ...it, target });
  const cases = of?.toLocaleString("en");
  const part =
    COUNTS.test(measure) && unit === "%" ? `${Math.round((value * (of ?? 0)) / 100).toLocaleString("en")} of ${cases}` : `n = ${cases}`;
  return html("td", {}, `${value.toFixed(digits)}${suffix(unit)}`, ...(of === undefined ? [] : [html("small", {}, part)]));
}

/** @param {Quality | undefined} it */
function target(it) {
  if (!it?.target) return html("td");
  const met = isMet(it);
  const aim = it.target;
  const text = "between" in aim ? aim.between.join(" to ") : "at_least" in aim ? `≥ ${aim.at_least}` : `≤ ${aim.at_most}`;
  return html("td", { class: met ? "met" : "missed" }, text + suffix(it.unit), html("small", {}, met ? "✓ met" : "✗ missed"));
}

/** @param {string} unit */
function suffix(unit) {
  return unit === "%" || unit === "MB" ? ` ${unit}` : "";
}

/** @param {Pick<Quality, "value" | "target">} it */
function isMet({ value, target: aim }) {
  if (!aim) return true;
  if ("between" in aim) return value >= aim.between[0] && value <= aim.between[1];
  return "at_least" in aim ? value >= aim.at_least : value <= aim.at_most;
}

/**
 * Few digits, but enough that the figure does not look as if it met a target that it misses, nor whole where it is not.
 * @param {Quality} it
 */
function digitsOf(it) {
  let digits = it.unit === "" ? 3 : it.unit === "%" ? 2 : 1;
  const looksRight = () => {
    const value = Number(it.value.toFixed(digits));
    return isMet({ ...it, value }) === isMet(it) && (value === 100) === (it.value === 100) && (value === 0) === (it.value === 0);
  };
  if (it.unit !== "" && Number.isInteger(it.value)) return 0;
  while (digits < 4 && !looksRight()) digits += 1;
  return digits;
}
