// Bayes’ rule on a vignette’s facts, as the diagnosis model’s teacher has it (training/diagnosis/bayes.py). Knows no page.

/** @typedef {{ most: number, others: Record<string, number> }} Shares of every condition: `others` by the condition’s number */
/**
 * @typedef {Shares & { key: string, kind: "symptom" | "sign" | "vital" | "laboratory", phrase: string, name?: string, group?: string,
 *   only?: "young women" | "pregnant" | "not known pregnant", kindOf?: string }} Finding
 * @typedef {Shares & { key: string, phrase: string }} History
 */
/** @typedef {"female" | "male" | "unsaid"} Sex */
/**
 * What a vignette says: findings and histories by their keys.
 * @typedef {{ age: number, sex: Sex, weeks: number, present: string[], absent: string[], history: string[] }} Facts
 */
/**
 * As `python -m training.diagnosis.study` writes it.
 * @typedef {{ conditions: string[], prior: number[], sex: number[][], age: number[][], pregnancy: number[][], findings: Finding[],
 *   histories: History[], examples: ({ title: string, text: string } & Omit<Facts, "sex"> & { sex: number })[] }} Table
 */

/** In the table’s order. @type {Sex[]} */
export const SEXES = ["female", "male", "unsaid"];
/** Temperature of what is asked next, in nats of expected evidence. */
const SHARPNESS = 0.3;
/** The last year of young and of middle age, and the last week of early pregnancy. */
const LAST = { young: 39, middle: 64, early: 23 };

/** @param {Facts} facts */
export function isYoungWoman({ sex, age }) {
  return sex === "female" && age <= LAST.young;
}

/** How often a finding or a history is there in a condition. @param {Shares} shares @param {number} condition */
const shareOf = ({ most, others }, condition) => others[condition] ?? most;

/** How probable each condition is, given all that is said. @param {Table} table @param {Facts} facts @returns {number[]} */
export function posterior(table, facts) {
  const { age, sex, weeks, present, absent, history } = facts;
  const band = age <= LAST.young ? 0 : age <= LAST.middle ? 1 : 2;
  const pregnancy = weeks === 0 ? 0 : weeks <= LAST.early ? 1 : 2;
  const among = (/** @type {(Finding | History)[]} */ all, /** @type {string[]} */ keys) => all.filter(({ key }) => keys.includes(key));
  const [said, denied, past] = [among(table.findings, present), among(table.findings, absent), among(table.histories, history)];
  const scores = table.conditions.map((_, i) => {
    const shares = [table.prior[i], table.age[band][i]];
    if (sex !== "unsaid") shares.push(table.sex[SEXES.indexOf(sex)][i]);
    // A young woman’s vignette says that she is pregnant if she is: silence means that she is not.
    if (isYoungWoman(facts)) shares.push(table.pregnancy[pregnancy][i]);
    shares.push(...[...said, ...past].map((each) => shareOf(each, i)), ...denied.map((each) => 1 - shareOf(each, i)));
    return shares.reduce((sum, share) => sum + Math.log(share), 0);
  });
  const most = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - most));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / all);
}

/** The posterior where a condition is ruled out. @param {number[]} chances @param {number} condition its number @returns {number[]} */
export function without(chances, condition) {
  const rest = chances.map((chance, i) => (i === condition ? 0 : chance));
  const all = rest.reduce((sum, chance) => sum + chance, 0);
  return rest.map((chance) => chance / all);
}

/**
 * What is to be asked next, best first: each finding by the weight of evidence that one expects of its presence (I. J. Good), averaged over
 * the posterior, as the teacher chooses (`ask` in training/diagnosis/bayes.py).
 * @param {Table} table @param {Facts} facts @param {number[]} chances of the conditions
 * @returns {{ name: string, chance: number }[]} `chance`: of being the question
 */
export function nextQuestions(table, facts, chances) {
  const open = table.findings.filter((finding) => finding.name && isPossible(facts, finding) && !isSettled(table, facts, finding));
  const scores = open.map((finding) => {
    const overall = table.prior.reduce((sum, prior, i) => sum + prior * shareOf(finding, i), 0);
    const evidence = (/** @type {number} */ share) => Math.max(share * Math.log(share / overall), 0);
    return chances.reduce((sum, chance, i) => sum + chance * evidence(shareOf(finding, i)), 0) / SHARPNESS;
  });
  const most = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - most));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  return open.map(({ name = "" }, i) => ({ name, chance: weights[i] / all })).sort((a, b) => b.chance - a.chance);
}

/** Whether this patient can have a finding at all. @param {Facts} facts @param {Finding} finding */
export function isPossible(facts, { only }) {
  const woman = isYoungWoman(facts);
  return !only || { "young women": woman, pregnant: woman && facts.weeks > 0, "not known pregnant": woman && facts.weeks === 0 }[only];
}

/** Whether a finding is mentioned, or included in what is mentioned as present. @param {Table} table @param {Facts} facts @param {Finding} finding */
function isSettled({ findings }, { present, absent }, { key }) {
  return present.includes(key) || absent.includes(key) || findings.some((part) => part.kindOf === key && present.includes(part.key));
}
