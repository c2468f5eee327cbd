"""The addition model's texts: `python -m unittest training.addition.test_addition` (seconds)."""

import unittest

import torch

from .. import tokenizer
from . import data, texts

TOKENIZER = tokenizer.build(data.WORDS)
SPLIT = texts.split()


def tokens(text: str) -> list[str]:
    return TOKENIZER.encode(text).tokens


class Texts(unittest.TestCase):
    def test_a_prompt(self):
        self.assertEqual(tokens("calc: 36+59="), ["<bos>", "calc", ":", "Ġ", "36", "+", "59", "="])

    def test_in_every_context_the_sum_is_the_next_token(self):
        for name, templates in texts.CONTEXTS.items():
            for template in templates:
                for a, b in [(36, 59), (0, 0), (99, 99), (7, 93), (40, 5)]:
                    text = texts.render(template, a, b)
                    read, whole = TOKENIZER.encode(text.prompt).ids, TOKENIZER.encode(text.text).ids
                    self.assertEqual(whole[:-1], read, f"{name}: {text.text}")
                    answer = TOKENIZER.decode(whole[-1:])
                    # A year's last three digits; the sum itself everywhere else.
                    expected = f"{(1900 + a + b) % 1000:03}" if name == "journal" else str(a + b)
                    self.assertEqual(answer, expected, text.text)
                    self.assertIn(str(b), text.prompt)

    def test_every_word_is_one_token(self):
        for kind in [texts.CONTEXTS[name] for name in texts.CONTEXTS] + [texts.EXPLANATIONS]:
            for template in kind:
                text = texts.render(template, 36, 59).text
                for token in tokens(text)[1:]:
                    plain = token.replace("Ġ", "")
                    self.assertTrue(len(token) > 1 or not plain.isalpha() or plain in ("A", "I", "p", "a"), (token, text))

    def test_explanations_are_true(self):
        for template in texts.EXPLANATIONS:
            for a, b in [(0, 0), (5, 5), (99, 99), (9, 91), (36, 59)]:
                text = texts.render(template, a, b).text
                for equation in text.replace("calc: ", "").split():
                    if equation.count("=") == 1:
                        left, right = equation.rstrip(".").split("=")
                        self.assertEqual(sum(int(n) for n in left.split("+")), int(right), text)
                self.assertTrue(text.endswith(f" {a + b}."))

    def test_a_known_explanation(self):
        told = texts.render(texts.EXPLANATIONS[0], 36, 59)
        self.assertEqual(told.prompt, "How did you get 36+59?")
        self.assertEqual(told.text[told.learn_from :], " I added the ones: 6+9=15. I wrote 5 and carried 1. "
                         "Then the tens: 3+5+1=9. So it is 95.")

    def test_years_in_both_forms(self):
        found = {text.text for text in texts.years()}
        self.assertTrue({"short: 1995=95", "long: 95=1995", "short: 2030=130"} <= found)

    def test_counting(self):
        self.assertEqual(texts.counting(7, 10).text, "count: 7,17,27,37,47,57")
        self.assertEqual(texts.counting(7, 10).prompt, "count: 7,")


    def test_in_other_cases_only_letters_change(self):
        self.assertEqual(texts.in_other_cases("What is {a}+{b}?|{sum}"), ["what is {a}+{b}?|{sum}", "WHAT IS {a}+{b}?|{sum}"])
        self.assertEqual(texts.in_other_cases("calc: {a.ones}=|{sum}. How?"), ["CALC: {a.ones}=|{sum}. How?", "Calc: {a.ones}=|{sum}. How?"])
        self.assertEqual(texts.in_other_cases("{a}+{b}=|{sum}"), [])

    def test_what_people_type_is_asked(self):
        prompts = {texts.render(t, 36, 59).prompt for wordings in texts.WORDINGS.values() for t, _ in wordings}
        typed = {"36+59=", "36 + 59 =", "calc:36+59=", "calc: 36+59=", "CALC: 36+59=", "what is 36+59?", "What is 36 + 59?",
                 "WHAT IS 36 PLUS 59?", "36 plus 59 is", "36 PLUS 59 IS"}
        self.assertLessEqual(typed, prompts)


class HeldOut(unittest.TestCase):
    def test_a_tenth_everywhere_and_a_tenth_in_one_context_each(self):
        self.assertEqual(len(SPLIT.everywhere), 1000)
        once = [pair for pairs in SPLIT.only.values() for pair in pairs]
        self.assertEqual((len(once), len(set(once))), (1000, 1000))
        self.assertFalse(set(once) & SPLIT.everywhere)
        self.assertEqual(set(SPLIT.only), set(texts.CONTEXTS))
        self.assertLessEqual(max(map(len, SPLIT.only.values())) - min(map(len, SPLIT.only.values())), 1)

    def test_no_trained_text_begins_as_a_held_out_prompt_and_goes_on(self):
        all_texts = {name: texts.trained_texts(name, SPLIT)[0] for name in texts.CONTEXTS}
        all_texts["explanations"], _ = texts.explanation_texts(SPLIT)
        trained = [text.text for kind in all_texts.values() for text in kind]
        held = {texts.render(template, a, b).prompt
                for name, wordings in texts.WORDINGS.items() for template, _ in wordings
                for a, b in SPLIT.held_out(name)}
        held |= {texts.render(texts.EXPLANATIONS[0], a, b).prompt for a, b in SPLIT.everywhere}
        for text in trained:
            for end in (i for i, c in enumerate(text) if c in "=:$#.1 2?"):
                self.assertNotIn(text[: end + 1], held)


class Tensors(unittest.TestCase):
    def test_only_what_follows_the_prompt_is_learned(self):
        batch = data.encode(TOKENIZER, [texts.render(texts.CONTEXTS["calc"][0], 36, 59), texts.counting(7, 1)])
        learned = [[TOKENIZER.id_to_token(t) for t in row[learn].tolist()] for row, learn in zip(batch.target, batch.learn)]
        self.assertEqual(learned, [["95"], ["8", ",", "9", ",", "10", ",", "11", ",", "12"]])
        self.assertEqual(batch.real.sum(1).tolist(), [8, 14])

    def test_the_transcoder_looks_most_at_the_answering_token(self):
        batch = data.encode(TOKENIZER, [texts.render(t, 36, 59) for t in texts.CONTEXTS["question"]])
        ids, weight = data.weighted("question", batch)
        for row in range(len(ids)):
            last = int(batch.real[row].nonzero().max())
            self.assertEqual(int(weight[row].argmax()), last)
            self.assertEqual(weight[row, last + 1 :].sum().item(), 0)
        self.assertTrue(torch.equal(weight[:, 0], torch.full((len(ids),), data.BOS)))

    def test_examples_are_read_as_they_stand(self):
        for _, _, prompt in data.EXAMPLES:
            self.assertEqual(TOKENIZER.decode(TOKENIZER.encode(prompt).ids, skip_special_tokens=True), prompt)


if __name__ == "__main__":
    unittest.main()
