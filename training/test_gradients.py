"""Derivatives: of the MLPs' answers, and of what the whole model says: `python -m unittest training.test_gradients` (seconds)."""

import unittest

import torch

from . import gradients, moves
from .tiny import IDS, random_model
from .transcoder import Transcoder


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

if __name__ == "__main__":
    unittest.main()
