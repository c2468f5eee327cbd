"""Something moves in the residual stream, and a transcoder is to answer as the MLPs do: the derivatives that `--match` weighs."""

from __future__ import annotations

import torch
from torch import Tensor

from . import moves
from .model import Gpt2
from .transcoder import Transcoder


def error(model: Gpt2, coder: Transcoder, step, texts: int, tokens: int, generator: torch.Generator) -> Tensor:
    """Mean over layers of |moved(transcoder) - moved(MLPs)|^2 / |moved(MLPs)|^2 at sampled `tokens` after something
    moved, in so many `texts` of a `train_transcoder.Step`."""
    found = [perturbed(model, coder, layers, ids, weight, share, generator)
             for layers, ids, weight, share in shares(step, texts)]
    weight = torch.cat([w for w, *_ in found])
    pick = torch.multinomial(weight.cpu(), tokens, True, generator=generator)
    before, inputs, outputs = (torch.cat([f[i] for f in found], 1)[:, pick] for i in (1, 2, 3))
    with torch.no_grad():
        acts = coder.encode(before / coder.in_scale[:, None, None])
    wrong = (coder.moved(acts, inputs).float() - outputs) / coder.out_scale[:, None, None]
    size = (outputs / coder.out_scale[:, None, None]).square().sum((1, 2))
    return (wrong.square().sum((1, 2)) / size.clamp(min=1e-9)).mean()


def shares(step, n: int):
    """Each batch of texts with its share of n."""
    total = sum(len(ids) for ids in step.ids)
    for layers, ids, weight in zip(step.layers, step.ids, step.weights):
        yield layers, ids, weight, max(1, round(n * len(ids) / total))


@torch.no_grad()
def perturbed(model, coder: Transcoder, layers, ids, weight, n: int, generator):
    """Moves n texts of a batch, half of them by shrinking what one active feature writes, half by part of the way to
    another token's embedding. Returns weights [tokens], and [layers, tokens, width]: inputs before, inputs' and
    outputs' moves."""
    rows = torch.randint(len(ids), (n,), generator=generator)
    layers, ids, weight = [layer.rows(rows) for layer in layers], ids[rows], weight[rows]
    embeddings = torch.zeros_like(layers[0].middle)
    written = embeddings.new_zeros(len(layers), *embeddings.shape)
    part = torch.rand(n, 1, generator=generator).clamp(min=0.05).to(ids.device)
    # Any real token but the first, which is the same in every text.
    place = torch.multinomial((weight[:, 1:] > 0).float().cpu(), 1, generator=generator)[:, 0] + 1
    for row in range(n // 2):
        shrink_a_feature(coder, layers, written, row, int(place[row]), part[row], generator)
    half = torch.arange(n // 2, n)
    other = ids[torch.randint(n, (len(half),), generator=generator), place[half]]
    embeddings[half, place[half]] = part[half] * (model.wte(other) - model.wte(ids[half, place[half]]))
    inputs, outputs = moves.moved(model, layers, embeddings, written)
    # By the size of the move, so that a text counts alike whether it moved much or little.
    inputs, outputs = inputs / part[:, None], outputs / part[:, None]
    after = (torch.arange(ids.shape[1]) >= place[:, None]).to(ids.device)
    flat = lambda t: t.flatten(1, 2)  # noqa: E731
    return (weight * after).flatten(), flat(torch.stack([l.middle for l in layers])), flat(inputs), flat(outputs)


def shrink_a_feature(coder: Transcoder, layers, written: Tensor, row: int, place: int, part: Tensor, generator) -> None:
    """Takes away `part` of what one active feature, drawn at random, writes from this place."""
    at = torch.stack([layer.middle[row, place] for layer in layers])[:, None] / coder.in_scale[:, None, None]
    acts = coder.encode(at)[:, 0]
    active = acts.flatten().nonzero()[:, 0]
    if len(active) == 0:
        return
    chosen = int(active[torch.randint(len(active), (1,), generator=generator)])
    layer, feature = divmod(chosen, coder.features)
    for j, direction in enumerate(coder.w_dec[layer][feature]):
        written[layer + j, row, place] = -part * acts[layer, feature] * direction * coder.out_scale[layer + j]
