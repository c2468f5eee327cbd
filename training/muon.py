"""Muon (Jordan et al. 2024) for the matrices of a model's blocks, and AdamW for the rest of its parameters."""

from __future__ import annotations

import torch
from torch import Tensor

COEFFICIENTS = (3.4445, -4.775, 2.0315)  # of the odd polynomial that brings singular values near 1 (Jordan et al. 2024)
ROUNDS = 5  # of it
ADAMW_SIZE = 0.2  # the usual root mean square of AdamW's updates, to which Muon's are brought (Liu et al. 2025)


def orthogonal(matrix: Tensor) -> Tensor:
    """A matrix [rows, columns] with its singular values brought near 1 by Newton and Schulz's iteration."""
    a, b, c = COEFFICIENTS
    wide = matrix.shape[0] <= matrix.shape[1]
    x = matrix if wide else matrix.T
    x = x / (x.norm() + 1e-7)
    for _ in range(ROUNDS):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x if wide else x.T


class Muon(torch.optim.AdamW):
    """Groups with `matrices` > 0 take Muon's step, each of their parameters as that many matrices one below the other (queries,
    keys and values are three); the others AdamW's. One learning rate and weight decay serve both."""

    def __init__(self, groups: list[dict], momentum: float = 0.95, **adamw):
        super().__init__([{"matrices": 0, **group} for group in groups], **adamw)
        self.momentum = momentum

    @torch.no_grad()
    def step(self, closure=None):
        every = self.param_groups
        self.param_groups = [group for group in every if not group["matrices"]]
        try:
            loss = super().step(closure)
        finally:
            self.param_groups = every
        for group in every:
            if group["matrices"]:
                for p in group["params"]:
                    if p.grad is not None:
                        self.turn(p, group)
        return loss

    def turn(self, p: Tensor, group: dict) -> None:
        """One parameter's step by Muon, with Nesterov's momentum."""
        state = self.state[p]
        if not state:
            state.update(step=torch.zeros(()), momentum=torch.zeros_like(p))  # AdamW looks for a step in a state that is loaded
        state["step"] += 1
        kept = state["momentum"]
        kept.lerp_(p.grad, 1 - self.momentum)
        ahead = p.grad.lerp(kept, self.momentum)
        p.mul_(1 - group["lr"] * group["weight_decay"])
        for part, of in zip(ahead.chunk(group["matrices"]), p.chunk(group["matrices"])):
            of.sub_(orthogonal(part), alpha=group["lr"] * ADAMW_SIZE * max(part.shape) ** 0.5)
