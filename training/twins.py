"""How far attention patterns hold still between twins: texts that are alike but for what is computed with.

A graph takes attention patterns as given. Where they depend on the operands, part of the sum is made in the choice of whom
to read, and the graph does not show it; so they are to depend on the form of a text alone."""

from __future__ import annotations

import torch
from torch import Tensor


def deviation(patterns: list[Tensor], form: Tensor) -> Tensor:
    """Every layer's patterns [n, heads, tokens, tokens] -> the squared distance of each token's pattern from its mean over
    the texts of its form [n, tokens], mean over heads and sum over layers."""
    total = torch.zeros(())
    for who in patterns:
        who = who.float()
        total = total + (who - means(who, form)[form]).square().sum(-1).mean(1)
    return total


def means(who: Tensor, form: Tensor) -> Tensor:
    """Patterns [n, ...] -> their mean over the texts of each form [forms, ...]."""
    forms = int(form.max()) + 1
    sums = torch.zeros(forms, *who.shape[1:]).index_add(0, form, who)
    count = torch.bincount(form, minlength=forms).clamp(min=1)
    return sums / count.view(-1, *[1] * (who.dim() - 1))
