// Study 2: the table of features by kinds of text, each share a circle that one can press.

/** @import { Feature } from "./contexts.js" */

import { html } from "../lab/dom.js";
import { percent } from "../lab/format.js";
import { column, contexts, featureAt, features, nameOf, rounded, within } from "./contexts.js";
import { choices } from "./figures.js";

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
 * Draws it, and draws it anew when other features are wanted.
 * @param {{ chosen: () => { feature: Feature, context: number }, choose: (feature: Feature, context: number) => void, drawn: () => void }} how
 *   `drawn`: there are other rows, whose plots are to be drawn
 */
export function mountTable({ chosen, choose, drawn }) {
  const table = /** @type {HTMLTableElement} */ (document.getElementById("shares"));
  const more = /** @type {HTMLButtonElement} */ (document.getElementById("more"));
  let [kind, all] = [0, false];
  /** Small plots of the rows, by feature. @type {Map<string, HTMLCanvasElement>} */ let thumbs = new Map();

  function draw() {
    const wanted = features.filter(KINDS[kind][1]);
    const rows = all ? wanted : wanted.slice(0, MOST);
    more.hidden = wanted.length <= MOST;
    more.textContent = all ? `The first ${MOST}` : `All ${wanted.length}`;
    thumbs = new Map();
    const head = html(
      "tr",
      {},
      html("td", {}),
      ...contexts.map((it) => html("th", { scope: "col", title: `${it.title}: ${it.example}` }, html("span", {}, column(it)))),
    );
    table.replaceChildren(
      html("caption", {}, `${KINDS[kind][0]}: how often each fires in every kind of text`),
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
          title: `${to.title}: fires on ${percent(fires)} of its sums, and on ${percent(strays)} of the others`,
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
