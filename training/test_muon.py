"""Muon's step and AdamW's beside it: `python -m unittest training.test_muon` (seconds)."""

import unittest

import torch

from . import muon, train_lm
from .tiny import random_model


class Steps(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(0)

    def test_every_direction_of_a_matrix_is_taken_about_as_far(self):
        for shape in ((16, 48), (48, 16)):
            matrix = torch.randn(shape)
            out = muon.orthogonal(matrix)
            self.assertEqual(out.shape, matrix.shape)
            values = torch.linalg.svdvals(out)
            self.assertGreater(values.min().item(), 0.5)
            self.assertLess(values.max().item(), 1.3)
            # The directions stay: the nearest orthogonal matrix, not any.
            u, _, v = torch.linalg.svd(matrix, full_matrices=False)
            self.assertGreater((out * (u @ v)).sum().item() / (out.norm() * (u @ v).norm()).item(), 0.97)

    def stepped(self, with_muon: bool) -> dict[str, torch.Tensor]:
        """How a step of 0.01 moves each parameter, with random gradients, without decay."""
        model = random_model()
        before = {name: p.detach().clone() for name, p in model.named_parameters()}
        steps = train_lm.optimiser(model, 0.0, with_muon)
        for group in steps.param_groups:
            group["lr"] = 0.01
        generator = torch.Generator().manual_seed(0)
        for p in model.parameters():
            p.grad = torch.randn(p.shape, generator=generator)
        steps.step()
        return {name: p.detach() - before[name] for name, p in model.named_parameters()}

    def test_blocks_matrices_go_by_muon_and_the_rest_by_adamw(self):
        adamw, both = self.stepped(False), self.stepped(True)
        for name in adamw:
            taken = name.startswith("h.") and adamw[name].dim() == 2
            self.assertEqual(not torch.equal(adamw[name], both[name]), taken, name)

    def test_queries_keys_and_values_are_matrices_of_their_own(self):
        for part in self.stepped(True)["h.0.attn.c_attn.weight"].chunk(3):
            values = torch.linalg.svdvals(part) / (0.01 * muon.ADAMW_SIZE * 16**0.5)
            self.assertGreater(values.median().item(), 0.5)
            self.assertLess(values.max().item(), 1.3)

    def test_weights_decay_by_the_same_rule(self):
        model = random_model()
        weight = model.h[0].mlp.c_fc.weight
        before = weight.detach().clone()
        steps = train_lm.optimiser(model, 0.5, muon=True)
        for group in steps.param_groups:
            group["lr"] = 0.1
        for p in model.parameters():
            p.grad = torch.zeros_like(p)
        steps.step()
        self.assertTrue(torch.allclose(weight, 0.95 * before, atol=1e-6))


if __name__ == "__main__":
    unittest.main()
