"""Checks that need no training: `python -m unittest training.test_training` (seconds)."""

import gzip
import json
import tempfile
import unittest
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer, GPT2LMHeadModel

from . import batch, checkpoint, export, folder, gradients, manifest, moves, samples, slopes, tasks, tokenizer, train_lm, train_transcoder, twins
from .batch import BOS, Batch, Soft
from .model import Gpt2, Shape, gelu, round_to_f16
from .transcoder import SHARPNESS, Folded, Transcoder, penalties

WORDS = ["calc", " because", " ones", " carry", " tens"]
TOKENIZER = tokenizer.build(WORDS)


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


def prompts(*texts: str) -> torch.Tensor:
    return torch.tensor([e.ids for e in TOKENIZER.encode_batch(list(texts))])


def random_model(layers: int = 2, context: int = 16) -> Gpt2:
    """A tiny model whose every weight matters."""
    torch.manual_seed(1)
    model = Gpt2(Shape(TOKENIZER.get_vocab_size(), context, layers, width=16, heads=2, mlp=24))
    with torch.no_grad():
        for p in model.parameters():
            p.add_(0.3 * torch.randn(p.shape))
    round_to_f16(model)
    return model.eval()


IDS = prompts("calc: 36+59=", "calc: 8+7=", "calc: 0+99=")


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


class Answers(unittest.TestCase):
    def test_the_shipped_manifests_list_what_was_trained(self):
        """And bringing a manifest up to date leaves the rest of it, and its order, as they are."""
        for name, count in [("addition", 0), ("diagnosis", 178)]:
            task, shipped = tasks.load(name), folder.MODELS / name / "manifest.json"
            fields = json.loads(shipped.read_text())
            self.assertEqual(fields["answers"], task.ANSWERS)
            self.assertEqual(len(set(task.ANSWERS)), count)
            with tempfile.TemporaryDirectory() as at:
                copy = Path(at) / "manifest.json"
                for before in [fields | {"answers": [" an old one"]}, {k: v for k, v in fields.items() if k != "answers"}]:
                    folder.write_json(copy, before)
                    manifest.list_answers(task, Path(at))
                    self.assertEqual(copy.read_bytes(), shipped.read_bytes(), name)


class Replacement(unittest.TestCase):
    @torch.no_grad()
    def test_folding_keeps_the_function(self):
        """Folded into the model's own units, the transcoder still writes what it wrote in normalised units."""
        for reach in (None, 1, 2):
            torch.manual_seed(2)
            coder = Transcoder(layers=3, features=12, width=8, reach=reach)
            inputs, outputs = 3 * torch.randn(3, 50, 8), 5 + torch.randn(3, 50, 8)
            coder.fit_scales(inputs, outputs)
            x, _ = coder.normalise(inputs, outputs)
            wrote = coder.decode(coder.encode(x)) * coder.out_scale[:, None, None] + coder.out_mean[:, None]
            folded, acts = coder.folded(), []
            for layer in range(3):
                acts.append(folded.encode(layer, inputs[layer]))
                self.assertLess((folded.write(layer, acts) - wrote[layer]).abs().max().item(), 1e-4)

    @torch.no_grad()
    def test_a_folded_one_is_taken_over(self):
        torch.manual_seed(7)
        coder, other = Transcoder(layers=3, features=12, width=8), Transcoder(layers=3, features=12, width=8)
        for one in (coder, other):
            one.fit_scales(3 * torch.randn(3, 50, 8), 5 + 2 * torch.randn(3, 50, 8))
        other.take(coder.folded())
        for name in Folded.NAMES:
            for one, again in zip(getattr(coder.folded(), name), getattr(other.folded(), name), strict=True):
                self.assertLess((one - again).abs().max().item(), 1e-5, name)

    @torch.no_grad()
    def test_exact_stand_in_changes_nothing(self):
        model = random_model()
        same = lambda layer, middle: model.h[layer].mlp(model.h[layer].ln_2(middle))  # noqa: E731
        self.assertTrue(torch.equal(model(IDS), model(IDS, same)))

    @torch.no_grad()
    def test_a_move_that_crosses_no_threshold_is_linear(self):
        torch.manual_seed(3)
        coder = Transcoder(layers=3, features=12, width=8)
        inputs, outputs = torch.randn(3, 40, 8), torch.randn(3, 40, 8)
        coder.fit_scales(inputs, outputs)
        step = 1e-4 * torch.randn(3, 40, 8)
        write = lambda at: coder.decode(coder.encode(at / coder.in_scale[:, None, None])) * coder.out_scale[:, None, None]  # noqa: E731
        acts = coder.encode(inputs / coder.in_scale[:, None, None])
        after = coder.encode((inputs + step) / coder.in_scale[:, None, None])
        same = ((acts > 0) == (after > 0)).all(2).all(0)
        self.assertGreater(int(same.sum()), 20)
        difference = (write(inputs + step) - write(inputs) - coder.moved(acts, step))[:, same]
        self.assertLess(difference.abs().max().item(), 1e-5)


