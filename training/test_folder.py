"""What an export writes, and what the shipped folders hold: `python -m unittest training.test_folder` (seconds)."""

import gzip
import json
import tempfile
import unittest
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import GPT2LMHeadModel

from . import export, folder, manifest, samples, tasks, tokenizer
from .batch import BOS
from .tiny import IDS, TOKENIZER, prompts, random_model
from .transcoder import Transcoder


class Export(unittest.TestCase):
    """A tiny random model, written and read back."""

    def setUp(self):
        self.model = random_model()
        self.coders = {
            folder.CROSS_LAYER: Transcoder(layers=2, features=10, width=16).folded().rounded(),
            folder.PER_LAYER: Transcoder(layers=2, features=10, width=16, reach=1).folded().rounded(),
        }
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.out = Path(temporary.name)
        self.write()

    def write(self):
        folder.write_model(self.out, self.model, TOKENIZER)
        tokenizer.save(TOKENIZER, self.out, self.model.shape.context)
        for name, coder in self.coders.items():
            folder.write_transcoder(self.out / name, coder, "test")

    @torch.no_grad()
    def test_transformers_computes_the_same_logits(self):
        theirs = GPT2LMHeadModel.from_pretrained(self.out, dtype=torch.float32).eval()(IDS).logits
        ours = self.model.logits(self.model(IDS))
        self.assertLess((theirs - ours).abs().max().item(), 1e-4 * ours.abs().max().item())

    @torch.no_grad()
    def test_reading_gives_back_what_was_written(self):
        for name, written in self.coders.items():
            model, coder, _ = folder.read(self.out, name)
            self.assertTrue(torch.equal(model(IDS), self.model(IDS)))
            self.assertTrue(torch.equal(model(IDS, coder.stand_in()), self.model(IDS, written.stand_in())), name)

    def test_transcoder_shapes(self):
        encoder = load_file(self.out / "transcoder" / "W_enc_0.safetensors")
        self.assertEqual({k: tuple(v.shape) for k, v in encoder.items()},
                         {"W_enc_0": (10, 16), "b_enc_0": (10,), "b_dec_0": (16,), "threshold_0": (10,)})
        for layer, decoder in enumerate([(10, 2, 16), (10, 1, 16)]):
            stored = load_file(self.out / "transcoder" / f"W_dec_{layer}.safetensors")
            self.assertEqual(stored[f"W_dec_{layer}"].shape, decoder)
        alone = load_file(self.out / "per-layer" / "layer_1.safetensors")
        self.assertEqual({k: tuple(v.shape) for k, v in alone.items()},
                         {"W_enc": (10, 16), "W_dec": (10, 16), "b_enc": (10,), "b_dec": (16,), folder.THRESHOLD: (10,)})

    def test_bytes_are_the_same_again(self):
        before = manifest.files(self.out)
        self.write()
        self.assertEqual(manifest.files(self.out), before)
        self.assertEqual(json.loads((self.out / "config.json").read_text())["model_type"], "gpt2")

    @torch.no_grad()
    def test_dead_features_go(self):
        coder = self.coders[folder.CROSS_LAYER]
        fired = [torch.tensor([1, 0, 1, 0, 0, 0, 0, 0, 1, 0]).bool(), torch.tensor([0, 0, 1, 1, 0, 0, 0, 0, 0, 0]).bool()]
        small = export.drop_dead(coder, fired)
        self.assertEqual([len(b) for b in small.b_enc], [3, 3])
        self.assertTrue(torch.equal(small.b_enc[0], coder.b_enc[0][[0, 2, 8]]))
        self.assertTrue(torch.equal(small.w_dec[1], coder.w_dec[1][[0, 2, 3]]))


class SampleTexts(unittest.TestCase):
    def test_the_shipped_files_come_out_again(self):
        for name, contexts, prompts in [("addition", 10, 400), ("diagnosis", 7, 240)]:
            task, shipped = tasks.load(name), folder.MODELS / name
            tok = folder.read_tokenizer(shipped)
            with tempfile.TemporaryDirectory() as at:
                samples.write(task, Path(at), tok)
                written = (Path(at) / samples.FILE).read_bytes()
            self.assertEqual(written, (shipped / samples.FILE).read_bytes(), name)
            self.assertLess(len(gzip.compress(written)), 60_000)
            found = json.loads(written)["contexts"]
            self.assertEqual(len({context["name"] for context in found}), contexts)
            every = [ids for context in found for ids in context["prompts"]]
            self.assertEqual(len(every), prompts)
            topics = {topic for topic, _, _ in task.EXAMPLES}
            self.assertLessEqual(topics, {context["name"] for context in found})
            for ids in every:
                self.assertNotIn(tok.token_to_id(BOS), ids)
                self.assertLess(len(ids), task.CONTEXT)
                self.assertEqual(tok.encode(tok.decode(ids)).ids[1:], ids)


class Texts(unittest.TestCase):
    def test_ranges(self):
        chosen = torch.tensor([1, 1, 1, 0, 1, 0, 0, 1, 1]).bool()
        self.assertEqual(manifest.ranges(chosen), "0-2,4,7-8")
        self.assertEqual(manifest.ranges(chosen & False), "")

    def test_the_shipped_manifests_list_what_was_trained(self):
        """And bringing a manifest up to date leaves the rest of it, and its order, as they are."""
        for name, count in [("addition", 0), ("diagnosis", 178)]:
            task, shipped = tasks.load(name), folder.MODELS / name / "manifest.json"
            fields, read = json.loads(shipped.read_text()), manifest.read_by(task)
            self.assertEqual(fields["answers"], task.ANSWERS)
            self.assertEqual(fields["unseen"], manifest.ranges(~read))
            tok = folder.read_tokenizer(shipped.parent)
            asked = [id for text in task.EXAMPLES for id in tok.encode(text[-1]).ids]
            self.assertTrue(read[asked].all())
            self.assertFalse(read[[tok.token_to_id(letter) for letter in "qzQZ~"]].any())
            self.assertEqual(len(set(task.ANSWERS)), count)
            with tempfile.TemporaryDirectory() as at:
                copy = Path(at) / "manifest.json"
                for before in [fields | {"answers": [" an old one"]}, {k: v for k, v in fields.items() if k not in ("answers", "unseen")}]:
                    folder.write_json(copy, before)
                    manifest.list_texts(Path(at), task.ANSWERS, read)
                    self.assertEqual(copy.read_bytes(), shipped.read_bytes(), name)

if __name__ == "__main__":
    unittest.main()
