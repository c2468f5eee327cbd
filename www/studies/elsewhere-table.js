// Study 2: the table of features by kinds of text, each share a circle that one can press.

/** @import { Feature } from "./contexts.js" */

import { html } from "../lab/dom.js";
import { column, contexts, featureAt, features, nameOf, rounded, within } from "./contexts.js";
import { choices } from "./figures.js";
import { shareText } from "./measures.js";

const MOST = 10; // rows at first
/** What the table can show. @type {[string, (feature: Feature) => boolean][]} */
const KINDS = [
  ["Lookups of last digits", ({ lookup, part }) => lookup && part.endsWith("ones")],
  ["Lookups of sizes", ({ lookup, part }) => lookup && part.endsWith("magnitude")],
  ["Last digit of the sum", ({ lookup, part }) => !lookup && part.endsWith("ones")],
  ["Size of the sum", ({ lookup, part }) => !lookup && part.endsWith("magnitude")],
  ["All", () => true],
];

/**
 * As many as stand there at first, in the order of all: those that are named, and of the rest some at equal steps, so that the first rows
 * show what all of them do.
 * @param {Feature[]} wanted @param {string[]} named
 */
function some(wanted, named) {
  if (wanted.length <= MOST) return wanted;
  const [own, rest] = [true, false].map((isNamed) => wanted.filter((it) => named.includes(nameOf(it)) === isNamed));
  const places = Array.from({ length: MOST - own.length }, (_, i) => i);
  const step = (rest.length - 1) / (places.length - 1);
  const shown = new Set([...own, ...places.map((i) => rest[Math.round(i * step)])]);
  return wanted.filter((it) => shown.has(it));
}

/**
 * Draws it, and draws it anew when other features are wanted.
 * @param {{ chosen: () => { feature: Feature, context: number }, choose: (feature: Feature, context: number) => void, drawn: () => void, first: string[] }} how
 *   `drawn`: there are other rows, whose plots are to be drawn; `first`: names of features that are among the first rows
 */
export function mountTable({ chosen, choose, drawn, first }) {
  const table = /** @type {HTMLTableElement} */ (document.getElementById("shares"));
  const more = /** @type {HTMLButtonElement} */ (document.getElementById("more"));
  let [kind, all] = [0, false];
  /** Small plots of the rows, by feature. @type {Map<string, HTMLCanvasElement>} */ let thumbs = new Map();

  function draw() {
    const wanted = features.filter(KINDS[kind][1]);
    const rows = all ? wanted : some(wanted, first);
    more.hidden = wanted.length <= MOST;
    more.textContent = all ? `${MOST} of them` : `All ${wanted.length}`;
    thumbs = new Map();
    const head = html(
      "tr",
      {},
      html("td", {}),
      ...contexts.map((it) => html("th", { scope: "col", title: `${it.title}: ${it.example}` }, html("span", {}, column(it)))),
    );
    table.replaceChildren(
      html(
        "caption",
        {},
        `${KINDS[kind][0]}: of the sums on which each fires in calc: a+b=, the share on which it fires in each kind of text, too`,
      ),
      html("thead", {}, head),
      html("tbody", {}, ...rows.map(rowOf)),
    );
    mark();
    drawn();
  }

  /** @param {Feature} it */
  function rowOf(it) {
    const thumb = html("canvas", { width: 64, height: 64, "aria-hidden": "true" });
    thumbs.set(nameOf(it), thumb);
    const cells = contexts.map((to, i) => {
      const [fires, strays] = [it.fires[i], it.strays[i]];
      const button = html(
        "button",
        {
          type: "button",
          "data-feature": nameOf(it),
          "data-context": i,
          "aria-label": `“${it.words}”, ${within(to)}: ${rounded(fires)}`,
          title: `${to.title}: fires on ${shareText(fires)} of its sums, and on ${shareText(strays)} of the others`,
        },
        html("i", {}),
        html("span", {}, rounded(fires)),
      );
      button.style.setProperty("--share", String(fires));
      return html("td", {}, button);
    });
    return html("tr", {}, html("th", { scope: "row" }, thumb, html("span", {}, it.words)), ...cells);
  }

  /** Which circle is chosen. */
  function mark() {
    const { feature, context } = chosen();
    for (const button of table.querySelectorAll("button"))
      button.setAttribute("aria-pressed", String(button.dataset.feature === nameOf(feature) && Number(button.dataset.context) === context));
  }

  table.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("button") : null;
    if (!button) return;
    choose(featureAt(button.dataset.feature ?? ""), Number(button.dataset.context));
    document.getElementById("there-figure")?.scrollIntoView({ block: "nearest" });
  });
  more.addEventListener("click", () => {
    all = !all;
    draw();
  });
  choices(
    "which",
    KINDS.map(([name]) => name),
    (i) => {
      [kind, all] = [i, false];
      draw();
    },
  );
  return { draw, mark, thumbs: () => thumbs };
}
