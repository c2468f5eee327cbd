"""What is measured of a model and its transcoder: accuracy, agreement, error, sparsity."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .model import Gpt2, answers
from .transcoder import FoldedClt


@dataclass
class Fidelity:
    """Per-layer figures over the prompts' tokens, <bos> left out (circuit-tracer drops its features too)."""

    error: list[float]  # |mlp_out - reconstruction|^2 / |mlp_out - mean|^2, original activations in
    error_last: list[float]  # the same at the last token alone
    active: list[float]  # active features per token
    active_last: list[float]
    fired: list[float]  # share of the features that fire on at least one token


@torch.no_grad()
def agreement(model: Gpt2, clt: FoldedClt, ids: Tensor) -> float:
    """Share of prompts where the model with every MLP replaced gives the original's answer."""
    return (answers(model, ids) == answers(model, ids, clt.stand_in())).float().mean().item()


@torch.no_grad()
def fidelity(model: Gpt2, clt: FoldedClt, ids: Tensor, batch: int = 1000) -> Fidelity:
    """Runs the original model on ids [n, tokens] and compares its MLPs with the transcoder."""
    layers, width = model.shape.layers, model.shape.width
    features = [w.shape[0] for w in clt.w_enc]
    n, tokens = ids.shape[0], ids.shape[1] - 1
    square = torch.zeros(layers, tokens, dtype=torch.double)
    total = torch.zeros(layers, tokens, width, dtype=torch.double)
    power = torch.zeros(layers, tokens, dtype=torch.double)
    active = torch.zeros(layers, tokens, dtype=torch.double)
    fired = [torch.zeros(f, dtype=torch.bool) for f in features]
    for part in ids.split(batch):
        seen: list[tuple[Tensor, Tensor]] = []
        model(part, seen=seen)
        acts: list[Tensor] = []
        for layer, (middle, out) in enumerate(seen):
            middle, out = middle[:, 1:], out[:, 1:]
            acts.append(clt.encode(layer, middle))
            square[layer] += (out - clt.write(layer, acts)).square().sum((0, 2))
            total[layer] += out.sum(0)
            power[layer] += out.square().sum((0, 2))
            active[layer] += (acts[-1] > 0).sum((0, 2))
            fired[layer] |= (acts[-1] > 0).any(0).any(0)
    spread = power.sum(1) - total.sum(1).square().sum(1) / (n * tokens)
    spread_last = power[:, -1] - total[:, -1].square().sum(1) / n
    return Fidelity(
        error=(square.sum(1) / spread).tolist(),
        error_last=(square[:, -1] / spread_last).tolist(),
        active=(active.mean(1) / n).tolist(),
        active_last=(active[:, -1] / n).tolist(),
        fired=[f.float().mean().item() for f in fired],
    )
