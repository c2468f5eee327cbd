// The grade: what can be trusted in this graph and what cannot, and the experiments that say so.

/** @import { App } from "../app.js" */
/** @import { Grade, Trial } from "../engine-api.js" */

import { byId, html } from "../dom.js";
import { answerText, counted, explainedPart, percent, visible } from "../format.js";
import { TOKEN } from "../kinds.js";
import { whenReleased } from "../press.js";
import { limitOf, scatter } from "../scatter.js";
import { term } from "../terms.js";
import { RUNGS } from "./ladder.js";
import { toldOtherwise } from "./otherwise.js";

const MARKS = { yes: "✓", partly: "~", no: "✗" };
const WORDS = { yes: "Holds", partly: "Roughly", no: "Does not hold" };

/** What the scatters show. @type {{ about: "difference" | "answer", share: number }} */
const choice = { about: "difference", share: 1 };

/** @param {App} app */
export function mountGrade(app) {
  const panel = byId("grade");
  const body = byId("grade-body");
  const begin = byId("grade-begin");
  const progress = byId("grade-progress");
  const bar = html("progress", { max: 1, "aria-label": "Experiments" });
  const said = html("span");
  const stop = html("button", { type: "button", class: "quiet" });
  progress.append(said, bar, stop);
  let stopped = false;

  begin.addEventListener("click", () => app.showGrade(true));
  byId("grade-close").addEventListener("click", () => close());
  panel.addEventListener("keydown", (event) => event.key === "Escape" && close());
  stop.addEventListener("click", () => {
    stopped = !stopped;
    if (stopped) app.worker.stopGrading();
    else app.worker.grade();
    name();
  });
  const name = () => (stop.textContent = stopped ? "Go on" : "Stop");

  function close() {
    app.worker.stopGrading();
    app.showGrade(false);
    begin.focus();
  }

  function show() {
    const on = app.address.grade && app.isLive;
    const opens = on && panel.hidden;
    panel.hidden = !on;
    byId("screen").classList.toggle("grading", on);
    if (!on) return;
    if (app.graded) return tell();
    body.replaceChildren();
    progress.hidden = false;
    said.textContent = "Beginning…";
    bar.removeAttribute("value");
    stopped = false;
    name();
    app.worker.grade();
    if (opens) panel.querySelector("button")?.scrollIntoView?.({ block: "nearest" });
  }

  function tell() {
    const { graded, view } = app;
    if (!graded || !view || panel.hidden) return;
    progress.hidden = true;
    body.replaceChildren(...describe(app, graded.grade, graded.seconds, tell));
  }

  app.bus.on("grade", show);
  app.bus.on("graph", show);
  app.bus.on("graded", tell);
  app.bus.on("grading", ({ done, total, downloading }) => {
    if (panel.hidden || app.graded) return;
    progress.hidden = false;
    said.textContent = downloading ? "Asking the other kind of transcoder…" : `${done} of ${total} experiments`;
    if (downloading) bar.removeAttribute("value");
    else bar.value = done / Math.max(1, total);
  });
  for (const event of /** @type {const} */ (["theme", "labels", "plots", "answers"])) app.bus.on(event, () => whenReleased(body, tell));
  show();
}

/** @param {App} app @param {Grade} grade @param {number} seconds @param {() => void} again */
function describe(app, grade, seconds, again) {
  const tried =
    grade.features.length < grade.active_features
      ? `the ${grade.features.length} most influential of ${counted(grade.active_features, "active feature")}`
      : counted(grade.features.length, "active feature");
  return [
    findings(app, grade),
    ladder(app, grade, again),
    html("div", { class: "grade-more" }, influence(app, grade), errors(app, grade), travels(grade), second(app, grade)),
    html(
      "p",
      { class: "note" },
      `Tried: ${tried}, each switched off and shrunk by 5 % on four rungs, in ${seconds.toFixed(1)} s. The ` +
        "command line does the same: attograph grade.",
    ),
  ];
}

/** @param {App} app @param {Grade} grade */
function findings(app, grade) {
  const items = grade.findings.map(({ trust, about, text }) => {
    const button = about === "target" && grade.better_target ? offer(app, grade, grade.better_target) : undefined;
    return html(
      "li",
      { class: trust },
      html("span", { class: "sign", "aria-hidden": "true" }, MARKS[trust]),
      html("p", {}, html("span", { class: "for-readers" }, `${WORDS[trust]}: `), inFull(app, grade, text), " ", button),
    );
  });
  return html("ul", { class: "findings", "aria-label": "Findings" }, ...items);
}

/**
 * A finding with its answers by their names: the engine says their first tokens.
 * @param {App} app
 * @param {Grade} grade
 * @param {string} text
 */
