"""What neurons do with patterns and norms held, and without: `python -m unittest training.test_held` (seconds)."""

import unittest

import torch

from . import held
from .model import gelu
from .tiny import IDS, random_model


class Moved(unittest.TestCase):
    def setUp(self):
        self.model = random_model().double()
        self.place = torch.full((len(IDS),), IDS.shape[1] - 1)

    def asked(self, ids=IDS) -> torch.Tensor:
        return self.model.logits(self.model(ids)[:, -1])

    @torch.no_grad()
    def test_as_it_is_against_the_model_run_again(self):
        found = held.moved(self.model, IDS, self.place)
        best = self.asked().topk(2).indices
        differ = lambda logits: (logits.gather(1, best[:, :1]) - logits.gather(1, best[:, 1:]))[:, 0]  # noqa: E731
        before, small = differ(self.asked()), 1e-5
        for layer in range(2):
            token, neuron = divmod(int(found[:, layer].abs().amax(0).argmax()), found.shape[-1])

            def more(_, inputs, token=token, neuron=neuron):
                inputs[0][:, token, neuron] *= 1 + small
            hook = self.model.h[layer].mlp.c_proj.register_forward_pre_hook(more)
            change = (differ(self.asked()) - before) / small
            hook.remove()
            self.assertLess((change - found[:, layer, token, neuron]).abs().max().item(), 1e-5)
            self.assertGreater(change.abs().max().item(), 1e-2)

    @torch.no_grad()
    def test_held_a_neuron_of_the_last_layer_does_what_it_writes(self):
        patterns, seen = [], []
        self.model(IDS, patterns=patterns, seen=seen)
        found = held.moved(held.with_held_norms(self.model), IDS, self.place, patterns)[:, -1, -1]
        block, norm = self.model.h[-1], self.model.ln_f
        middle, out = (each[:, -1] for each in seen[-1])
        writes = gelu(block.mlp.c_fc(block.ln_2(middle)))[:, :, None] * block.mlp.c_proj.weight.T
        scale = ((middle + out).var(-1, unbiased=False) + norm.eps).rsqrt()
        best = self.model.wte.weight[self.asked().topk(2).indices]
        apart = norm.weight * (best[:, 0] - best[:, 1])
        expected = ((writes - writes.mean(-1, keepdim=True)) * apart[:, None]).sum(-1) * scale[:, None]
        self.assertLess((found - expected).abs().max().item(), 1e-8)
        live = held.moved(self.model, IDS, self.place)[:, -1, -1]
        self.assertGreater((live - expected).abs().max().item(), 1e-3)


if __name__ == "__main__":
    unittest.main()