class Moves(unittest.TestCase):
    """What the MLPs answer, against the model run again with everything else frozen by hand."""

    @torch.no_grad()
    def test_against_a_second_run(self):
        model = random_model(layers=3).double()
        layers = moves.run(model, IDS)
        torch.manual_seed(4)
        embeddings = 0.1 * torch.randn(*IDS.shape, 16).double()
        written = 0.1 * torch.randn(3, *IDS.shape, 16).double()
        inputs, outputs = moves.moved(model, layers, embeddings, written)
        x = model.wte(IDS) + model.wpe.weight[: IDS.shape[1]] + embeddings
        for i, (layer, block) in enumerate(zip(layers, model.h)):
            norm = lambda ln, at, scale: (at - at.mean(-1, keepdim=True)) * scale * ln.weight + ln.bias  # noqa: E731
            qkv = block.attn.c_attn(norm(block.ln_1, x, layer.attention_scale))
            mixed = layer.pattern @ moves.heads(block.attn, qkv)[2]
            middle = x + block.attn.c_proj(mixed.transpose(1, 2).flatten(2))
            out = block.mlp(norm(block.ln_2, middle, layer.mlp_scale))
            self.assertLess((middle - layer.middle - inputs[i]).abs().max().item(), 1e-10)
            self.assertLess((out - layer.out - outputs[i]).abs().max().item(), 1e-10)
            x = middle + out + written[i]

    @torch.no_grad()
    def test_the_run_is_the_model(self):
        model, seen = random_model(), []
        model(IDS, seen=seen)
        for layer, (middle, out) in zip(moves.run(model, IDS), seen):
            self.assertLess((layer.middle - middle).abs().max().item(), 1e-5)
            self.assertLess((layer.out - out).abs().max().item(), 1e-5)


class Gradients(unittest.TestCase):
    """What is said moves with what MLPs write: against a model run again with something added to it."""

    def by_adding(self, model, stand_in) -> list[torch.Tensor]:
        """Gradients of a mixture of the last token's logits by what is added to each MLP's output."""
        added = torch.zeros(3, *IDS.shape, 16).double().requires_grad_()
        final = model(IDS, lambda layer, middle: stand_in(layer, middle) + added[layer])
        (model.logits(final)[:, -1] * self.mixture).sum().backward()
        return list(added.grad)

    def setUp(self):
        self.model = random_model(layers=3).double().requires_grad_(False)
        torch.manual_seed(6)
        self.mixture = torch.randn(self.model.shape.vocabulary).double()
        self.passed = gradients.cut(self.model, IDS)
        logits = self.model.logits(self.model.ln_f(self.passed.final))[:, -1]
        self.top, = torch.autograd.grad((logits * self.mixture).sum(), self.passed.final)

    def close(self, found, truth):
        for one, other in zip(found, truth, strict=True):
            self.assertGreater(other.abs().max().item(), 1e-4)
            self.assertLess((one - other).abs().max().item(), 1e-10)

    def test_with_the_models_own_mlps(self):
        own = lambda layer, middle: self.model.h[layer].mlp(self.model.h[layer].ln_2(middle))  # noqa: E731
        self.close(gradients.down(self.passed, self.top, gradients.own(self.passed)), self.by_adding(self.model, own))

    def test_with_features_whose_gates_stay(self):
        coder = Transcoder(layers=3, features=12, width=16).double()
        middles = [piece.read.detach() for piece in self.passed.pieces]
        coder.fit_scales(torch.stack(middles).flatten(1, 2), torch.randn(3, 40, 16).double())
        folded = coder.folded()
        active = [folded.encode(layer, middle) > 0 for layer, middle in enumerate(middles)]
        moves = []

        def stand_in(layer, middle):
            moves.append((middle - middles[layer]) @ folded.w_enc[layer].T * active[layer])
            return self.passed.pieces[layer].out.detach() + folded.write(layer, moves) - folded.b_dec[layer]

        found = gradients.down(self.passed, self.top, gradients.replaced(folded, active))
        self.close(found, self.by_adding(self.model, stand_in))

    def test_the_error_falls_as_it_is_learned(self):
        model = self.model.float()
        coder = Transcoder(layers=3, features=40, width=16)
        coder.fit_scales(torch.randn(3, 40, 16), torch.randn(3, 40, 16))
        adam = torch.optim.Adam(coder.parameters(), lr=1e-2)
        errors = []
        for _ in range(30):
            found = gradients.error(model, coder.in_own_units(), IDS, torch.ones(IDS.shape), torch.Generator().manual_seed(1))
            adam.zero_grad()
            found.backward()
            adam.step()
            errors.append(found.item())
        self.assertLess(errors[-1], 0.5 * errors[0])