function inFull(app, { answer, runner_up: runnerUp, replaced }, text) {
  const difference = (/** @type {string[]} */ names) => names.join(" − ");
  const said = difference([answer, runnerUp].map((token) => token.trim()));
  return text
    .replaceAll(said, () => difference([answer, runnerUp].map((token) => called(app, token))))
    .replace(`“${replaced.token.trim()}” (`, () => `“${called(app, replaced.token)}” (${ofFirst(app, replaced.token)}`);
}

/** A button that explains the better target. @param {App} app @param {Grade} grade @param {NonNullable<Grade["better_target"]>} better */
function offer(app, { answer, runner_up: runnerUp }, better) {
  const difference = better === "difference";
  const [first, second] = [called(app, answer), called(app, runnerUp)];
  const button = html("button", { type: "button", class: "quiet" }, difference ? `Explain ${first} − ${second}` : `Explain ${first} alone`);
  button.addEventListener("click", () => {
    app.showGrade(false);
    app.explain(difference ? { kind: "difference", token: answer, minus: runnerUp } : { kind: "tokens", tokens: [answer] });
  });
  return button;
}

/** What an answer is called. @param {App} app @param {string} token its first */
function called({ view }, token) {
  return answerText(view?.graph ?? {}, { token });
}

/** What a probability of an answer's first token is said to be of, where the answer is longer. @param {App} app @param {string} token */
function ofFirst({ view }, token) {
  return explainedPart(view?.graph ?? {}, [{ token }]) ? "first token " : "";
}

/** @param {Grade} grade @param {string} id */
function figureOf(grade, id) {
  return grade.figures.find((each) => each.id === id)?.value;
}

/** The four rungs, a scatter each. @param {App} app @param {Grade} grade @param {() => void} again */
function ladder(app, grade, again) {
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
  const [answer, runnerUp] = [called(app, grade.answer), called(app, grade.runner_up)];
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
    html("div", { class: "rungs" }, ...trials.map((trial) => rung(app, grade, trial, limit))),
  );
}

/** @param {App} app @param {Grade} grade @param {Trial} trial @param {number} limit */
function rung(app, grade, trial, limit) {
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
    say: (i) => nameOf(app, grade, i),
    pick: (i) => pick(app, grade, i),
  });
  return html(
    "figure",
    {},
    html("figcaption", {}, html("strong", {}, term(RUNGS[trial.rung])), html("span", { class: "numbers" }, ...words)),
    chart,
  );
}

/** @param {App} app @param {Grade} grade @param {number} i */
function nodeOf(app, grade, i) {
  const { layer, index, position } = grade.features[i];
  return app.view?.indexOf.get(`${layer}_${index}_${position}`);
}

/** @param {App} app @param {Grade} grade @param {number} i */
function nameOf(app, grade, i) {
  const { layer, index, position } = grade.features[i];
  const node = nodeOf(app, grade, i);
  const name = node === undefined ? `Feature ${index}` : app.nameOf(node);
  return `${name}, layer ${layer}, “${visible(app.view?.graph.tokens[position] ?? "")}”`;
}

/** Leads to a feature in the graph. @param {App} app @param {Grade} grade @param {number} i */
function pick(app, grade, i) {
  const node = nodeOf(app, grade, i);
  if (node === undefined) return;
  app.showGrade(false);
  app.select(node);
}

/** Influence against divergence, by rank. @param {App} app @param {Grade} grade */
function influence(app, grade) {
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
        `${nameOf(app, grade, i)}: influence ${grade.features[i].influence.toPrecision(2)}, KL ` +
        `${grade.features[i].divergence.toPrecision(2)}`,
      rest: "dark: kept by pruning",
      pick: (i) => pick(app, grade, i),
    }),
  );
}

/** Where errors come in: layers up, tokens across. @param {App} app @param {Grade} grade */
function errors(app, grade) {
  const tokens = app.view?.graph.tokens ?? [];
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

/** A token, as a button that leads to its node. @param {App} app @param {number} position */
function tokenAt(app, position) {
  const { graph } = /** @type {NonNullable<App["view"]>} */ (app.view);
  const button = html("button", { type: "button", class: "quiet" }, visible(graph.tokens[position]));
  button.addEventListener("click", () => {
    app.showGrade(false);
    app.select(graph.kind.findIndex((kind, node) => kind === TOKEN && graph.position[node] === position));
  });
  return button;
}

/** @param {App} app @param {Grade} grade */
function second(app, grade) {
  const { second: other, replaced } = grade;
  const pairs = [["Every MLP replaced", `${called(app, replaced.token)}: ${ofFirst(app, replaced.token)}${percent(replaced.probability)}`]];
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
    const tokens = toldOtherwise(app).map((position) => tokenAt(app, position));
    if (tokens.length > 0) rows.push(["Told otherwise", html("span", { class: "told" }, ...tokens)]);
  }
  return html(
    "section",
    {},
    html("h3", {}, "Second opinions"),
    html("dl", {}, ...rows.map(([name, value]) => html("div", {}, html("dt", {}, name), html("dd", {}, value)))),
  );
}
