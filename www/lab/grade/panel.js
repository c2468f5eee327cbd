// The grade: what can be trusted in this graph and what cannot, and the experiments that say so.

/** @import { Lab } from "../lab.js" */
/** @import { Grade, Trial } from "../engine-api.js" */

import { html } from "../dom.js";
import { answerText, counted, explainedPart, percent, visible } from "../format.js";
import { TOKEN } from "../kinds.js";
import { limitOf, scatter } from "../scatter.js";
import { term } from "../terms.js";
import { RUNGS } from "./ladder.js";
import { toldOtherwise } from "./otherwise.js";

const MARKS = { yes: "✓", partly: "~", no: "✗" };
const WORDS = { yes: "Holds", partly: "Roughly", no: "Does not hold" };

/** What the scatters show. @type {{ about: "difference" | "answer", share: number }} */
const choice = { about: "difference", share: 1 };

/** @param {Lab} lab */
export function mountGrade(lab) {
  const panel = lab.part("grade");
  const body = lab.part("grade-body");
  const begin = lab.part("grade-begin");
  const progress = lab.part("grade-progress");
  const bar = html("progress", { max: 1, "aria-label": "Experiments" });
  const said = html("span");
  const stop = html("button", { type: "button", class: "quiet" });
  progress.append(said, bar, stop);
  let stopped = false;

  begin.addEventListener("click", () => lab.showGrade(true));
  lab.part("grade-close").addEventListener("click", () => close());
  panel.addEventListener("keydown", (event) => event.key === "Escape" && close());
  stop.addEventListener("click", () => {
    stopped = !stopped;
    if (stopped) lab.worker.stopGrading();
    else lab.worker.grade();
    name();
  });
  const name = () => (stop.textContent = stopped ? "Go on" : "Stop");

  function close() {
    lab.worker.stopGrading();
    lab.showGrade(false);
    begin.focus();
  }

  function show() {
    const on = lab.address.grade && lab.isLive;
    const opens = on && panel.hidden;
    panel.hidden = !on;
    lab.part("screen").classList.toggle("grading", on);
    if (!on) return;
    if (lab.graded) return tell();
    body.replaceChildren();
    progress.hidden = false;
    said.textContent = "Beginning…";
    bar.removeAttribute("value");
    stopped = false;
    name();
    lab.worker.grade();
    if (opens) panel.querySelector("button")?.scrollIntoView?.({ block: "nearest" });
  }

  function tell() {
    const { graded, view } = lab;
    if (!graded || !view || panel.hidden) return;
    progress.hidden = true;
    body.replaceChildren(...describe(lab, graded.grade, graded.seconds, tell));
  }

  lab.bus.on("grade", show);
  lab.bus.on("graph", show);
  lab.bus.on("graded", tell);
  lab.bus.on("grading", ({ done, total, downloading }) => {
    if (panel.hidden || lab.graded) return;
    progress.hidden = false;
    said.textContent = downloading ? "Asking the other kind of transcoder…" : `${done} of ${total} experiments`;
    if (downloading) bar.removeAttribute("value");
    else bar.value = done / Math.max(1, total);
  });
  for (const event of /** @type {const} */ (["theme", "labels", "plots", "answers"])) lab.bus.on(event, () => lab.whenReleased(body, tell));
  show();
}

/** @param {Lab} lab @param {Grade} grade @param {number} seconds @param {() => void} again */
function describe(lab, grade, seconds, again) {
  const tried =
    grade.features.length < grade.active_features
      ? `the ${grade.features.length} most influential of ${counted(grade.active_features, "active feature")}`
      : counted(grade.features.length, "active feature");
  return [
    findings(lab, grade),
    ladder(lab, grade, again),
    html("div", { class: "grade-more" }, influence(lab, grade), errors(lab, grade), travels(grade), second(lab, grade)),
    html(
      "p",
      { class: "note" },
      `Tried: ${tried}, each switched off and shrunk by 5 % on four rungs, in ${seconds.toFixed(1)} s. The ` +
        "command line does the same: attograph grade.",
    ),
  ];
}

/** @param {Lab} lab @param {Grade} grade */
function findings(lab, grade) {
  const items = grade.findings.map(({ trust, about, text }) => {
    const button = about === "target" && grade.better_target ? offer(lab, grade, grade.better_target) : undefined;
    return html(
      "li",
      { class: trust },
      html("span", { class: "sign", "aria-hidden": "true" }, MARKS[trust]),
      html("p", {}, html("span", { class: "for-readers" }, `${WORDS[trust]}: `), inFull(lab, grade, text), " ", button),
    );
  });
  return html("ul", { class: "findings", "aria-label": "Findings" }, ...items);
}

/**
 * A finding with its answers by their names: the engine says their first tokens.
 * @param {Lab} lab
 * @param {Grade} grade
 * @param {string} text
 */
function inFull(lab, { answer, runner_up: runnerUp, replaced }, text) {
  const difference = (/** @type {string[]} */ names) => names.join(" − ");
  const said = difference([answer, runnerUp].map((token) => token.trim()));
  return text
    .replaceAll(said, () => difference([answer, runnerUp].map((token) => called(lab, token))))
    .replace(`“${replaced.token.trim()}” (`, () => `“${called(lab, replaced.token)}” (${ofFirst(lab, replaced.token)}`);
}