class Steering(unittest.TestCase):
    def test_the_penalty_grows_with_too_many_active_features_only(self):
        self.assertGreater(train_transcoder.steered(1.0, active=20, wanted=7, ramp=1.0), 1)
        self.assertLess(train_transcoder.steered(1.0, active=3, wanted=7, ramp=1.0), 1)
        self.assertEqual(train_transcoder.steered(1.0, active=20, wanted=7, ramp=0.5), 1)


class Start(unittest.TestCase):
    @torch.no_grad()
    def test_features_start_as_the_neurons(self):
        """At one token, whose scale is the mean, every one of them would write what its neuron would without its gate."""
        model = random_model(layers=3)
        layers = moves.run(model, IDS)
        for place in range(1, IDS.shape[1]):
            coder = Transcoder(layers=3, features=30, width=16)
            at = torch.stack([layer.middle[0, place][None] for layer in layers])
            coder.fit_scales(at, torch.randn(3, 5, 16))
            coder.take_neurons(model, [layer.mlp_scale[0, place].item() for layer in layers])
            pre = coder.pre_activations(at / coder.in_scale[:, None, None])[:, 0]
            for i, (layer, block) in enumerate(zip(layers, model.h)):
                read, wrote = block.mlp.c_fc(layer.normed[0, place]), coder.w_dec[i][:24, 0] * coder.out_scale[i]
                contributions = pre[i, :24, None] * wrote
                self.assertLess((contributions - read[:, None] * block.mlp.c_proj.weight.T).abs().max().item(), 1e-4)
                self.assertEqual(coder.w_dec[i][:24, 1:].abs().sum().item(), 0)

    def test_the_penalty_is_a_tanh(self):
        torch.manual_seed(5)
        pre, norms = torch.randn(2, 20, 6) * 50, torch.rand(2, 6)
        acts = pre.relu().requires_grad_()
        sparsity, _ = penalties(pre, acts, torch.zeros(2, 1, 6), norms, torch.zeros(2, 6))
        self.assertAlmostEqual(sparsity.item(), torch.tanh(SHARPNESS * acts * norms[:, None]).sum().item() / 20, 4)
        sparsity.backward()
        self.assertTrue(acts.grad.isfinite().all())

    def test_a_saved_transcoder_comes_back(self):
        for kind, reach in train_transcoder.KINDS.items():
            coder = Transcoder(layers=2, features=10, width=16, reach=reach)
            coder.fit_scales(torch.randn(2, 9, 16), torch.randn(2, 9, 16))
            with tempfile.TemporaryDirectory() as temporary:
                at = Path(temporary) / "coder.pt"
                train_transcoder.save(at, kind, coder)
                again = train_transcoder.load(at)
            x = torch.randn(2, 7, 16)
            self.assertTrue(torch.equal(again.decode(again.encode(x)), coder.decode(coder.encode(x))))


