"""Checks that need no training: `python -m unittest training.test_training` (seconds)."""

import json
import tempfile
import unittest
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer, GPT2LMHeadModel

from . import data, export, folder, manifest, tokenizer
from .model import Gpt2, Shape, answers, round_to_f16
from .transcoder import Clt

TOKENIZER = tokenizer.build(data.WORDS)


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
            self.assertEqual(loaded.bos_token, tokenizer.BOS)


class Texts(unittest.TestCase):
    def test_an_explanation(self):
        text = data.explanation(36, 59).text
        self.assertEqual(text, "calc: 36+59=95, because ones 6+9=15, carry 1, tens 3+5+1=9")

    def test_arithmetic(self):
        for a, b in [(0, 0), (5, 5), (99, 99), (40, 7), (9, 91)]:
            _, account = data.explanation(a, b).text.split(" because ")
            ones, carry, tens = (part.split("=")[-1].split()[-1] for part in account.split(", "))
            self.assertEqual(10 * int(tens) + int(ones) % 10, a + b)
            self.assertEqual(int(carry), int(ones) // 10)
            self.assertTrue(data.calc(a, b).text.endswith(f"={a + b}"))

    def test_a_fifth_is_held_out_and_never_trained_on(self):
        corpus = data.corpus(TOKENIZER)
        self.assertEqual((len(corpus.trained), len(corpus.held_out)), (8000, 2000))
        self.assertEqual(len({*corpus.trained, *corpus.held_out}), 10000)
        held = {data.calc_prompt(a, b) for a, b in corpus.held_out}
        for kind in (corpus.calc, corpus.explanation):
            texts = TOKENIZER.decode_batch(kind.ids.tolist(), skip_special_tokens=True)
            self.assertFalse(held & {text[: text.index("=") + 1] for text in texts})

    def test_only_what_follows_the_prompt_is_learned(self):
        encoded = data.encode(TOKENIZER, [data.calc(36, 59), data.counting(7)])
        learned = [[TOKENIZER.id_to_token(t) for t in row[1:][learn]] for row, learn in zip(encoded.ids, encoded.learn)]
        self.assertEqual(learned, [["95"], ["8", ",", "9", ",", "10", ",", "11", ",", "12"]])


class Export(unittest.TestCase):
    """A tiny random model, written and read back."""

    def setUp(self):
        torch.manual_seed(1)
        shape = Shape(vocabulary=TOKENIZER.get_vocab_size(), context=16, layers=2, width=16, heads=2, mlp=24)
        self.model = Gpt2(shape)
        with torch.no_grad():
            for p in self.model.parameters():
                p.add_(0.3 * torch.randn(p.shape))
        round_to_f16(self.model)
        self.model.eval()
        self.clt = Clt(layers=2, features=10, width=16).folded().rounded()
        self.ids, _ = data.sums(TOKENIZER, [(36, 59), (8, 7), (0, 99)])
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.out = Path(temporary.name)
        folder.write_model(self.out, self.model, TOKENIZER)
        tokenizer.save(TOKENIZER, self.out, shape.context)
        folder.write_transcoder(self.out / "transcoder", self.clt, "test")

    @torch.no_grad()
    def test_transformers_computes_the_same_logits(self):
        theirs = GPT2LMHeadModel.from_pretrained(self.out, dtype=torch.float32).eval()(self.ids).logits
        ours = self.model.logits(self.model(self.ids))
        self.assertLess((theirs - ours).abs().max().item(), 1e-4 * ours.abs().max().item())

    @torch.no_grad()
    def test_reading_gives_back_what_was_written(self):
        model, clt, _ = folder.read(self.out)
        self.assertTrue(torch.equal(model(self.ids), self.model(self.ids)))
        self.assertTrue(torch.equal(model(self.ids, clt.stand_in()), self.model(self.ids, self.clt.stand_in())))

    def test_transcoder_shapes(self):
        encoder = load_file(self.out / "transcoder" / "W_enc_0.safetensors")
        self.assertEqual({k: tuple(v.shape) for k, v in encoder.items()},
                         {"W_enc_0": (10, 16), "b_enc_0": (10,), "b_dec_0": (16,), "threshold_0": (10,)})
        for layer, decoder in enumerate([(10, 2, 16), (10, 1, 16)]):
            stored = load_file(self.out / "transcoder" / f"W_dec_{layer}.safetensors")
            self.assertEqual(stored[f"W_dec_{layer}"].shape, decoder)

    def test_bytes_are_the_same_again(self):
        before = manifest.files(self.out)
        folder.write_model(self.out, self.model, TOKENIZER)
        tokenizer.save(TOKENIZER, self.out, self.model.shape.context)
        folder.write_transcoder(self.out / "transcoder", self.clt, "test")
        self.assertEqual(manifest.files(self.out), before)
        self.assertEqual(json.loads((self.out / "config.json").read_text())["model_type"], "gpt2")

    @torch.no_grad()
    def test_dead_features_go(self):
        fired = [torch.tensor([1, 0, 1, 0, 0, 0, 0, 0, 1, 0]).bool(), torch.tensor([0, 0, 1, 1, 0, 0, 0, 0, 0, 0]).bool()]
        small = export.drop_dead(self.clt, fired)
        self.assertEqual([len(b) for b in small.b_enc], [3, 3])
        self.assertTrue(torch.equal(small.b_enc[0], self.clt.b_enc[0][[0, 2, 8]]))
        self.assertTrue(torch.equal(small.w_dec[1], self.clt.w_dec[1][[0, 2, 3]]))


class Replacement(unittest.TestCase):
    @torch.no_grad()
    def test_folding_keeps_the_function(self):
        """Folded into the model's own units, the transcoder still writes what it wrote in normalised units."""
        torch.manual_seed(2)
        clt = Clt(layers=3, features=12, width=8)
        inputs, outputs = 3 * torch.randn(3, 50, 8), 5 + torch.randn(3, 50, 8)
        clt.fit_scales(inputs, outputs)
        x, _ = clt.normalise(inputs, outputs)
        wrote = clt.decode(clt.encode(x)) * clt.out_scale[:, None, None] + clt.out_mean[:, None]
        folded, acts = clt.folded(), []
        for layer in range(3):
            acts.append(folded.encode(layer, inputs[layer]))
            self.assertLess((folded.write(layer, acts) - wrote[layer]).abs().max().item(), 1e-4)

    @torch.no_grad()
    def test_exact_stand_in_changes_nothing(self):
        model = Gpt2(Shape(vocabulary=TOKENIZER.get_vocab_size(), context=16, layers=2, width=16, heads=2, mlp=24))
        ids, _ = data.sums(TOKENIZER, [(1, 2), (30, 4)])
        same = lambda layer, middle: model.h[layer].mlp(model.h[layer].ln_2(middle))  # noqa: E731
        self.assertTrue(torch.equal(answers(model, ids), answers(model, ids, same)))


if __name__ == "__main__":
    unittest.main()
