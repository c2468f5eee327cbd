// Study 6: a vignette’s differential beside Bayes’ rule, the question that follows, and what becomes of it without the leading condition.

/** @import { ElementLab } from "../elements/element-lab.js" */
/** @import { Facts, Table } from "./bayes.js" */

import { html } from "../lab/dom.js";
import { answerChance, answerText, counted, percent, plain } from "../lab/format.js";
import { storyOf } from "../lab/story/told.js";
import { nextQuestions, posterior, SEXES, without } from "./bayes.js";
import { drawBeside } from "./beside.js";
import { makeOne } from "./compose.js";
import { askOf, at, dataOf, elementAt, follow, textAt } from "./figures.js";
import { saysOfQuestion } from "./inhibited.js";
import { fillMeasures } from "./measures.js";
import { trial } from "./trials.js";
import { questions, textOf } from "./vignette.js";

const [dx, ask] = [elementAt("dx"), elementAt("ask")];

/** @type {Table} */ let table;
/** What the vignette on show says. @type {Facts} */ let facts;
/** Its text, and which of the given ones it is. */
let [text, given] = ["", 0];
/** Whether another vignette is on show, whose leading condition is not known yet. */
let waits = false;
/** What came of each given one; with what Bayes’ rule asks. @type {{ cards?: number, asks?: string[], inhibited?: string[], isOther?: boolean, isRule?: boolean }[]} */ let four =
  [];

/** Writes facts into the boxes. @type {ReturnType<typeof makeOne>} */ let fill;

void begin();
void fillMeasures();

async function begin() {
  try {
    table = await dataOf("differential.json");
  } catch (error) {
    at("leads").textContent = /** @type {Error} */ (error).message;
    return;
  }
  four = table.examples.map(() => ({}));
  at("vignettes").replaceChildren(...table.examples.map(({ title }, i) => html("button", { type: "button", value: i }, title)));
  at("vignettes").addEventListener("click", ({ target }) => {
    if (target instanceof HTMLButtonElement) take(Number(target.value));
  });
  fill = makeOne(table, (made) => {
    facts = made;
    show(textOf(table, facts), -1);
  });
  take(0);
  const parts = (/** @type {ElementLab} */ lab) => [lab.view, lab.view?.graph.whole, lab.view?.story];
  follow(dx, parts, showChances);
  follow(ask, parts, showChances);
  follow(ask, (lab) => [lab.view?.steeredWhole, lab.address.steering], drawQuestions);
}

/** One of the given vignettes. @param {number} i */
function take(i) {
  const { text: written, title: _, sex, ...said } = structuredClone(table.examples[i]);
  facts = { ...said, sex: SEXES[sex] };
  show(written, i);
}

/** @param {string} written @param {number} which -1: none of the given ones */
function show(written, which) {
  waits = text !== "";
  [text, given] = [written, which];
  at("text").textContent = text;
  for (const [i, button] of [...at("vignettes").children].entries()) button.setAttribute("aria-pressed", String(i === given));
  const { diagnosis, ask: question } = questions(facts.sex);
  askOf(dx, text + diagnosis);
  askOf(ask, text + question);
  fill(facts);
  if (waits) inhibit.wait();
  showChances();
}

// What is told of it.

/** The lab behind an element, where it shows this vignette. @param {import("../elements/atto-element.js").AttoElement} element */
function labOf(element) {
  const lab = element.shared?.lab;
  return lab?.view?.prompt.startsWith(text) ? lab : undefined;
}

/** The model’s differential, the most probable first. */
function differential() {
  const graph = labOf(dx)?.view?.graph;
  if (!graph?.whole) return [];
  return graph.answers.map((answer) => ({ name: answerText(graph, answer), chance: answerChance(graph, answer) }));
}

/** What Bayes’ rule has, the most probable first. */
function rule() {
  return posterior(table, facts)
    .map((chance, i) => ({ name: table.conditions[i], chance }))
    .sort((a, b) => b.chance - a.chance);
}

function showChances() {
  const [model, bayes] = [differential(), rule()];
  drawBeside(at("chances"), model.length > 0 ? model : undefined, bayes);
  const [first, best] = [model[0], bayes[0]];
  const agree = first?.name === best.name;
  at("leads").textContent = !first
    ? "…"
    : `The model’s leading condition is ${first.name}, ${percent(first.chance)}. ` +
      (agree
        ? `So it is by Bayes’ rule, ${percent(best.chance)}.`
        : `By Bayes’ rule it is ${best.name}, ${percent(best.chance)}: here the model is wrong by its own teacher.`);
  tellOfQuestion(first?.name);
}

/** What Bayes’ rule would ask next, best first. @param {string} [ruledOut] a condition that it is not */
function asksByRule(ruledOut) {
  const chances = posterior(table, facts);
  return nextQuestions(table, facts, ruledOut ? without(chances, table.conditions.indexOf(ruledOut)) : chances);
}

/** A question with its chance. @param {{ name: string, chance: number }} question */
const asked = ({ name, chance }) => `${name} (${percent(chance)})`;

/** The questions of both, now. */
function drawQuestions() {
  const view = labOf(ask)?.view;
  const { held, words } = inhibit.button;
  const graph = view?.graph.whole ? view.graph : undefined;
  const after = held ? view?.steeredWhole?.after : undefined;
  const model = after
    ? after.map(({ text, probability }) => ({ name: plain(text), chance: probability }))
    : graph?.answers.map((answer) => ({ name: answerText(graph, answer), chance: answerChance(graph, answer) }));
  model?.sort((a, b) => b.chance - a.chance);
  drawBeside(at("questions"), held && !after ? undefined : model, asksByRule(held ? words : undefined));
  textAt("questions-say", held ? `${words}: inhibited in the model, ruled out for Bayes’ rule` : "What each asks for");
}

