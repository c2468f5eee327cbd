"""The diagnosis model's table, teacher and texts. `python -m unittest training.diagnosis.test_diagnosis`, seconds."""

from __future__ import annotations

import math
import re
import unittest
from collections import Counter

import numpy as np
import torch

from .. import tokenizer as tokenizers
from . import bayes, data, examples, study, table, twins, vignettes

TABLE = data.TABLE
TOKENIZER = tokenizers.build(data.WORDS)
SMALL = data.Data(TOKENIZER, seed=3, size=400)


def whole_words(text: str) -> bool:
    """Is every word of the text one token? (No token begins within a word.)"""
    encoding = TOKENIZER.encode(text)
    starts = [start for start, end in encoding.offsets if end > start]
    return not any(s > 0 and text[s - 1].isalpha() and text[s].isalpha() for s in starts)


def tiny() -> table.Table:
    """Two conditions, three findings (the last is never asked for)."""
    finding = lambda key, name: table.Finding(key, "symptom", [key], name, None, None, None)  # noqa: E731
    return table.Table(
        conditions=["cold", "flu"], topics=["", ""], histories=["travel"], history_phrases=[["travel"]],
        findings=[finding("cough", "cough"), finding("fever", "fever"), finding("rash", None)],
        prior=np.array([0.75, 0.25]), frequency=np.array([[0.5, 0.1, 0.2], [0.6, 0.8, 0.2]]),
        listed=np.ones((2, 3), bool), sex=np.full((2, 2), 0.5), age=np.array([[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]]),
        pregnancy=np.array([[0.9, 0.05, 0.05]] * 2), history=np.array([[0.1], [0.2]]),
    )


def tiny_case(present: list[int], absent: list[int], history: int = 0) -> bayes.Cases:
    one = lambda value: np.array([value])  # noqa: E731
    flags = lambda said: np.array([[i in said for i in range(3)]])  # noqa: E731
    said = np.array([[bool(history)]])
    return bayes.Cases(one(table.MALE), one(table.YOUNG), one(0), said, flags(present), flags(absent))


class TableTest(unittest.TestCase):
    def test_size(self):
        self.assertGreaterEqual(len(TABLE.conditions), 42)
        self.assertLessEqual(len(TABLE.conditions), 48)
        self.assertGreaterEqual(TABLE.listed.sum(1).min(), 8)

    def test_first_words_are_unique_single_tokens(self):
        for kind in ("ask", "diagnosis"):
            first = data.first_tokens(TOKENIZER, kind)
            self.assertEqual(max(Counter(first).values()), 1)
            for token, name in zip(first, data.names(kind)):
                self.assertEqual(TOKENIZER.decode([token]), " " + name.split()[0])

    def test_shares(self):
        for shares in (TABLE.frequency, TABLE.sex, TABLE.age, TABLE.pregnancy, TABLE.history):
            self.assertTrue(((shares > 0) & (shares < 1)).all())
        for whole in (TABLE.prior[None], TABLE.sex, TABLE.age, TABLE.pregnancy):
            np.testing.assert_allclose(whole.sum(1), 1, atol=1e-3)

    def test_what_is_listed_is_commoner_than_where_it_is_not(self):
        for i, finding in enumerate(TABLE.findings):
            self.assertTrue(TABLE.listed[:, i].any(), finding.key)
            background = TABLE.frequency[~TABLE.listed[:, i], i].max()
            self.assertGreater(TABLE.frequency[TABLE.listed[:, i], i].max(), 3 * background, finding.key)

    def test_phrases(self):
        for finding in TABLE.findings:
            self.assertIn(finding.kind, ("symptom", "sign", "vital", "laboratory"))
            for phrase in finding.phrases + ([finding.name] if finding.name else []):
                self.assertFalse(any(c in phrase.lower() for c in TABLE.conditions), phrase)
                self.assertTrue(phrase.isascii())

    def test_a_phrase_says_one_finding(self):
        counts = Counter(phrase for finding in TABLE.findings for phrase in finding.phrases)
        self.assertEqual([phrase for phrase, n in counts.items() if n > 1], [])


