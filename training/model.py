"""GPT-2 (Radford et al. 2019) in plain PyTorch, small enough to train on a CPU, with the two hooks that a transcoder
needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


GELU_AS_SIGMOID = 1.702  # x * sigmoid(1.702 x) is nearly gelu (Hendrycks and Gimpel 2016), and the sigmoid nearly its slope


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    context: int = 64
    layers: int = 4
    width: int = 128
    heads: int = 4
    mlp: int = 512


def pattern(q: Tensor, k: Tensor, mask: Tensor | None = None) -> Tensor:
    """Queries and keys [batch, heads, tokens, head width] -> who attends to whom [batch, heads, tokens, tokens].
    Written out: PyTorch's fused attention is slower to train on a CPU for texts as short as these."""
    tokens = q.shape[2]
    if mask is None:
        mask = torch.ones(tokens, tokens, dtype=torch.bool, device=q.device).tril()
    else:
        mask = mask[:, None]
    scores = q @ k.transpose(2, 3) * q.shape[3] ** -0.5
    return scores.masked_fill(~mask, float("-inf")).softmax(-1)


class Attention(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.heads = shape.heads
        self.c_attn = nn.Linear(shape.width, 3 * shape.width)
        self.c_proj = nn.Linear(shape.width, shape.width)

    def forward(self, x: Tensor, mask: Tensor | None = None, held: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """x [batch, tokens, width] -> what attention writes [batch, tokens, width], and its pattern [batch, heads, tokens,
        tokens]. `mask` [batch, tokens, tokens] says who reads whom, in place of left to right; `held` is a pattern to use
        in place of the text's own."""
        batch, tokens, width = x.shape
        q, k, v = self.c_attn(x).view(batch, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        who = pattern(q, k, mask) if held is None else held
        mixed = who.to(v.dtype) @ v
        return self.c_proj(mixed.transpose(1, 2).reshape(batch, tokens, width)), who


def gelu(x: Tensor) -> Tensor:
    return F.gelu(x, approximate="tanh")  # "tanh" is gelu_new


def log_spread(x: Tensor) -> Tensor:
    """The logarithm of the standard deviation of x [..., width], which a norm divides by -> [...]."""
    return 0.5 * (x.float().var(-1, unbiased=False) + 1e-6).log()


class Mlp(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.c_fc = nn.Linear(shape.width, shape.mlp)
        self.c_proj = nn.Linear(shape.mlp, shape.width)

    def forward(self, x: Tensor) -> Tensor:
        return self.c_proj(gelu(self.c_fc(x)))

    def shares(self, read: Tensor, active: Tensor, middle: Tensor, would: float) -> Tensor:
        """How much each neuron writes, and `would` times as much as it would write, as a share of the residual stream `middle`
        [batch, tokens, width] (centred): pre-activations and activations [batch, tokens, neurons] -> the same shape.

        What it would write is its slope times how far its pre-activation usually strays, over these texts. A neuron that is
        near 0 writes nothing, and yet moves with every input; a transcoder that has no feature for it has the right values
        and the wrong derivatives."""
        size = (middle - middle.mean(-1, keepdim=True)).detach().float().norm(dim=-1, keepdim=True).clamp(min=1e-6)
        writes = active.abs()
        if would:
            usual = read.detach().float().flatten(0, -2).std(0).to(read.dtype)
            writes = writes + would * torch.sigmoid(GELU_AS_SIGMOID * read) * usual
        return writes * self.c_proj.weight.norm(dim=0) / size


class Block(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.ln_1 = nn.LayerNorm(shape.width)
        self.attn = Attention(shape)
        self.ln_2 = nn.LayerNorm(shape.width)
        self.mlp = Mlp(shape)


# Given a layer and its residual stream before the MLP [batch, tokens, width]: what to add in place of the MLP's output.
MlpStandIn = Callable[[int, Tensor], Tensor]


class Gpt2(nn.Module):
    """Parameter names are Hugging Face's GPT-2 names (below `transformer.`), so export only has to transpose."""

    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.wte = nn.Embedding(shape.vocabulary, shape.width)
        self.wpe = nn.Embedding(shape.context, shape.width)
        self.h = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.ln_f = nn.LayerNorm(shape.width)
        for name, p in self.named_parameters():
            if p.dim() == 2:
                # GPT-2's initialisation: what writes to the residual stream starts smaller in a deeper model.
                writes = name.endswith("c_proj.weight")
                nn.init.normal_(p, std=0.02 / (2 * shape.layers) ** 0.5 if writes else 0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(p)

    def forward(
        self,
        ids: Tensor,
        stand_in: MlpStandIn | None = None,
        seen: list[tuple[Tensor, Tensor]] | None = None,
        neurons: list[Tensor] | None = None,
        would: float = 0.0,
        mask: Tensor | None = None,
        positions: Tensor | None = None,
        patterns: list[Tensor] | None = None,
        held: list[Tensor] | None = None,
        jitter: float = 0.0,
        spreads: list[Tensor] | None = None,
    ) -> Tensor:
        """ids [batch, tokens] -> the normalised final residual stream [batch, tokens, width].

        `stand_in` replaces every MLP; `seen` collects (hook_resid_mid, hook_mlp_out) per layer, `neurons` what `Mlp.shares` says
        of each, `patterns` every layer's attention pattern, and `spreads` the logarithm of the standard deviation of the residual
        stream [batch, tokens] that each norm divides by, in order; `held` are patterns to use in place of the texts' own; `mask` and
        `positions` are those of a text that branches (see `batch.Batch`). With `jitter` every neuron writes more or less than it
        would, by a share that is drawn for each text from a normal distribution with this standard deviation."""
        x = self.wte(ids) + (self.wpe.weight[: ids.shape[1]] if positions is None else self.wpe(positions))
        for layer, block in enumerate(self.h):
            if spreads is not None:
                spreads.append(log_spread(x))
            mixed, who = block.attn(block.ln_1(x), mask, None if held is None else held[layer])
            if patterns is not None:
                patterns.append(who)
            middle = x + mixed
            if spreads is not None:
                spreads.append(log_spread(middle))
            if stand_in is None:
                read = block.mlp.c_fc(block.ln_2(middle))
                active = gelu(read)
                if jitter:
                    active = active * (1 + jitter * torch.randn(len(active), 1, active.shape[-1], device=x.device, dtype=active.dtype))
                out = block.mlp.c_proj(active)
                if neurons is not None:
                    neurons.append(block.mlp.shares(read, active, middle, would))
            else:
                out = stand_in(layer, middle)
            if seen is not None:
                seen.append((middle, out))
            x = middle + out
        if spreads is not None:
            spreads.append(log_spread(x))
        return self.ln_f(x)

    def logits(self, final: Tensor) -> Tensor:
        """Tied unembedding: [..., width] -> [..., vocabulary]."""
        return final @ self.wte.weight.T


def round_to_f16(module: nn.Module) -> None:
    """Rounds every parameter to what the f16 file will hold; sums stay in f32."""
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(p.half().float())


@torch.no_grad()
def answers(model: Gpt2, ids: Tensor, stand_in: MlpStandIn | None = None, batch: int = 1000) -> Tensor:
    """The most likely next token of each prompt. ids [n, tokens] -> [n]."""
    parts = [model.logits(model(part, stand_in)[:, -1]).argmax(-1) for part in ids.split(batch)]
    return torch.cat(parts)
