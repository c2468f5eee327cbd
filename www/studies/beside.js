// Two lists of chances beside each other: the model’s, and those of Bayes’ rule.

import { html } from "../lab/dom.js";
import { percent } from "../lab/format.js";
import { bar } from "./measures.js";

const MOST_ROWS = 4; // told of each list

/** The most probable first. @typedef {{ name: string, chance: number }[]} Chances */

/**
 * Fills a table with what either list has most of.
 * @param {HTMLElement} table
 * @param {Chances | undefined} model nothing: it is not known yet @param {Chances} bayes
 */
export function drawBeside(table, model, bayes) {
  const names = new Set([model ?? [], bayes].flatMap((list) => list.slice(0, MOST_ROWS).map(({ name }) => name)));
  const of = (/** @type {Chances | undefined} */ list, /** @type {string} */ name) => list?.find((each) => each.name === name)?.chance;
  const larger = (/** @type {string} */ name) => Math.max(of(model, name) ?? 0, of(bayes, name) ?? 0);
  /** @param {number | undefined} share nothing: it is less than what is listed @param {string} tone */
  const cell = (share, tone) => html("td", {}, bar(share ?? 0, share === undefined ? "not listed" : percent(share), tone));
  const rows = [...names]
    .sort((a, b) => larger(b) - larger(a))
    .map((name) =>
      html(
        "tr",
        {},
        html("th", { scope: "row" }, name),
        model ? cell(of(model, name), "live") : html("td", {}, bar(0, "…")),
        cell(of(bayes, name), "bayes"),
      ),
    );
  table.querySelector("tbody")?.replaceChildren(...rows);
}