class BayesTest(unittest.TestCase):
    def test_by_hand(self):
        # 0.75*0.5*0.5*(1-0.1)*0.1 = 0.016875 against 0.25*0.25*0.6*(1-0.8)*0.2 = 0.0015
        chance = bayes.posterior(tiny(), tiny_case([0], [1], history=1))
        np.testing.assert_allclose(chance, [[0.016875 / 0.018375, 0.0015 / 0.018375]])

    def test_pregnancy_counts_for_young_women_only(self):
        chance = bayes.posterior(TABLE, vignettes.case(TABLE, 30, table.FEMALE, "high_bp headache", weeks=32))
        without = bayes.posterior(TABLE, vignettes.case(TABLE, 30, table.FEMALE, "high_bp headache"))
        i = TABLE.conditions.index("preeclampsia")
        self.assertGreater(chance[0, i], 0.8)
        self.assertLess(without[0, i], 0.1)

    def test_alternative(self):
        rest = bayes.alternative(np.array([[0.6, 0.3, 0.1], [0.1, 0.2, 0.7]]))
        np.testing.assert_allclose(rest, [[0, 0.75, 0.25], [1 / 3, 2 / 3, 0]])

    def test_ask_by_hand(self):
        t = tiny()
        overall = 0.75 * 0.1 + 0.25 * 0.8
        expected = 0.8 * math.log(0.8 / overall)  # a cold makes fever rarer, which is cut off at 0
        np.testing.assert_allclose(bayes.weight_of_evidence(t)[:, 1], [0, expected])
        np.testing.assert_allclose(bayes.weight_of_evidence(t)[:, 2], [0, 0], atol=1e-12)
        one = bayes.ask(t, tiny_case([0], []), np.array([[0.4, 0.6]]))
        np.testing.assert_allclose(one, [[0, 1]])  # the cough is known, the rash is never asked for
        two = bayes.ask(t, tiny_case([], []), np.array([[0.4, 0.6]]), temperature=0.5)
        cough = 0.6 * 0.6 * math.log(0.6 / 0.525)
        np.testing.assert_allclose(two[0, 1] / two[0, 0], math.exp((0.6 * expected - cough) / 0.5))

    def test_nobody_is_asked_what_cannot_be(self):
        man = vignettes.case(TABLE, 30, table.MALE, "fatigue pallor")
        asked = bayes.targets(TABLE, man)["ask"][0]
        for name in ("heavy periods", "missed periods", "reduced fetal movements"):
            self.assertEqual(asked[TABLE.asked_names.index(name)], 0)


class VignetteTest(unittest.TestCase):
    def test_no_text_of_training_is_held_out(self):
        held = vignettes.held_out_rows(TABLE, SMALL.corpus.sample.present)
        self.assertFalse(held.any())
        judged = SMALL.judged(2)
        self.assertTrue(vignettes.held_out_rows(TABLE, judged.sample.present).all())

    def test_held_out_share(self):
        raw = vignettes.sample_chunk(TABLE, np.random.default_rng(5), 4000)
        self.assertAlmostEqual(vignettes.held_out_rows(TABLE, raw.present).mean(), 0.1, delta=0.03)
        self.assertFalse(any(vignettes.is_held_out(frozenset([f.key])) for f in TABLE.findings))
        for combination in examples.COMBINATIONS:
            self.assertTrue(vignettes.is_held_out(combination))

    def test_conditions_come_often_enough_and_are_never_named(self):
        self.assertGreater(vignettes.condition_weights(TABLE).min(), 0.012)
        for text in SMALL.corpus.texts:
            self.assertFalse([c for c in TABLE.conditions if c in text.lower()], text)

    def test_leads_are_clear(self):
        sample = vignettes.sample(TABLE, np.random.default_rng(6), 2000, held_out=False)
        some = np.isin(sample.present.sum(1), (3, 4, 5))
        clear = bayes.lead(bayes.posterior(TABLE, sample.take(some))) >= data.CLEAR
        self.assertGreater(clear.mean(), 0.85)

    def test_nothing_contradicts_itself(self):
        sample = vignettes.sample(TABLE, np.random.default_rng(7), 2000, held_out=False)
        self.assertFalse((sample.present & sample.absent).any())
        for group in {f.group for f in TABLE.findings if f.group}:
            members = [i for i, f in enumerate(TABLE.findings) if f.group == group]
            self.assertLessEqual(sample.present[:, members].sum(1).max(), 1)
        for part, whole in TABLE.inclusions:
            self.assertFalse((sample.present[:, part] & (sample.present | sample.absent)[:, whole]).any())

    def test_every_text_says_what_is_mentioned(self):
        patterns = [[re.compile(re.escape(vignettes.NUMBER.sub("#", p)).replace(r"\#", r"[\d.]+"), re.I)
                     for p in f.phrases] for f in TABLE.findings]
        for row, text in enumerate(SMALL.corpus.texts[:100]):
            for i in np.flatnonzero(SMALL.corpus.sample.present[row]):
                self.assertTrue(any(p.search(text) for p in patterns[i]), (text, TABLE.findings[i].key))