/** A button that explains the better target. @param {Lab} lab @param {Grade} grade @param {NonNullable<Grade["better_target"]>} better */
function offer(lab, { answer, runner_up: runnerUp }, better) {
  const difference = better === "difference";
  const [first, second] = [called(lab, answer), called(lab, runnerUp)];
  const button = html("button", { type: "button", class: "quiet" }, difference ? `Explain ${first} − ${second}` : `Explain ${first} alone`);
  button.addEventListener("click", () => {
    lab.showGrade(false);
    lab.explain(difference ? { kind: "difference", token: answer, minus: runnerUp } : { kind: "tokens", tokens: [answer] });
  });
  return button;
}

/** What an answer is called. @param {Lab} lab @param {string} token its first */
function called({ view }, token) {
  return answerText(view?.graph ?? {}, { token });
}

/** What a probability of an answer's first token is said to be of, where the answer is longer. @param {Lab} lab @param {string} token */
function ofFirst({ view }, token) {
  return explainedPart(view?.graph ?? {}, [{ token }]) ? "first token " : "";
}

/** @param {Grade} grade @param {string} id */
function figureOf(grade, id) {
  return grade.figures.find((each) => each.id === id)?.value;
}

/** The four rungs, a scatter each. @param {Lab} lab @param {Grade} grade @param {() => void} again */
function ladder(lab, grade, again) {
  const trials = grade.trials.filter(({ share }) => Math.abs(share - choice.share) < 1e-6);
  const limit = limitOf(trials.flatMap((trial) => [trial[choice.about].predicted, trial[choice.about].measured]));
  const toggle = (/** @type {string} */ text, /** @type {boolean} */ on, /** @type {() => void} */ act) => {
    const button = html("button", { type: "button", class: "quiet", "aria-pressed": String(on) }, text);
    button.addEventListener("click", () => {
      act();
      again();
    });
    return button;
  };
  const [answer, runnerUp] = [called(lab, grade.answer), called(lab, grade.runner_up)];
  return html(
    "section",
    { class: "grade-ladder" },
    html(
      "header",
      {},
      html("h3", {}, "Predicted (across) and measured (up): every dot is a feature"),
      html(
        "span",
        { class: "toggles", role: "group", "aria-label": "Of what" },
        toggle(`${answer} − ${runnerUp}`, choice.about === "difference", () => (choice.about = "difference")),
        toggle(`logit of ${answer}`, choice.about === "answer", () => (choice.about = "answer")),
      ),
      html(
        "span",
        { class: "toggles", role: "group", "aria-label": "How much is taken away" },
        toggle("switched off", choice.share === 1, () => (choice.share = 1)),
        toggle("5 % less", choice.share !== 1, () => (choice.share = 0.05)),
      ),
    ),
    html("div", { class: "rungs" }, ...trials.map((trial) => rung(lab, grade, trial, limit))),
  );
}

/** @param {Lab} lab @param {Grade} grade @param {Trial} trial @param {number} limit */
function rung(lab, grade, trial, limit) {
  const { predicted, measured } = trial[choice.about];
  const figure = (/** @type {string} */ end) => figureOf(grade, `${trial.id}/${choice.about}${end}`);
  const [r, rank, slope, deviation] = ["", "/rank", "/slope", "/deviation"].map(figure);
  const words =
    deviation !== undefined
      ? [html("span", {}, `exact to ${deviation.toExponential(0)}`)]
      : r === undefined
        ? []
        : [
            html("span", {}, html("i", {}, "r"), ` ${r.toFixed(2)}`),
            html("span", { title: "Spearman’s rank correlation" }, html("i", {}, "ρ"), ` ${rank?.toFixed(2)}`),
            html("span", {}, term("slope"), ` ${slope?.toFixed(2)}`),
          ];
  const chart = scatter(predicted, measured, {
    name: `${RUNGS[trial.rung]}: predicted and measured changes${r === undefined ? "" : `, correlation ${r.toFixed(2)}`}`,
    limit,
    strong: (i) => grade.features[i].kept,
    say: (i) => nameOf(lab, grade, i),
    pick: (i) => pick(lab, grade, i),
  });
  return html(
    "figure",
    {},
    html("figcaption", {}, html("strong", {}, term(RUNGS[trial.rung])), html("span", { class: "numbers" }, ...words)),
    chart,
  );
}

/** @param {Lab} lab @param {Grade} grade @param {number} i */
function nodeOf(lab, grade, i) {
  const { layer, index, position } = grade.features[i];
  return lab.view?.indexOf.get(`${layer}_${index}_${position}`);
}

/** @param {Lab} lab @param {Grade} grade @param {number} i */
function nameOf(lab, grade, i) {
  const { layer, index, position } = grade.features[i];
  const node = nodeOf(lab, grade, i);
  const name = node === undefined ? `Feature ${index}` : lab.nameOf(node);
  return `${name}, layer ${layer}, “${visible(lab.view?.graph.tokens[position] ?? "")}”`;
}

/** Leads to a feature in the graph. @param {Lab} lab @param {Grade} grade @param {number} i */
function pick(lab, grade, i) {
  const node = nodeOf(lab, grade, i);
  if (node === undefined) return;
  lab.showGrade(false);
  lab.select(node);
}

/** Influence against divergence, by rank. @param {Lab} lab @param {Grade} grade */
function influence(lab, grade) {
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
function errors(lab, grade) {
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
function travels(grade) {
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
function second(lab, grade) {
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
