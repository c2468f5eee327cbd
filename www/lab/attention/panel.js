// Why a head looks where it looks: its pattern at a token, and a score of it, or the difference of two, in pairs of what stands at both ends.

/** @import { Lab } from "../lab.js" */
/** @import { HeadAsked, Looked } from "../messages.js" */
/** @import { View } from "../view.js" */

import { html, onResize, stopWhereItScrolls, term } from "../dom.js";
import { counted, percent, signed, visible } from "../format.js";
import { keyed } from "../keyed.js";
import { settingsFor } from "../steer/steering.js";
import { showMatrix } from "./matrix.js";
import { fitted, matrixOf, mostLookedAt, readHead, writeHead } from "./pairs.js";

const PAIRS = 20_000; // pairs that come one by one; what the matrix has no place for is summed
const ROWS = 9;
const COLUMNS = { most: 9, first: 9.5, each: 4.3 }; // rem: of the names, and of a column
const BARS = 16; // tokens of a long text in the pattern

/** @param {Lab} lab */
export function mountAttention(lab) {
  const panel = lab.part("attention");
  const begin = lab.part("attention-begin");
  const close = html("button", { type: "button", class: "quiet" }, "Close");
  const pick = (/** @type {string} */ name, /** @type {(now: HeadAsked, value: string) => HeadAsked} */ change) => {
    const select = html("select", { "aria-label": name });
    select.addEventListener("change", () => asked && (lab.address.head = writeHead(change(now(), select.value))));
    return select;
  };
  const chosen = (/** @type {string} */ value) => (value === "" ? undefined : Number(value));
  const which = pick("Head", (last, value) => {
    const [layer, head] = value.split(".").map(Number);
    return { ...last, layer, head };
  });
  const query = pick("Query token", (last, value) => ({ ...last, query: Number(value) }));
  const key = pick("Key token", (last, value) => ({ ...last, key: Number(value) }));
  const minus = pick("Other key token", (last, value) => ({ ...last, minus: chosen(value) }));
  const pattern = html("ol", { class: "pattern", "aria-label": "Pattern: the tokens that the head looks at" });
  const others = html("p", { class: "note" });
  const caption = html("caption");
  const table = html("table", {}, caption);
  const pane = stopWhereItScrolls(html("div", { class: "matrix", role: "region", "aria-label": "Pairs" }, table));
  const sums = html("dl", { class: "sums" });
  const said = html("p", { class: "note", role: "status" });
  const body = html("div", {}, pattern, others, pane, sums, html("p", { class: "note" }, ...notes()));
  panel.append(
    html("header", {}, html("h2", {}, "Why a head looks where it looks"), close),
    html(
      "div",
      { class: "question" },
      html("label", {}, term("head", "Head"), which),
      html("label", {}, term("query", "at"), query),
      html("label", {}, term("key", "looks at"), key),
      html("label", {}, "and not at", minus),
    ),
    said,
    body,
  );

  /** As it can be asked of the graph on show. @type {HeadAsked | undefined} */ let asked;
  /** What is asked, with the key that was meant where none was named. @returns {HeadAsked} */
  const now = () => {
    const last = /** @type {HeadAsked} */ (asked);
    return { ...last, key: last.key ?? answered()?.key };
  };
  /** The answer, if it is to what is asked now. @returns {Looked | undefined} */
  function answered() {
    const { view } = lab;
    const { looked } = view ?? {};
    return looked && asked && view && asText(looked) === asText({ asked, steering: setIn(view) }) ? looked : undefined;
  }

  /** What is set in a graph. @param {View} view */
  const setIn = (view) => settingsFor(lab.address.steering, view.graph.tokens.length);

  begin.addEventListener("click", () => {
    if (!panel.hidden) return end();
    const { graph } = lab.view ?? {};
    if (lab.address.compare !== undefined) lab.compare(undefined);
    lab.showGrade(false);
    if (graph) lab.address.head ??= writeHead({ layer: graph.layers - 1, head: 0, query: graph.tokens.length - 1 });
    which.focus();
  });
  function end() {
    lab.address.head = undefined;
    begin.focus();
  }
  close.addEventListener("click", end);
  panel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation(); // the selected node stays
    end();
  });

  function ask() {
    const { view, address } = lab;
    const wanted = lab.isLive && !address.grade && address.compare === undefined ? readHead(address.head) : undefined;
    const opens = panel.hidden && wanted !== undefined;
    panel.hidden = !wanted;
    begin.setAttribute("aria-pressed", String(wanted !== undefined));
    lab.part("screen").classList.toggle("attending", wanted !== undefined);
    asked = wanted && view ? fitted(wanted, view.graph.tokens.length) : undefined;
    if (!asked) return;
    panel.classList.toggle("waiting", !answered());
    if (view && !answered()) lab.say({ type: "look", request: view.request, asked, steering: setIn(view), most: PAIRS });
    if (opens) panel.scrollIntoView?.({ block: "nearest" });
  }

  function show() {
    const looked = answered();
    const { graph } = lab.view ?? {};
    if (!graph || !looked || panel.hidden) return;
    panel.classList.remove("waiting");
    const { layer, head, query: at } = looked.asked;
    const name = `${layer}.${head}`;
    const token = (/** @type {number} */ position) => visible(graph.tokens[position]);
    const tokens = graph.tokens.map((_, i) => ({ value: String(i), text: `${token(i)} (${i})` }));
    const all = Array.from({ length: graph.layers * looked.heads }, (_, i) => `${Math.floor(i / looked.heads)}.${i % looked.heads}`);
    choices(
      which,
      all.map((value) => ({ value, text: value })),
      name,
    );
    choices(query, tokens, String(at));
    choices(key, tokens.slice(0, at + 1), String(looked.key));
    choices(
      minus,
      [{ value: "", text: "–" }, ...tokens.slice(0, at + 1).filter((_, i) => i !== looked.key)],
      looked.minus === undefined ? "" : String(looked.minus),
    );
    const { found } = looked;
    body.hidden = !found;
    said.textContent = found
      ? ""
      : `There is no head ${name}: this model has ${graph.layers} layers of ${looked.heads} heads, counted from 0. Choose another.`;
    if (!found) return;
    showPattern(looked, found.pattern, token);
    const rem = lab.rem;
    const room = Math.floor((pane.clientWidth / rem - COLUMNS.first) / COLUMNS.each);
    const matrix = matrixOf(found, ROWS, Math.max(2, Math.min(COLUMNS.most, room)));
    lab.worker.wantPlots([...matrix.rows, ...matrix.columns].filter((source) => source >= 0));
    const place = (/** @type {number} */ position) => `“${token(position)}” (${position})`;
    const score =
      looked.minus === undefined ? `Score of ${place(looked.key)}` : `Score of ${place(looked.key)} less that of ${place(looked.minus)}`;
    caption.textContent = `${score}, by pairs: what stands at the query, what at the key, and what both together add.`;
    const less = looked.minus === undefined ? "" : ` less “${token(looked.minus)}”`;
    showMatrix(lab, table, matrix, { query: `query “${token(at)}”`, key: `key “${token(looked.key)}”${less}` });
    const lines = [
      { name: "Pairs in the table", value: matrix.shown },
      { name: "All others", value: matrix.rest },
      { name: score, value: found.score },
    ];
    keyed(sums, lines, {
      key: (_, i) => i,
      look: (line) => `${line.name} ${line.value}`,
      make: (line) => html("div", {}, html("dt", {}, line.name), html("dd", {}, signed(line.value))),
    });
  }

  /** @param {Looked} looked @param {Float32Array} shares @param {(position: number) => string} token */
  function showPattern({ asked: { query: at }, key: to, minus: not, steered }, shares, token) {
    const positions = mostLookedAt(shares, at, BARS, [to, not]);
    const left = at + 1 - positions.length;
    const sum = shares.reduce((all, share, i) => all + (positions.includes(i) ? 0 : share), 0);
    others.textContent =
      (left > 0 ? `${counted(left, "other token")} ${left === 1 ? "has" : "have"} ${percent(sum)}${left === 1 ? "" : " together"}. ` : "") +
      (steered ? "The second bar is the pattern with what is set in the steering panel." : "");
    keyed(pattern, positions, {
      key: (position) => position,
      look: (position) => [token(position), shares[position], steered?.[position], position === to, position === not].join(" "),
      make: (position) => {
        const weights = [shares[position], ...(steered ? [steered[position]] : [])];
        const bars = weights.map((weight) => {
          const bar = html("i");
          bar.style.height = `${100 * weight}%`;
          return bar;
        });
        const button = html(
          "button",
          {
            type: "button",
            "aria-pressed": String(position === to),
            class: position === not ? "not" : undefined,
            title: `Why this token: ${token(position)} at ${position}`,
          },
          html("span", { class: "bar", "aria-hidden": "true" }, ...bars),
          ...weights.map((weight, i) =>
            html("span", { class: i === 0 ? "share" : "share steered" }, i === 0 ? percent(weight) : `→ ${percent(weight)}`),
          ),
          html("span", { class: "token" }, token(position)),
        );
        button.addEventListener("click", () => (lab.address.head = writeHead({ ...now(), key: position })));
        return html("li", {}, button);
      },
    });
  }

  lab.watch(() => {
    const { head, grade, compare, prompt, steering } = lab.address;
    return [lab.view, head, grade, compare, prompt, steering];
  }, ask);
  const { features, plots } = lab;
  lab.watch(
    () => [
      ...[lab.view?.looked, lab.address.head, lab.address.grade, lab.address.compare, lab.address.steering, lab.selected],
      ...[plots.arrivals, features.names, lab.arrangement, lab.colours],
    ],
    () => lab.whenReleased(panel, show),
  );
  onResize(panel, () => lab.whenReleased(panel, show), lab.lifetime);
}

/** @param {Pick<Looked, "asked" | "steering">} question */
const asText = ({ asked, steering }) => JSON.stringify([asked, steering]);

/** What is true of the numbers, and what they leave open. */
function notes() {
  return [
    "A score is the product of query and key before the softmax, which makes the pattern of the scores of all tokens; between two tokens " +
      "only the difference of their scores counts. The pairs add up to it exactly on this prompt. What lower layers’ attention brought to " +
      "a token counts for where it came from. Taken as given are the patterns of those layers, norms’ denominators and how active each " +
      "feature is; what is no node of this graph is among all others. ",
    "Off sets a feature to zero in the steering panel: the model answers anew, and the pattern shows where the head looks then. The table " +
      "does not foretell that: norms and other features respond.",
  ];
}

/** @param {HTMLSelectElement} select @param {{ value: string, text: string }[]} options @param {string} value */
function choices(select, options, value) {
  keyed(select, options, {
    key: (option) => option.value,
    look: (option) => option.text,
    make: (option) => html("option", { value: option.value }, option.text),
  });
  select.value = value;
}