class QuietMlps(unittest.TestCase):
    """The term that makes a language model's MLPs easy to replace."""

    def asked(self) -> Batch:
        learn = torch.zeros_like(IDS, dtype=torch.bool)
        learn[:, -1] = True
        return Batch(IDS, learn, IDS)

    def test_more_active_neurons_cost_more(self):
        model, texts = random_model(), self.asked()
        plain = train_lm.loss_of(model, [texts])
        weighed = train_lm.loss_of(model, [texts], sparse=0.5)
        self.assertAlmostEqual(weighed.total.item(), (plain.total + 0.5 * plain.neurons.sum()).item(), 3)
        with torch.no_grad():
            for block in model.h:
                block.mlp.c_proj.weight[:, :12] = 0
        self.assertTrue((train_lm.loss_of(model, [texts]).neurons < plain.neurons).all())

    @torch.no_grad()
    def test_a_neuron_that_would_write_counts_too(self):
        """At 0 it writes nothing, but moves with its input; far below, it does neither."""
        model = random_model()
        mlp, middle = model.h[0].mlp, torch.randn(1, 50, 16)
        read = torch.randn(1, 50, mlp.c_fc.out_features)
        near, below = (mlp.shares(at, gelu(at), middle, would=0.5).mean() for at in (read, read - 12))
        self.assertLess(below, 1e-3 * near)
        self.assertGreater(mlp.shares(read, 0 * read, middle, would=0.5).mean(), 0.1 * near)

    def test_what_neurons_that_write_little_make_of_an_answer_is_told(self):
        model, read, middle = random_model(), torch.randn(40, 16), torch.randn(40, 16)
        told = lambda: slopes.slopes(model.h[0].mlp, read, middle, torch.Generator().manual_seed(0))  # noqa: E731
        with torch.no_grad():
            model.h[0].mlp.c_proj.weight.mul_(1e-4)
        _, found = told()
        self.assertEqual(found, [(0.0, 1.0)] * 2)  # none writes more: the others make all of it
        with torch.no_grad():
            model.h[0].mlp.c_proj.weight.mul_(1e8)
        near, found = told()
        self.assertGreater(found[0][0], 0.9 * model.shape.mlp)
        self.assertLess(found[0][1], 0.05)
        self.assertTrue(0 < near < 1)

    @torch.no_grad()
    def test_what_a_neuron_writes_is_a_share_of_the_stream_that_it_writes_into(self):
        """Twice the residual stream, written by all that writes to it, leaves every share as it is."""
        model, shares = random_model(layers=1), []
        for _ in range(2):
            found: list[torch.Tensor] = []
            model(IDS, neurons=found)
            shares.append(found[0])
            for weights in (model.wte.weight, model.wpe.weight, model.h[0].attn.c_proj.weight, model.h[0].attn.c_proj.bias,
                            model.h[0].mlp.c_proj.weight):
                weights.mul_(2)
            model.h[0].ln_1.eps = model.h[0].ln_2.eps = 0.0
        self.assertLess((shares[0] - shares[1]).abs().max().item(), 1e-3 * shares[0].max().item())

    def test_a_batch_counts_by_its_weight(self):
        model, plain, heavy = random_model(), self.asked(), self.asked()
        heavy.weight = 3.0
        one, three = (train_lm.loss_of(model, [each]).total.item() for each in (plain, heavy))
        self.assertAlmostEqual(3 * one, three, 3)


class StillPatterns(unittest.TestCase):
    """Attention patterns that are to depend on the form of a text alone."""

    def test_texts_that_differ_in_their_numbers_alone_are_of_one_form(self):
        ids = prompts("calc: 36+59=", "calc: 8+7=", "calc: 36-59=", "calc: 0+99=")
        form = batch.forms(TOKENIZER, ids).tolist()
        self.assertEqual(form[0], form[1])
        self.assertEqual(form[0], form[3])
        self.assertNotEqual(form[0], form[2])

    @torch.no_grad()
    def test_a_pattern_that_differs_between_twins_costs(self):
        patterns = [torch.rand(4, 2, 3, 3)]
        patterns[0][1] = patterns[0][0]
        alone, twins_ = torch.tensor([0, 1, 2, 3]), torch.tensor([0, 0, 1, 1])
        self.assertEqual(twins.deviation(patterns, alone).max().item(), 0)
        found = twins.deviation(patterns, twins_)
        self.assertEqual(found[:2].max().item(), 0)
        # Two texts lie half their difference from their mean.
        expected = ((patterns[0][2] - patterns[0][3]) / 2).square().sum(-1).mean(0)
        self.assertLess((found[2:] - expected).abs().max().item(), 1e-6)

    def test_the_loss_weighs_it_where_twins_stand_alike(self):
        model = random_model()
        learn = torch.zeros_like(IDS, dtype=torch.bool)
        learn[:, -1] = True
        texts = Batch(IDS, learn, IDS, form=torch.zeros(3, dtype=torch.long))
        plain = train_lm.loss_of(model, [texts])
        self.assertGreater(plain.moving.min().item(), 0)
        weighed = train_lm.loss_of(model, [texts], still=2.0)
        self.assertAlmostEqual(weighed.total.item(), (plain.total + 2 * plain.moving.sum()).item(), 4)
        texts.alike = torch.zeros_like(learn)
        self.assertEqual(train_lm.loss_of(model, [texts]).moving.sum().item(), 0)

    def test_looking_at_what_twins_have_in_common_costs(self):
        ids = torch.tensor([[0, 5, 7, 9], [0, 5, 8, 9], [0, 5, 7, 9]])
        who = torch.tensor([[1.0, 0, 0, 0], [0.5, 0.5, 0, 0], [0.2, 0.3, 0.5, 0], [0.1, 0.2, 0.4, 0.3]]).expand(3, 2, 4, 4)
        found = twins.elsewhere([who, who], ids, torch.tensor([0, 0, 1]))
        # The first two are twins that differ in their third token; 5 is what they have in common, but for <bos> and itself.
        expected = torch.tensor([[0, 0, 0.3, 0.2], [0, 0, 0.3, 0.2], [0, 0, 0, 0]])
        self.assertLess((found - expected).abs().max().item(), 1e-6)
        model = random_model()
        texts = Batch(ids, torch.ones_like(ids, dtype=torch.bool), ids, form=torch.tensor([0, 0, 1]))
        plain, weighed = (train_lm.loss_of(model, [texts], aim=aim) for aim in (0.0, 2.0))
        self.assertGreater(plain.elsewhere.item(), 0)
        self.assertAlmostEqual(weighed.total.item(), (plain.total + 2 * plain.elsewhere).item(), 4)

    @torch.no_grad()
    def test_a_text_with_its_own_patterns_held_is_itself(self):
        model, own = random_model(), []
        plain = model(IDS, patterns=own)
        self.assertLess((model(IDS, held=own) - plain).abs().max().item(), 1e-5)
        others = [who.flip(0) for who in own]
        self.assertGreater((model(IDS, held=others) - plain).abs().max().item(), 1e-3)