class ExampleTest(unittest.TestCase):
    def teacher(self, example) -> dict[str, list[str]]:
        """The teacher's two best answers to each question."""
        _, title, _, *who = example
        case = vignettes.case(TABLE, *who, examples.HISTORY.get(title, ""), examples.ABSENT.get(title, ""))
        chances = bayes.targets(TABLE, case)
        return {k: [data.names(k)[i] for i in np.argsort(-c[0])[:2]] for k, c in chances.items()}

    def test_the_four_of_the_paper(self):
        first, heart, neck, sudden = [self.teacher(e) for e in examples.PAPER]
        self.assertEqual(first["diagnosis"], ["preeclampsia", "biliary disease"])
        self.assertEqual(first["alternative"][0], "biliary disease")
        self.assertEqual(first["ask"], ["visual disturbances", "proteinuria"])
        self.assertEqual((heart["diagnosis"][0], heart["ask"][0]), ("heart failure", "orthopnoea"))
        self.assertEqual((neck["diagnosis"][0], neck["ask"][0]), ("meningitis", "photophobia"))
        self.assertEqual((sudden["diagnosis"][0], sudden["ask"][0]), ("subarachnoid haemorrhage", "thunderclap onset"))

    def test_the_texts_say_what_the_examples_list(self):
        for topic, title, text, age, sex, findings, weeks in examples.PAPER + examples.OTHERS:
            self.assertIn(topic, TABLE.topics)
            self.assertIn(f"{age}-year-old", text)
            self.assertEqual(f"{weeks} weeks" in text, weeks > 0)
            for key in findings.split():
                patterns = [re.escape(vignettes.NUMBER.sub("#", p)).replace(r"\#", r"[\d.]+")
                            for p in TABLE.findings[TABLE.index(key)].phrases]
                self.assertTrue(any(re.search(p, text, re.I) for p in patterns), (title, key))

    def test_first_example(self):
        self.assertIn("32-year-old female", data.EXAMPLES[0][2])
        self.assertTrue(data.EXAMPLES[0][2].endswith("whether she's experiencing"))