/** The cards that name a condition. @param {string} condition */
function cardsOf(condition) {
  const lab = labOf(ask);
  const told = lab && storyOf(lab);
  return told?.items.filter(({ kind, words }) => kind === "features" && words.includes(condition));
}

/** Conditions that the table lists a finding for most. @param {string} name of the finding as an answer */
function speaksFor(name) {
  const finding = table.findings.find((each) => each.name === name);
  if (!finding) return undefined;
  const shares = Object.entries(finding.others).sort(([, a], [, b]) => b - a);
  return shares.slice(0, 2).map(([i, share]) => `${table.conditions[Number(i)]} (${percent(share)})`);
}

const inhibit = trial("inhibit", ask, {
  expected: () => {
    const words = inhibit?.button.words;
    if (waits) return undefined;
    return words && cardsOf(words)?.length !== 0 ? `Expected: with “${words}” inhibited it asks for something else.` : "";
  },
  says: (outcome, lab) => {
    const speaks = outcome.now === outcome.was ? undefined : speaksFor(outcome.now);
    const { words } = inhibit.button;
    const [next] = asksByRule(words);
    if (lab.view?.steeredWhole && four[given])
      Object.assign(four[given], {
        inhibited: [asked({ name: outcome.now, chance: outcome.chance }), asked(next)],
        isOther: outcome.now !== outcome.was,
        isRule: outcome.now === next.name,
      });
    tellOfFour();
    const said = saysOfQuestion(outcome, lab);
    if (!said) return "";
    return (
      said +
      (speaks?.length ? ` By the table that is most frequent in ${speaks.join(" and ")}.` : "") +
      ` With ${words} ruled out, Bayes’ rule asks for ${asked(next)}.`
    );
  },
});

/** @param {string | undefined} leading */
function tellOfQuestion(leading) {
  const lab = labOf(ask);
  const graph = lab?.view?.graph;
  drawQuestions();
  if (!lab || !leading || !graph?.whole || !storyOf(lab)) {
    at("unspoken").textContent = "…";
    return;
  }
  const cards = cardsOf(leading) ?? [];
  if (waits || (inhibit.button.words !== leading && !inhibit.button.held)) {
    waits = false;
    inhibit.button.words = leading;
    inhibit.wait();
  } else if (cards.length === 0) inhibit.wait();
  const question = graph.answers[0] && answerText(graph, graph.answers[0]);
  const [byRule] = asksByRule();
  const speaks = speaksFor(question);
  const listed = speaks?.some((each) => each.startsWith(leading));
  at("unspoken").replaceChildren(
    cards.length > 0
      ? `${counted(cards.length, "card")} ${cards.length === 1 ? "names" : "name"} ${leading}, alone or with others, which no word of the vignette does: `
      : `No card names ${leading} here: what the model knows of it stands in no feature that the graph has a name for. So nothing can be inhibited. `,
    ...[...new Set(cards.map(({ words }) => words.replaceAll("“", "‘").replaceAll("”", "’")))].flatMap((words, i) => [
      i > 0 ? ", " : "",
      html("b", {}, `“${words}”`),
    ]),
    `${cards.length > 0 ? ". " : ""}The model asks for `,
    html("b", { class: "answer" }, question),
    speaks?.length ? `, by the table most frequent in ${speaks.join(" and ")}${listed ? "" : `, not in ${leading}`}. ` : ". ",
    byRule.name === question ? "So does Bayes’ rule." : "Bayes’ rule asks for ",
    ...(byRule.name === question ? [] : [html("b", { class: "answer" }, byRule.name), "."]),
  );
  const chance = answerChance(graph, graph.answers[0]);
  if (four[given]) Object.assign(four[given], { cards: cards.length, asks: [asked({ name: question, chance }), asked(byRule)] });
  tellOfFour();
}

/** What came of the given vignettes so far. */
function tellOfFour() {
  const tried = four.filter(({ inhibited }) => inhibited);
  const of = (/** @type {"isOther" | "isRule"} */ what) => `${tried.filter((each) => each[what]).length} of ${tried.length}`;
  textAt(
    "four-say",
    tried.length > 0
      ? `Inhibited, the model asks for something else in ${of("isOther")}, and for what Bayes’ rule asks for then in ${of("isRule")}.`
      : "",
  );
  at("four")
    .querySelector("tbody")
    ?.replaceChildren(
      ...table.examples.map(({ title }, i) => {
        const { cards, asks, inhibited } = four[i];
        const cell = (/** @type {string | string[] | undefined} */ said) => {
          const [words = "…", rule] = [said ?? []].flat();
          return html("td", { class: "words" }, words, rule && html("small", {}, `Bayes’ rule: ${rule}`));
        };
        return html(
          "tr",
          {},
          html("th", { scope: "row" }, title),
          cell(cards === undefined ? undefined : cards === 0 ? "none" : String(cards)),
          cell(asks),
          cell(cards === 0 ? "nothing to inhibit" : inhibited),
        );
      }),
    );
}

for (const figure of document.querySelectorAll("figure[data-lab]")) figure.addEventListener("reset", () => take(Math.max(given, 0)));