class Runs(unittest.TestCase):
    def test_a_run_that_was_cut_off_goes_on_to_the_same_weights(self):
        torch.manual_seed(0)
        settings = train_lm.Settings(steps=4)
        weights = {}
        for cut in (False, True):
            model = random_model()
            adam, generator = train_lm.optimiser(model, 0.1), torch.Generator().manual_seed(0)
            first = 0
            with tempfile.TemporaryDirectory() as temporary:
                path = Path(temporary) / "checkpoint.pt"
                for step in range(4):
                    if cut and step == 2:
                        checkpoint.keep(path, settings, model, adam, generator, step, 1.0)
                        model = random_model()
                        adam, generator = train_lm.optimiser(model, 0.1), torch.Generator().manual_seed(9)
                        first, spent, _ = checkpoint.resume(path, settings, model, adam, generator)
                        self.assertEqual((first, spent), (2, 1.0))
                        other = train_lm.Settings(steps=5)
                        self.assertEqual(checkpoint.resume(path, other, random_model(), adam, generator), (0, 0.0, None))
                    for group in adam.param_groups:
                        group["lr"] = 1e-2
                    rows = torch.randint(3, (2,), generator=generator)
                    learn = torch.ones_like(IDS[rows], dtype=torch.bool)
                    loss = train_lm.loss_of(model, [Batch(IDS[rows], learn, IDS[rows])])
                    adam.zero_grad()
                    loss.total.backward()
                    adam.step()
            weights[cut] = model.wte.weight.detach().clone()
        self.assertTrue(torch.equal(weights[False], weights[True]))


class Branches(unittest.TestCase):
    """A text that branches is read as if each branch stood alone."""

    @torch.no_grad()
    def test_a_branch_does_not_see_the_other(self):
        model = random_model()
        stem, one, two = [5, 6, 7], [8, 9], [10]
        # Places 0..2 are the stem, 3..4 one branch, 5 the other.
        mask = torch.ones(6, 6).tril().bool()
        mask[5, 3:5] = False
        ids = torch.tensor([stem + one + two])
        whole = model(ids, mask=mask[None], positions=torch.tensor([[0, 1, 2, 3, 4, 3]]))
        self.assertLess((whole[0, :5] - model(torch.tensor([stem + one]))[0]).abs().max().item(), 1e-5)
        self.assertLess((whole[0, 5] - model(torch.tensor([stem + two]))[0, -1]).abs().max().item(), 1e-5)

    @torch.no_grad()
    def test_a_soft_answer_that_is_certain_costs_what_a_hard_one_costs(self):
        model = random_model()
        nothing = torch.zeros_like(IDS, dtype=torch.bool)
        learn = nothing.clone()
        learn[:, -1] = True
        target = torch.full_like(IDS, 7)
        hard = train_lm.loss_of(model, [Batch(IDS, learn, target)]).total
        chances = torch.tensor([[0.0, 1.0]]).repeat(3, 1)
        soft = Soft(torch.full((3, 1), IDS.shape[1] - 1), [chances], [torch.tensor([3, 7])])
        self.assertAlmostEqual(train_lm.loss_of(model, [Batch(IDS, nothing, target, soft=soft)]).total.item(), hard.item(), 5)


if __name__ == "__main__":
    unittest.main()
