"""Gradients of what a model says, with its own MLPs and with a transcoder in their place: what the live reading of a graph
foretells with, so that a transcoder can learn to have them right.

The second is the local replacement model's ("Circuit Tracing", section 3): gates and errors stay, and here attention patterns
and norms are alive, as in the original."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .model import Gpt2
from .transcoder import Folded

MOST = 2.0  # of a text's error: where nothing that is active matters, a ratio says little
RANDOM = 0.2  # share of the texts whose target is a random mixture of all logits


@dataclass
class Piece:
    """One layer of a forward pass, cut before it and before its MLP, so that gradients go down through either part alone."""

    x: Tensor  # what the layer reads, a leaf [texts, tokens, width]
    middle: Tensor  # the residual stream before the MLP, of `x`
    read: Tensor  # the same, a leaf
    out: Tensor  # what the MLP writes, of `read`


@dataclass
class Cut:
    """A forward pass in pieces, and the residual stream after them, a leaf [texts, tokens, width]."""

    pieces: list[Piece]
    final: Tensor


# Given a layer and the gradients by what each MLP writes, from this layer on (entries below are None): the gradient by what
# the layer's MLP reads that goes through MLPs.
Back = Callable[[int, list[Tensor | None]], Tensor]


def cut(model: Gpt2, ids: Tensor) -> Cut:
    """Runs ids [texts, tokens]. The model's own weights take no gradients."""
    pieces, x = [], model.wte(ids) + model.wpe.weight[: ids.shape[1]]
    for block in model.h:
        x = x.detach().requires_grad_()
        middle = x + block.attn(block.ln_1(x))[0]
        read = middle.detach().requires_grad_()
        pieces.append(Piece(x, middle, read, block.mlp(block.ln_2(read))))
        x = middle.detach() + pieces[-1].out.detach()
    return Cut(pieces, x.requires_grad_())


def down(passed: Cut, top: Tensor, back: Back) -> list[Tensor]:
    """Gradients by what each layer's MLP writes, [texts, tokens, width] each, of a function whose gradient by the last residual
    stream is `top`."""
    found: list[Tensor | None] = [None] * len(passed.pieces)
    for layer in reversed(range(len(passed.pieces))):
        found[layer] = top
        piece = passed.pieces[layer]
        below = top + back(layer, found)
        if layer:
            top, = torch.autograd.grad(piece.middle, piece.x, below, create_graph=below.requires_grad, retain_graph=True)
    return found


def own(passed: Cut) -> Back:
    """Through the model's own MLPs."""
    def back(layer: int, found: list[Tensor | None]) -> Tensor:
        piece = passed.pieces[layer]
        return torch.autograd.grad(piece.out, piece.read, found[layer], retain_graph=True)[0]
    return back


def replaced(coder: Folded, active: list[Tensor]) -> Back:
    """Through a transcoder whose gates stay: `active`, bool [texts, tokens, features] a layer."""
    def back(layer: int, found: list[Tensor | None]) -> Tensor:
        return (reached(found, layer, coder.w_dec[layer]) * active[layer]) @ coder.w_enc[layer]
    return back


def reached(found: list[Tensor | None], layer: int, decoder: Tensor) -> Tensor:
    """Gradients by what a layer's features write, summed over the MLPs that they write to: [texts, tokens, features]."""
    return torch.cat(found[layer : layer + decoder.shape[1]], -1) @ decoder.flatten(1).T


def targets(logits: Tensor, generator: torch.Generator) -> Tensor:
    """logits [texts, vocabulary] -> what is asked of each text, as factors of its logits: the answer's less the runner-up's, the
    answer's, or a random mixture."""
    rows, kind = torch.arange(len(logits)), torch.rand(len(logits), generator=generator)
    rows, kind = rows.to(logits.device), kind.to(logits.device)
    best = logits.topk(2).indices
    factors = torch.zeros_like(logits)
    factors[rows, best[:, 0]] = 1.0
    factors[rows, best[:, 1]] = -(kind < (1 - RANDOM) / 2).float()
    mixed = kind > 1 - RANDOM
    factors[mixed] = torch.randn(int(mixed.sum()), logits.shape[1], generator=generator).to(logits.device)
    return factors


def error(model: Gpt2, coder: Folded, ids: Tensor, weight: Tensor, generator: torch.Generator) -> Tensor:
    """How far what active features do to the answer, to first order, is another with the transcoder in the MLPs' place: the squared
    difference over the square, of all active features of a text together, mean over texts. After a token of each text that is drawn
    by `weight` [texts, tokens]; features on the first token, a <bos>, are no nodes of a graph and do not count."""
    rows, drawn = torch.arange(len(ids)), weight.clone().cpu()
    drawn[:, 0] = 0
    place = torch.multinomial(drawn, 1, generator=generator)[:, 0]
    passed = cut(model, ids)
    logits = model.logits(model.ln_f(passed.final)[rows, place])
    top, = torch.autograd.grad(logits, passed.final, targets(logits.detach(), generator))
    with torch.no_grad():
        acts = [coder.encode(layer, piece.read) for layer, piece in enumerate(passed.pieces)]
    truth = [gradient.detach() for gradient in down(passed, top, own(passed))]
    found = down(passed, top, replaced(coder, [a > 0 for a in acts]))
    apart = size = torch.zeros(len(ids), device=ids.device)
    for layer, decoder in enumerate(coder.w_dec):
        does = lambda gradients: (reached(gradients, layer, decoder.detach()) * acts[layer])[:, 1:]  # noqa: E731
        apart = apart + does([g - t for g, t in zip(found, truth)]).square().sum((1, 2))
        size = size + does(truth).square().sum((1, 2))
    return (apart / size.clamp(min=1e-9)).clamp(max=MOST).mean()