class TwinTest(unittest.TestCase):
    def test_twins_differ_in_one_finding_of_as_many_tokens(self):
        corpus = SMALL.corpus
        self.assertEqual(len(corpus.texts), 400)
        for row in range(0, 100, 2):
            one, two = corpus.sample.present[row], corpus.sample.present[row + 1]
            self.assertEqual((one & ~two).sum(), 1)
            self.assertEqual((two & ~one).sum(), 1)
            self.assertEqual(len(corpus.ids[row]), len(corpus.ids[row + 1]))
            self.assertNotEqual(corpus.texts[row], corpus.texts[row + 1])
            for name in ("sex", "age", "weeks", "pregnancy", "absent", "history"):
                values = getattr(corpus.sample, name)
                self.assertTrue((values[row] == values[row + 1]).all(), name)

    def test_no_twin_is_held_out_or_impossible(self):
        corpus = SMALL.corpus
        self.assertFalse(vignettes.held_out_rows(TABLE, corpus.sample.present).any())
        self.assertTrue((bayes.possible(TABLE, corpus.sample) | ~corpus.sample.present).all())
        for part, whole in TABLE.inclusions:
            mentioned = (corpus.sample.present | corpus.sample.absent)[:, whole]
            self.assertFalse((corpus.sample.present[:, part] & mentioned).any())

    def test_a_phrase_is_replaced_where_it_stands_alone(self):
        self.assertEqual(twins.replaced("A man has fever.", "fever", "chills"), "A man has chills.")
        self.assertEqual(twins.replaced("BP is 90/60 mmHg.", "bP is 90/60 mmHg", "pulse is 120"), "Pulse is 120.")
        self.assertIsNone(twins.replaced("fever and high fever", "fever", "chills"))

    def test_pairs_of_twins_are_trained_side_by_side(self):
        batch = SMALL.sample(0, torch.Generator().manual_seed(0))[0]
        for row in range(0, 16, 2):
            self.assertEqual(batch.form[row], batch.form[row + 1])
            self.assertTrue(torch.equal(batch.alike[row], batch.alike[row + 1]))
            shared = batch.alike[row]
            self.assertTrue(torch.equal(batch.mask[row][shared][:, shared], batch.mask[row + 1][shared][:, shared]))
            self.assertTrue(torch.equal(batch.positions[row][shared], batch.positions[row + 1][shared]))
            # Every question is asked within what they share.
            self.assertTrue(shared[batch.soft.columns[row]].all())


