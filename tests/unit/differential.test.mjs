// The study of the differential: Bayes’ rule beside posteriors of the Python teacher, and sentences as the model has read them.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { nextQuestions, posterior, SEXES, without } from "../../www/studies/bayes.js";
import { faultOf, questions, textOf, withNumbers } from "../../www/studies/vignette.js";

/** @import { Facts, Table } from "../../www/studies/bayes.js" */

/** @param {string} path */
const read = async (path) => JSON.parse(await readFile(new URL(path, import.meta.url), "utf8"));
/** @type {Table} */ const table = await read("../../www/studies/differential.json");
/** Written by `python -m training.diagnosis.study`. */
const { cases } = await read("posteriors.json");

/** @param {Partial<Facts>} more @returns {Facts} */
function facts(more) {
  return { age: 45, sex: "male", weeks: 0, present: [], absent: [], history: [], ...more };
}

test("posteriors are the teacher’s", () => {
  assert.ok(cases.length > 40);
  for (const { chances, sex, ...said } of cases) {
    const found = posterior(table, { ...said, sex: SEXES[sex] });
    for (const [i, chance] of found.entries())
      assert.ok(Math.abs(chance - chances[i]) < 1e-5, `${table.conditions[i]}: ${chance}, not ${chances[i]}`);
  }
  assert.ok(
    cases.some((/** @type {Facts} */ { absent }) => absent.length > 0) && cases.some((/** @type {Facts} */ { weeks }) => weeks > 0),
  );
});

test("what is asked next is what the teacher would ask, also with the leading condition ruled out", () => {
  for (const { chances, asks, asksWithout, sex, ...said } of cases) {
    const facts = { ...said, sex: SEXES[sex] };
    const found = posterior(table, facts);
    const leading = found.indexOf(Math.max(...found));
    for (const [wanted, questions] of /** @type {[[string, number][], ReturnType<typeof nextQuestions>][]} */ ([
      [asks, nextQuestions(table, facts, found)],
      [asksWithout, nextQuestions(table, facts, without(found, leading))],
    ])) {
      assert.ok(wanted.length >= 5);
      for (const [i, [name, share]] of wanted.entries()) {
        assert.ok(Math.abs(questions[i].chance - share) < 1e-4 * share + 1e-6, `${name}: ${questions[i].chance}, not ${share}`);
        // Findings that are as good as each other may be in either order.
        const same = questions.find((each) => each.name === name);
        assert.ok(same && Math.abs(same.chance - share) < 1e-4 * share + 1e-6, name);
      }
      const all = questions.reduce((sum, { chance }) => sum + chance, 0);
      assert.ok(Math.abs(all - 1) < 1e-9);
    }
  }
});

test("facts become sentences as the model has read them", () => {
  assert.equal(
    textOf(table, facts({ present: ["fatigue", "breathlessness", "ankles"] })),
    "A 45-year-old man presents with fatigue, breathlessness and swollen ankles.",
  );
  assert.equal(
    textOf(
      table,
      facts({
        age: 32,
        sex: "female",
        weeks: 30,
        present: ["ruq", "high_bp", "liver", "spleen"],
        absent: ["fever"],
        history: ["diabetes"],
      }),
    ),
    "A 32-year-old woman at 30 weeks gestation with a history of diabetes presents with severe right upper quadrant pain. " +
      "BP is 165/102 mmHg, and labs show mildly elevated liver enzymes. Examination shows an enlarged spleen. She has no fever.",
  );
  assert.equal(
    textOf(table, facts({ age: 81, sex: "unsaid", present: ["fast"], absent: ["visual"] })),
    "An 81-year-old comes to the clinic. Heart rate is 122. They deny visual disturbances.",
  );
  assert.equal(withNumbers("fever of {38.1-40.3} C"), "fever of 39.2 C");
  assert.match(questions("unsaid").ask, /whether they're experiencing$/);
});

test("what the model has never read of is refused with a sentence", () => {
  for (const [more, sentence] of /** @type {[Partial<Facts>, RegExp][]} */ ([
    [{ age: 7 }, /ages from 18 to 88/],
    [{}, /at least one finding/],
    [{ weeks: 30, present: ["fever"] }, /women under 40/],
    [{ sex: "female", age: 30, weeks: 15, present: ["fever"] }, /weeks 5 to 11/],
    [{ present: ["fetal"] }, /women under 40, pregnant only/],
    [{ present: ["headache", "thunderclap"] }, /never said together/],
    [{ present: ["dry_cough", "wet_cough"] }, /never said together/],
    [{ present: ["fever"], absent: ["chills", "nausea"] }, /one absent finding/],
  ]))
    assert.match(faultOf(table, facts(more)) ?? "", sentence);
  for (const { sex, ...said } of table.examples) assert.equal(faultOf(table, { ...said, sex: SEXES[sex] }), undefined);
});
