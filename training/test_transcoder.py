"""Transcoders: their start, their terms, and what they stand in for: `python -m unittest training.test_transcoder` (seconds)."""

import tempfile
import unittest
from pathlib import Path

import torch

from . import moves, train_transcoder
from .tiny import IDS, random_model
from .transcoder import SHARPNESS, Folded, Transcoder, penalties


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


class Steering(unittest.TestCase):
    def test_the_penalty_grows_with_too_many_active_features_only(self):
        self.assertGreater(train_transcoder.steered(1.0, active=20, wanted=7, ramp=1.0), 1)
        self.assertLess(train_transcoder.steered(1.0, active=3, wanted=7, ramp=1.0), 1)
        self.assertEqual(train_transcoder.steered(1.0, active=20, wanted=7, ramp=0.5), 1)

if __name__ == "__main__":
    unittest.main()
