"""Terms of a language model's loss, branching texts, and runs that were cut off: `python -m unittest training.test_train_lm` (seconds)."""

import tempfile
import unittest
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import torch

from . import batch, checkpoint, slopes, train_lm, twins
from .batch import Batch, Soft
from .model import gelu
from .tiny import IDS, TOKENIZER, WORDS, prompts, random_model


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
        self.assertAlmostEqual(weighed.total.item(), (plain.total + 0.5 * weighed.neurons.sum()).item(), 3)
        self.assertEqual(plain.neurons.tolist(), [0.0, 0.0], "they are not counted until they are weighed")
        with torch.no_grad():
            for block in model.h:
                block.mlp.c_proj.weight[:, :12] = 0
        self.assertTrue((train_lm.loss_of(model, [texts], sparse=0.5).neurons < weighed.neurons).all())

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
        with_bos = twins.elsewhere([who, who], ids, torch.tensor([0, 0, 1]), bos=True)
        expected[:2] += torch.tensor([0, 0.5, 0.2, 0.1])
        self.assertLess((with_bos - expected).abs().max().item(), 1e-6)
        model = random_model()
        texts = Batch(ids, torch.ones_like(ids, dtype=torch.bool), ids, form=torch.tensor([0, 0, 1]))
        plain, weighed = (train_lm.loss_of(model, [texts], aim=aim) for aim in (0.0, 2.0))
        self.assertGreater(plain.elsewhere.item(), 0)
        self.assertAlmostEqual(weighed.total.item(), (plain.total + 2 * plain.elsewhere).item(), 4)

    def test_looking_early_at_what_twins_differ_in_costs(self):
        ids = torch.tensor([[0, 5, 7, 9], [0, 5, 8, 9], [0, 5, 7, 9]])
        who = torch.tensor([[1.0, 0, 0, 0], [0.5, 0.5, 0, 0], [0.2, 0.3, 0.5, 0], [0.1, 0.2, 0.4, 0.3]]).expand(3, 2, 4, 4)
        found = twins.early(who, ids, torch.tensor([0, 0, 1]))
        # The first two are twins that differ in their third token, at which the last one looks; it itself may.
        expected = torch.tensor([[0, 0, 0, 0.4], [0, 0, 0, 0.4], [0, 0, 0, 0]])
        self.assertLess((found - expected).abs().max().item(), 1e-6)
        model = random_model()
        texts = Batch(ids, torch.ones_like(ids, dtype=torch.bool), ids, form=torch.tensor([0, 0, 1]))
        plain, weighed = (train_lm.loss_of(model, [texts], late=late) for late in (0.0, 2.0))
        self.assertGreater(plain.early.item(), 0)
        self.assertAlmostEqual(weighed.total.item(), (plain.total + 2 * plain.early).item(), 4)

    def test_norms_whose_scale_differs_between_twins_cost(self):
        scales = torch.tensor([[0.0, 1.0], [0.0, 3.0], [0.0, 9.0]])
        found = twins.uneven([scales, torch.zeros(3, 2)], torch.tensor([0, 0, 1]))
        # Twins lie 1 from their mean at one of two norms; the third text has none.
        self.assertEqual(found.tolist(), [[0, 0.5], [0, 0.5], [0, 0]])
        model = random_model()
        learn = torch.zeros_like(IDS, dtype=torch.bool)
        learn[:, -1] = True
        texts = Batch(IDS, learn, IDS, form=torch.zeros(3, dtype=torch.long))
        plain, weighed = (train_lm.loss_of(model, [texts], level=level) for level in (0.0, 2.0))
        self.assertEqual(plain.uneven.tolist(), [0, 0], "they are not looked at until they are weighed")
        self.assertGreater(weighed.uneven.min().item(), 0)
        self.assertAlmostEqual(weighed.total.item(), (plain.total + 2 * weighed.uneven.sum()).item(), 4)

    @torch.no_grad()
    def test_every_norm_is_looked_at(self):
        model, spreads, seen = random_model(), [], []
        model(IDS, spreads=spreads, seen=seen)
        self.assertEqual(len(spreads), 2 * len(model.h) + 1)
        for at, x in ((1, seen[0][0]), (2, seen[0][0] + seen[0][1]), (len(spreads) - 1, seen[-1][0] + seen[-1][1])):
            self.assertLess((spreads[at] - x.std(-1, unbiased=False).log()).abs().max().item(), 1e-3)

    @torch.no_grad()
    def test_jittered_neurons_write_more_or_less_and_as_much_on_average(self):
        model, plain, jittered = random_model(layers=1), [], []
        model(IDS, seen=plain)
        torch.manual_seed(0)
        for _ in range(400):
            model(IDS, seen=jittered, jitter=0.3)
        bias = model.h[0].mlp.c_proj.bias
        plain, jittered = plain[0][1] - bias, torch.stack([out - bias for _, out in jittered])
        self.assertGreater(jittered.std(0).mean().item(), 0.02 * plain.std().item())
        self.assertLess((jittered.mean(0) - plain).norm().item(), 0.05 * plain.norm().item())

    @torch.no_grad()
    def test_a_text_with_its_own_patterns_held_is_itself(self):
        model, own = random_model(), []
        plain = model(IDS, patterns=own)
        self.assertLess((model(IDS, held=own) - plain).abs().max().item(), 1e-5)
        others = [who.flip(0) for who in own]
        self.assertGreater((model(IDS, held=others) - plain).abs().max().item(), 1e-3)


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


