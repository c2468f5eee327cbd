"""How far a reading that takes attention patterns and the scales of norms as given foretells what a language model's neurons do,
before there is a transcoder: `python -m training.held addition`.

Per text and neuron, how much the answer less the runner-up moves where the neuron writes a little less: to first order, with
both held as an attribution graph holds them ("Circuit Tracing", section 3), and as it is. MLPs answer as they do in both."""

from __future__ import annotations

import argparse
from copy import deepcopy
from pathlib import Path

import torch
from torch import Tensor, nn

from . import moves, tasks, tokenizer, train_lm
from .model import Gpt2

SHARE = 0.02  # of the residual stream, that a neuron writes to be counted


class HeldNorm(nn.Module):
    """A norm whose scale is given: nothing moves it."""

    def __init__(self, norm: nn.LayerNorm):
        super().__init__()
        self.norm = norm

    def forward(self, x: Tensor) -> Tensor:
        return moves.centred(x) * moves.scale(self.norm, x).detach() * self.norm.weight + self.norm.bias


def with_held_norms(model: Gpt2) -> Gpt2:
    """The same model, its norms' scales held."""
    held = deepcopy(model)
    for block in held.h:
        block.ln_1, block.ln_2 = HeldNorm(block.ln_1), HeldNorm(block.ln_2)
    held.ln_f = HeldNorm(held.ln_f)
    return held


def moved(model: Gpt2, ids: Tensor, place: Tensor, patterns: list[Tensor] | None = None) -> Tensor:
    """By how much the answer less the runner-up after token `place` [texts] would be more if a neuron wrote twice as much, to first
    order: [texts, layers, tokens, neurons]. `patterns` are held, or else alive."""
    factors = [torch.ones(*ids.shape, block.mlp.c_fc.out_features, dtype=model.wte.weight.dtype, requires_grad=True)
               for block in model.h]
    hooks = [block.mlp.c_proj.register_forward_pre_hook(lambda _, inputs, factor=factor: (inputs[0] * factor,))
             for block, factor in zip(model.h, factors)]
    with torch.enable_grad():
        logits = model.logits(model(ids, held=patterns)[torch.arange(len(ids)), place])
        best = logits.topk(2).values
        found = torch.autograd.grad((best[:, 0] - best[:, 1]).sum(), factors)
    for hook in hooks:
        hook.remove()
    return torch.stack(found, 1)


def correlation(some: Tensor, other: Tensor, which: Tensor) -> float:
    """Mean over texts, of which more than two neurons are counted."""
    pairs = [torch.stack([a[w], b[w]]) for a, b, w in zip(some, other, which) if w.sum() > 2]
    return torch.stack([torch.corrcoef(pair)[0, 1] for pair in pairs]).mean().item()


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=tasks.NAMES)
    parser.add_argument("--run", type=Path, help="folder with lm.pt")
    parser.add_argument("--texts", type=int, default=300)
    o = parser.parse_args()
    task = tasks.load(o.task)
    model = train_lm.load(o.run or tasks.RUNS / o.task)
    data = task.Data(tokenizer.build(task.WORDS), seed=5, size=4000)
    ids, weight = data.transcoder_texts(o.texts, torch.Generator().manual_seed(0))[0]
    place = weight.argmax(1)
    patterns: list[Tensor] = []
    shares: list[Tensor] = []
    model(ids, patterns=patterns, neurons=shares)
    which = torch.stack(shares, 1) > SHARE
    which[:, :, 0] = False  # what is written at <bos> is an error of a graph
    which &= (torch.arange(ids.shape[1]) <= place[:, None])[:, None, :, None]
    still = with_held_norms(model)
    held = moved(still, ids, place, patterns)
    print(f"{which.sum((1, 2, 3)).float().mean():.0f} neurons a text write more than {SHARE} of the residual stream; "
          "what they do with patterns and norms held, against")
    for said, found in (("with norms alive", moved(model, ids, place, patterns)),
                        ("with patterns alive", moved(still, ids, place)), ("as it is", moved(model, ids, place))):
        print(f"  {said}: r = {correlation(held, found, which):.3f}")


if __name__ == "__main__":
    main()
