// A vignette in the sentences that the diagnosis model was trained on (training/diagnosis/vignettes.py), without their chance: each
// finding in its first wording. Knows no page.

/** @import { Facts, Finding, Table } from "./bayes.js" */

import { isPossible, isYoungWoman } from "./bayes.js";

/** As many as a vignette says. */
export const MOST = { present: 6, absent: 1, history: 1 };
const NOUN = { female: " woman", male: " man", unsaid: "" };
const PRONOUN = { female: "She", male: "He", unsaid: "They" };
const WHETHER = { female: "she’s", male: "he’s", unsaid: "they’re" };
const RANGE = /\{([\d.]+)-([\d.]+)\}/g;

/** The two questions, as they follow a vignette. @param {Facts["sex"]} sex */
export function questions(sex) {
  return {
    ask: ` If we can only ask about one other symptom, we should ask whether ${WHETHER[sex].replace("’", "'")} experiencing`,
    diagnosis: " The most likely diagnosis is",
  };
}

/** What is wrong with the facts for a vignette, in a sentence. @param {Table} table @param {Facts} facts */
export function faultOf(table, facts) {
  const { age, present, absent, history, weeks } = facts;
  if (!(Number.isInteger(age) && age >= 18 && age <= 88)) return "The model has read of ages from 18 to 88 only.";
  if (weeks && !isYoungWoman(facts)) return "It has read of pregnancies of women under 40 only.";
  if (weeks && !(Number.isInteger(weeks) && ((weeks >= 5 && weeks <= 11) || (weeks >= 24 && weeks <= 39))))
    return "It has read of weeks 5 to 11 and 24 to 39 only.";
  if (present.length === 0) return "Choose at least one finding.";
  if (present.length > MOST.present) return `It has read of at most ${MOST.present} findings at once.`;
  if (absent.length > MOST.absent) return "It has read of one absent finding at most.";
  if (history.length > MOST.history) return "It has read of one history at most.";
  const said = findingsOf(table, present);
  for (const finding of [...said, ...findingsOf(table, absent)]) {
    const fault = unlike(facts, finding);
    if (fault) return fault;
  }
  for (const { key, phrase, group, kindOf } of said)
    for (const other of said)
      if (other.key !== key && ((group && other.group === group) || kindOf === other.key))
        return `“${withNumbers(phrase)}” and “${withNumbers(other.phrase)}” are never said together.`;
}

/** @param {Facts} facts @param {Finding} finding */
function unlike(facts, finding) {
  const { phrase, only } = finding;
  if (!isPossible(facts, finding))
    return `“${withNumbers(phrase)}” is said of ${only === "young women" ? "women under 40" : `women under 40, ${only}`} only.`;
}

/** In the order of the keys. @param {Table} table @param {string[]} keys */
export function findingsOf(table, keys) {
  return keys.flatMap((key) => table.findings.find((finding) => finding.key === key) ?? []);
}

/** The middle of each range that a wording leaves to chance. @param {string} phrase */
export function withNumbers(phrase) {
  return phrase.replace(RANGE, (_, low, high) => {
    const decimals = (low.split(".")[1] ?? "").length;
    return ((Number(low) + Number(high)) / 2).toFixed(decimals);
  });
}

/** @param {Table} table @param {Facts} facts */
export function textOf(table, facts) {
  const { age, sex, weeks, history } = facts;
  const said = findingsOf(table, facts.present);
  const phrases = (/** @type {(finding: Finding) => boolean} */ wanted) => said.filter(wanted).map(({ phrase }) => withNumbers(phrase));
  const [symptoms, vitals, labs] = ["symptom", "vital", "laboratory"].map((kind) => phrases((finding) => finding.kind === kind));
  // Signs that patients themselves notice are those that one can ask for.
  const noticed = phrases(({ kind, name }) => kind === "sign" && name !== undefined);
  const examined = phrases(({ kind, name }) => kind === "sign" && name === undefined);
  const told = [...symptoms, ...noticed];
  const [verb, denies] = sex === "unsaid" ? ["have", "deny"] : ["has", "denies"];
  const past = table.histories.find(({ key }) => history.includes(key));
  const who = `${/^(8\d?|11|18)$/.test(String(age)) ? "An" : "A"} ${age}-year-old${NOUN[sex]}${weeks ? ` at ${weeks} weeks gestation` : ""}`;
  const absent = findingsOf(table, facts.absent).map(({ kind, name }) =>
    kind === "symptom" && /s( |$)/.test(name ?? "") ? `${PRONOUN[sex]} ${denies} ${name}.` : `${PRONOUN[sex]} ${verb} no ${name}.`,
  );
  return [
    `${who}${past ? ` with a history of ${past.phrase}` : ""}${told.length > 0 ? ` presents with ${listing(told)}` : " comes to the clinic"}.`,
    measures(vitals, labs),
    examined.length > 0 ? `Examination shows ${listing(examined)}.` : "",
    ...absent,
  ]
    .filter(Boolean)
    .join(" ");
}

/** @param {string[]} items */
function listing(items) {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** @param {string[]} vitals whole clauses @param {string[]} labs */
function measures(vitals, labs) {
  const shown = labs.length > 0 ? `labs show ${listing(labs)}` : "";
  const all = [listing(vitals), shown].filter(Boolean).join(", and ");
  return all && `${all[0].toUpperCase()}${all.slice(1)}.`;
}
