// The matrix of a head's score as a table: a source at the query a row, a source at the key a column, a sum over pairs in colours and numbers.

/** @import { Lab } from "../lab.js" */
/** @import { Matrix } from "./pairs.js" */

import { html } from "../dom.js";
import { nameOf, placeName, signed } from "../format.js";
import { keyed } from "../keyed.js";
import { keyOfNode } from "../steer/steering.js";
import { thumb } from "../thumb.js";

const STRONGEST = 48; // % of its colour that the largest cell has: numbers stay legible on it
const NAMES = { [-1]: "Position embeddings", [-2]: "Biases" };

/** @param {Lab} lab @param {number} source */
function known(lab, source) {
  const { graph } = /** @type {NonNullable<Lab["view"]>} */ (lab.view);
  if (source < 0) return { name: NAMES[/** @type {-1 | -2} */ (source)], place: "", id: NAMES[/** @type {-1 | -2} */ (source)] };
  return { name: lab.nameOf(source), place: placeName(graph, source), id: graph.id[source], key: keyOfNode(graph, source) };
}

/**
 * Makes a table show a matrix.
 * @param {Lab} lab @param {HTMLTableElement} table with a caption @param {Matrix} matrix @param {{ query: string, key: string }} at
 */
export function showMatrix(lab, table, matrix, at) {
  const { rows, columns, cells } = matrix;
  const head = table.tHead ?? table.createTHead();
  const body = table.tBodies[0] ?? table.createTBody();
  const most = Math.max(...cells.flat().map((part) => Math.abs(part ?? 0)));
  const heads = columns.map((source) => lookOf(lab, source)).join("|");
  keyed(head, [0], {
    key: () => 0,
    look: () => `${at.query}|${at.key}|${heads}`,
    make: () =>
      html(
        "tr",
        {},
        html("td", { class: "corner" }, html("span", {}, `${at.key} →`), html("span", {}, `${at.query} ↓`)),
        ...columns.map((source) => header(lab, source, "col")),
      ),
  });
  keyed(body, rows, {
    key: (source) => source,
    look: (source) => [lookOf(lab, source), most, ...columns, ...cells[rows.indexOf(source)]].join("|"),
    make: (source) => {
      const row = cells[rows.indexOf(source)];
      return html("tr", {}, header(lab, source, "row"), ...row.map((part) => cell(part, most)));
    },
  });
}

/** @param {number | undefined} part @param {number} most */
function cell(part, most) {
  if (part === undefined) return html("td", { title: "Too small to be told by itself: it is among all others" }, "·");
  const td = html("td", { class: part < 0 ? "negative" : "positive" }, signed(part));
  td.style.setProperty("--share", `${((STRONGEST * Math.abs(part)) / most).toFixed(1)}%`);
  return td;
}

/** What a header is made from. @param {Lab} lab @param {number} source */
function lookOf(lab, source) {
  const { name, place, key } = known(lab, source);
  const plotted = source >= 0 && lab.plot(source) !== undefined;
  return [source, name, place, plotted, lab.colours, key && lab.address.steering.set[key], lab.selected === source].join(" ");
}

/** @param {Lab} lab @param {number} source @param {"row" | "col"} scope */
function header(lab, source, scope) {
  const { name, place, id, key } = known(lab, source);
  const { graph } = /** @type {NonNullable<Lab["view"]>} */ (lab.view);
  const th = html("th", { scope, "data-source": id });
  if (source < 0) {
    th.append(html("span", { class: "name" }, name));
    return th;
  }
  const plot = thumb(lab, source, undefined, false);
  const short = html("span", {}, name);
  const title = `${name}, ${place}`;
  const choose = html(
    "button",
    { type: "button", class: "name", title: name === nameOf(graph, source) ? title : `${title}: ${nameOf(graph, source)}` },
    short,
    html("small", {}, place),
  );
  choose.setAttribute("aria-pressed", String(lab.selected === source));
  choose.addEventListener("click", () => lab.select(lab.selected === source ? undefined : source));
  th.append(choose, ...(plot ? [plot] : []));
  if (key === undefined) return th;
  const now = lab.address.steering.set[key];
  const off = html(
    "button",
    {
      type: "button",
      class: "off",
      "aria-pressed": String(now === "x0"),
      "aria-label": `Off: ${name}, ${place}`,
      title: "Steer: take away what it writes",
    },
    "Off",
  );
  off.addEventListener("click", () => lab.steerTo([key], now === "x0" ? undefined : "x0"));
  th.append(off);
  return th;
}