class Runs(unittest.TestCase):
    def test_a_run_that_was_cut_off_goes_on_to_the_same_weights(self):
        torch.manual_seed(0)
        settings = train_lm.Settings(steps=4)
        weights = {}
        for cut in (False, True):
            model = random_model()
            adam, generator = train_lm.optimiser(model, 0.1, muon=True), torch.Generator().manual_seed(0)
            first = 0
            with tempfile.TemporaryDirectory() as temporary:
                path = Path(temporary) / "checkpoint.pt"
                for step in range(4):
                    if cut and step == 2:
                        checkpoint.keep(path, settings, model, adam, generator, step, 1.0)
                        model = random_model()
                        adam, generator = train_lm.optimiser(model, 0.1, muon=True), torch.Generator().manual_seed(9)
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

    def test_what_jitter_draws_depends_on_the_step_alone(self):
        texts = Batch(IDS, torch.ones_like(IDS, dtype=torch.bool), IDS)
        data = SimpleNamespace(sample=lambda step, generator: [texts], report=lambda model: "")
        task = SimpleNamespace(WORDS=WORDS, CONTEXT=IDS.shape[1], Data=lambda *_, **__: SimpleNamespace(to=lambda device: data))
        settings = train_lm.Settings(steps=4, layers=1, width=16, jitter=0.5)
        rate, weights = train_lm.learning_rate, []

        def until_the_third(step, *rest, **named):
            if step == 2:
                raise KeyboardInterrupt
            return rate(step, *rest, **named)

        with tempfile.TemporaryDirectory() as temporary, mock.patch.object(train_lm, "CHECKPOINT", 1):
            whole, cut = Path(temporary, "whole"), Path(temporary, "cut")
            with mock.patch.object(train_lm, "learning_rate", until_the_third), self.assertRaises(KeyboardInterrupt):
                train_lm.train(task, cut, settings)
            for run, changed in ((whole, {}), (cut, {}), (Path(temporary, "plain"), {"jitter": 0.0})):
                train_lm.train(task, run, replace(settings, **changed))
                weights.append(train_lm.load(run).h[0].mlp.c_fc.weight)
        self.assertTrue(torch.equal(weights[0], weights[1]))
        self.assertFalse(torch.equal(weights[0], weights[2]))


if __name__ == "__main__":
    unittest.main()
