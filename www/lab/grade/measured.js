// What else was measured: influence beside effects, errors, how far perturbations travel, and second opinions.

/** @import { Lab } from "../lab.js" */
/** @import { Grade } from "../engine-api.js" */

import { html, term } from "../dom.js";
import { counted, percent, visible } from "../format.js";
import { TOKEN } from "../kinds.js";
import { scatter } from "../scatter.js";
import { RUNGS } from "./ladder.js";
import { called, figureOf, nameOf, ofFirst, pick } from "./names.js";
import { toldOtherwise } from "./otherwise.js";

/** Influence against divergence, by rank. @param {Lab} lab @param {Grade} grade */
export function influence(lab, grade) {
  // From the lower left to the upper right, with the middle rank in the middle.
  const middle = (grade.features.length + 1) / 2;
  const [x, y] = [grade.features.map((each) => each.influence_rank - middle), grade.features.map((each) => each.divergence_rank - middle)];
  const [all, kept] = ["influence/all", "influence/kept"].map((id) => figureOf(grade, id));
  return html(
    "section",
    {},
    html("h3", {}, "Influence (across) and ", term("KL", "effect of switching off"), " (up), by rank"),
    html(
      "p",
      { class: "numbers" },
      html("span", {}, html("i", {}, "ρ"), ` ${all?.toFixed(2) ?? "–"} of all`),
      html("span", {}, html("i", {}, "ρ"), ` ${kept?.toFixed(2) ?? "–"} of those on show`),
    ),
    scatter(x, y, {
      name: "Ranks of influence and of the divergence of switching off",
      strong: (i) => grade.features[i].kept,
      read: (i) =>
        `${nameOf(lab, grade, i)}: influence ${grade.features[i].influence.toPrecision(2)}, KL ` +
        `${grade.features[i].divergence.toPrecision(2)}`,
      rest: "dark: kept by pruning",
      pick: (i) => pick(lab, grade, i),
    }),
  );
}

/** Where errors come in: layers up, tokens across. @param {Lab} lab @param {Grade} grade */
export function errors(lab, grade) {
  const tokens = lab.view?.graph.tokens ?? [];
  const { shares, all } = grade.errors;
  const largest = Math.max(...shares.flat(), 1e-9);
  // The tokens where errors are; a vignette has too many to name them all.
  const columns = tokens
    .map((_, i) => i)
    .filter((i) => tokens.length <= 12 || shares.some((row) => row[i] > 0.02 * largest))
    .slice(-24);
  const rows = shares.map((row, layer) => {
    const cells = columns.map((i) => {
      const cell = html("td", { title: `layer ${layer}, “${visible(tokens[i])}”: ${percent(row[i])} of all influence` });
      cell.style.setProperty("--share", `${(100 * row[i]) / largest}%`);
      return cell;
    });
    return html(
      "tr",
      {},
      html("th", { scope: "row" }, `L${layer}`),
      ...cells,
      html("td", { class: "sum" }, percent((figureOf(grade, `errors/layer/${layer}`) ?? 0) / 100)),
    );
  });
  return html(
    "section",
    {},
    html("h3", {}, "Influence through ", term("error", "errors"), html("small", {}, `${percent(all)} in all`)),
    html(
      "table",
      { class: "errors" },
      html(
        "tbody",
        {},
        ...rows.reverse(),
        html(
          "tr",
          { class: "tokens-of" },
          html("td", {}),
          ...columns.map((i) => html("th", { scope: "col" }, html("span", {}, visible(tokens[i])))),
          html("td", {}),
        ),
      ),
    ),
  );
}

/** @param {Grade} grade */
export function travels(grade) {
  const rungs = /** @type {const} */ (["mlps", "everything"]);
  const distances = [...new Set(grade.travels.map((each) => each.layers_on))];
  const find = (/** @type {string} */ rung, /** @type {number} */ on) =>
    grade.travels.find((each) => each.rung === rung && each.layers_on === on);
  return html(
    "section",
    {},
    html("h3", {}, "A ", term("travels", "perturbation"), " some layers on"),
    html(
      "table",
      { class: "ladder" },
      html(
        "thead",
        {},
        html(
          "tr",
          {},
          html("td", {}),
          ...rungs.map((rung) => html("th", { scope: "col" }, term(RUNGS[rung]), html("small", {}, "cosine, error"))),
        ),
      ),
      html(
        "tbody",
        {},
        ...distances.map((on) =>
          html(
            "tr",
            {},
            html("th", { scope: "row" }, `${on} on`),
            ...rungs.map((rung) =>
              html("td", {}, `${find(rung, on)?.cosine.toFixed(2) ?? "–"}, ${find(rung, on)?.error.toFixed(2) ?? "–"}`),
            ),
          ),
        ),
      ),
    ),
  );
}

/** A token, as a button that leads to its node. @param {Lab} lab @param {number} position */
function tokenAt(lab, position) {
  const { graph } = /** @type {NonNullable<Lab["view"]>} */ (lab.view);
  const button = html("button", { type: "button", class: "quiet" }, visible(graph.tokens[position]));
  button.addEventListener("click", () => {
    lab.showGrade(false);
    lab.select(graph.kind.findIndex((kind, node) => kind === TOKEN && graph.position[node] === position));
  });
  return button;
}

/** @param {Lab} lab @param {Grade} grade */
export function second(lab, grade) {
  const { second: other, replaced } = grade;
  const pairs = [["Every MLP replaced", `${called(lab, replaced.token)}: ${ofFirst(lab, replaced.token)}${percent(replaced.probability)}`]];
  /** @type {(Node | string)[][]} */
  const rows = pairs;
  if (other) {
    rows.push(
      [
        other.per_layer ? "Per-layer transcoders" : "Cross-layer transcoder",
        `${counted(other.features, "feature")}, replacement ${other.replacement.toFixed(3)}`,
      ],
      ["Edges on a path", `${other.path_lengths[0].toFixed(2)} here, ${other.path_lengths[1].toFixed(2)} there`],
      [term("agreement", "Agreement"), other.agreement === undefined ? "–" : `r ${other.agreement.toFixed(2)}`],
      [term("paths", "Paths told alike"), `${percent(other.paths.agreement)} of the influence`],
    );
    const tokens = toldOtherwise(lab).map((position) => tokenAt(lab, position));
    if (tokens.length > 0) rows.push(["Told otherwise", html("span", { class: "told" }, ...tokens)]);
  }
  return html(
    "section",
    {},
    html("h3", {}, "Second opinions"),
    html("dl", {}, ...rows.map(([name, value]) => html("div", {}, html("dt", {}, name), html("dd", {}, value)))),
  );
}
