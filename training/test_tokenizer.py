"""Texts as tokens: `python -m unittest training.test_tokenizer` (seconds)."""

import tempfile
import unittest
from pathlib import Path

from transformers import AutoTokenizer

from . import tokenizer
from .batch import BOS
from .tiny import TOKENIZER


def tokens(text: str) -> list[str]:
    return TOKENIZER.encode(text).tokens


class Tokens(unittest.TestCase):
    def test_every_number_below_1000_is_one_token(self):
        for n in range(1000):
            self.assertEqual(tokens(str(n)), ["<bos>", str(n)])

    def test_a_prompt(self):
        self.assertEqual(tokens("calc: 36+59="), ["<bos>", "calc", ":", "Ġ", "36", "+", "59", "="])

    def test_long_numbers_split_in_threes_from_the_right(self):
        self.assertEqual(tokens("1234567")[1:], ["1", "234", "567"])

    def test_any_text_comes_back(self):
        for text in ["calc: 36+59=95, because ones 6+9=15", "2\u00b3 \U0001f9ee caf\u00e9\n\tx  ", "007", " <b> ", ""]:
            ids = TOKENIZER.encode(text).ids
            self.assertEqual(TOKENIZER.decode(ids, skip_special_tokens=True), text)

    def test_saved_tokenizer_loads_in_transformers(self):
        with tempfile.TemporaryDirectory() as temporary:
            at = Path(temporary)
            tokenizer.save(TOKENIZER, at, context=64)
            loaded = AutoTokenizer.from_pretrained(at)
            self.assertEqual(loaded("calc: 36+59=")["input_ids"], TOKENIZER.encode("calc: 36+59=").ids)
            self.assertEqual(loaded.bos_token, BOS)
            self.assertEqual(set(loaded("calc")), {"input_ids", "attention_mask"})

if __name__ == "__main__":
    unittest.main()
