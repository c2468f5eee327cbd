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
/** The last year of young and of middle age, and the last week of early pregnancy. */
const LAST = { young: 39, middle: 64, early: 23 };

/** @param {Facts} facts */
export function isYoungWoman({ sex, age }) {
  return sex === "female" && age <= LAST.young;
}

/** How probable each condition is, given all that is said. @param {Table} table @param {Facts} facts @returns {number[]} */
export function posterior(table, facts) {
  const { age, sex, weeks, present, absent, history } = facts;
  const band = age <= LAST.young ? 0 : age <= LAST.middle ? 1 : 2;
  const pregnancy = weeks === 0 ? 0 : weeks <= LAST.early ? 1 : 2;
  const shareOf = (/** @type {Shares} */ { most, others }, /** @type {number} */ condition) => others[condition] ?? most;
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