class DataTest(unittest.TestCase):
    def batch(self):
        return SMALL.sample(0, torch.Generator().manual_seed(0))[0]

    def test_every_word_is_a_token(self):
        for text in SMALL.corpus.texts + [prompt for _, _, prompt in data.EXAMPLES]:
            self.assertTrue(whole_words(text), text)
        for kind in data.KINDS:
            for name in data.names(kind):
                self.assertTrue(whole_words(f" {name}."), name)
            for sex in vignettes.WHETHER:
                self.assertTrue(whole_words(vignettes.question(kind, sex)))

    def test_limits(self):
        lengths = [len(ids) for ids in SMALL.corpus.ids]
        self.assertLessEqual(max(lengths), data.LONGEST)
        longest = max(len(SMALL.layout.branch(kind, sex, answer)[0]) + 1 for kind, sex in SMALL.layout.questions
                      for answer in range(len(data.names(kind))))
        self.assertLessEqual(data.LONGEST + longest, data.CONTEXT)

    def test_branches_do_not_see_one_another(self):
        rows = torch.arange(8)
        mask, branches = SMALL.build(rows).mask, SMALL.branches[rows]
        branches = branches[:, : mask.shape[1]]
        for text in range(8):
            for reader, read in mask[text].nonzero().tolist():
                self.assertLessEqual(read, reader)
                self.assertIn(int(branches[text, read]), (0, int(branches[text, reader])))
            self.assertTrue(mask[text].diagonal().all())
            self.assertEqual(int(mask[text, 5].sum()), 6)

    def test_a_branch_reads_like_a_text_of_its_own(self):
        """Tokens that a branch's last token sees, in order, are the vignette, the question and the answer."""
        built = SMALL.build(torch.arange(8))
        for text in range(8):
            sex = int(SMALL.corpus.sample.sex[text])
            for number, kind in enumerate(data.KINDS):
                last = int((SMALL.branches[text] == 1 + number).nonzero().max())
                seen = built.mask[text, last].nonzero()[:, 0]
                self.assertEqual(built.positions[text, seen].tolist(), list(range(len(seen))))
                whole = TOKENIZER.decode(built.ids[text, seen].tolist())
                start = SMALL.corpus.texts[text] + vignettes.question(kind, sex)
                self.assertTrue(whole.startswith(start))
                self.assertIn(whole[len(start) + 1 :], data.names(kind))
                # The same tokens as those of the text as a whole, and the period after them.
                self.assertEqual(TOKENIZER.encode(whole).ids, built.ids[text, seen].tolist())
                self.assertEqual(TOKENIZER.decode([int(built.target[text, last])]), ".")
                self.assertTrue(built.learn[text, last])

    def test_learned_places(self):
        batch = self.batch()
        self.assertEqual(batch.ids.dtype, torch.long)
        for text in range(16):
            for number, kind in enumerate(data.KINDS):
                column = int(batch.soft.columns[text, number])
                self.assertFalse(batch.learn[text, column])  # learned softly instead
                chances = batch.soft.chances[number][text]
                self.assertAlmostEqual(float(chances.sum()), 1, places=4)
                written = (batch.soft.classes[number] == batch.target[text, column]).nonzero()
                self.assertEqual(len(written), 1)
                self.assertGreater(float(chances[written[0, 0]]), 0)
        inside = batch.learn[:, :-1] & (batch.target[:, :-1] != SMALL.layout.period)
        self.assertTrue((batch.target[:, :-1][inside] == batch.ids[:, 1:][inside]).all())
        self.assertTrue((batch.learn.sum(1) >= 3).all())

    def test_sampling_repeats(self):
        self.assertTrue(torch.equal(self.batch().ids, self.batch().ids))
        again = data.Data(TOKENIZER, seed=3, size=400)
        self.assertEqual(again.corpus.texts, SMALL.corpus.texts)
        self.assertTrue(torch.equal(again.batch.ids, SMALL.batch.ids))

    def test_transcoder_texts(self):
        [(ids, weight)] = SMALL.transcoder_texts(50, torch.Generator().manual_seed(0))
        self.assertEqual(ids.shape, weight.shape)
        self.assertEqual(len(ids), 50)
        for text, weights in zip(ids, weight):
            last = int(weights.nonzero().max())
            self.assertEqual(float(weights[last]), 4)
            self.assertTrue((text[last + 1 :] == SMALL.bos).all())
            self.assertAlmostEqual(float(weights[0]), 0.05)

    def test_evaluation(self):
        one = SMALL.evaluation()
        self.assertEqual(one["domain"], "diagnosis")
        self.assertEqual([q["name"] for q in one["questions"]], data.KINDS)
        self.assertEqual(len(one["vignettes"]), 1200)
        self.assertEqual(set(Counter(v["leading"] for v in one["vignettes"]).values()), {25})
        for v in one["vignettes"]:
            self.assertGreaterEqual(v["lead"], 0.1)
            self.assertEqual(" " + v["leading"].split()[0], v["chances"]["diagnosis"][0][0])
            self.assertLessEqual(set(v["texts"]), {"ask"})
            for kind in data.KINDS:
                chances = [c for _, c in v["chances"][kind]]
                self.assertEqual(chances, sorted(chances, reverse=True))
                self.assertEqual(len(chances), 5)
        twins_ = [v for v in one["vignettes"] if "twin" in v]
        self.assertGreater(len(twins_), 1100)
        for v in twins_[:50]:
            self.assertNotEqual(v["twin"], v["text"])
            self.assertEqual(len(TOKENIZER.encode(v["twin"]).ids), len(TOKENIZER.encode(v["text"]).ids))
        man = next(v for v in one["vignettes"] if " man " in v["text"])
        self.assertTrue(man["texts"]["ask"].endswith("whether he's experiencing"))


class Study(unittest.TestCase):
    def test_files_are_what_the_table_gives(self):
        self.assertEqual(study.TABLE.read_text(), study.compact(study.written(TABLE)))
        self.assertEqual(study.POSTERIORS.read_text(), study.compact(study.posteriors(TABLE)))


if __name__ == "__main__":
    unittest.main()
