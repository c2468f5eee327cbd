"""How far attention patterns hold still between twins, texts that are alike but for what is computed with, and whether they
look at that.

A graph takes attention patterns as given. Where they depend on the operands, part of the sum is made in the choice of whom
to read, and the graph does not show it; so they are to depend on the form of a text alone."""

from __future__ import annotations

import torch
from torch import Tensor


def deviation(patterns: list[Tensor], form: Tensor) -> Tensor:
    """Every layer's patterns [n, heads, tokens, tokens] -> the squared distance of each token's pattern from its mean over
    the texts of its form [n, tokens], mean over heads and sum over layers."""
    total = torch.zeros((), device=form.device)
    for who in patterns:
        who = who.float()
        total = total + (who - means(who, form)[form]).square().sum(-1).mean(1)
    return total


def uneven(spreads: list[Tensor], form: Tensor) -> Tensor:
    """The logarithm of every norm's scale [n, tokens] -> the squared distance of each token's from its mean over the texts of its
    form [n, tokens], mean over norms."""
    return torch.stack([(scale - means(scale, form)[form]).square() for scale in spreads]).mean(0)


def elsewhere(patterns: list[Tensor], ids: Tensor, form: Tensor, bos: bool = False) -> Tensor:
    """Every layer's patterns [n, heads, tokens, tokens] of texts `ids` [n, tokens] -> how much each token looks at tokens
    that are the same in all texts of its form, itself left out [n, tokens]: mean over heads and layers. With `bos`, <bos> is one of
    them: circuit-tracer calls all that MLPs write there an error, and a head that rests on it reads that.
    Of a text without a twin nothing is known: 0."""
    same = (means(ids.float(), form)[form] == ids) & (torch.bincount(form) > 1)[form, None]
    away = same[:, None] & ~torch.eye(ids.shape[1], dtype=torch.bool, device=ids.device)
    if not bos:
        away[:, :, 0] = False
    return torch.stack([(who.float().mean(1) * away).sum(-1) for who in patterns]).mean(0)


def early(first: Tensor, ids: Tensor, form: Tensor) -> Tensor:
    """The first layer's patterns [n, heads, tokens, tokens] of texts `ids` [n, tokens] -> how much each token looks at other
    tokens that texts of its form differ in [n, tokens], mean over heads."""
    other = (means(ids.float(), form)[form] != ids).float()
    differ = means(other, form)[form] > 0
    others = differ[:, None] & ~torch.eye(ids.shape[1], dtype=torch.bool, device=ids.device)
    return (first.float().mean(1) * others).sum(-1)


def means(who: Tensor, form: Tensor) -> Tensor:
    """Patterns [n, ...] -> their mean over the texts of each form [forms, ...]."""
    forms = int(form.max()) + 1
    sums = torch.zeros(forms, *who.shape[1:], device=who.device).index_add(0, form, who)
    count = torch.bincount(form, minlength=forms).clamp(min=1)
    return sums / count.view(-1, *[1] * (who.dim() - 1))
