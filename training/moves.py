"""What a model's MLPs answer when something is added to the residual stream while attention patterns and every
normalisation scale stay as they were: the derivatives that a transcoder should copy, not only the values.

The setting is the local replacement model's ("Circuit Tracing", section 3), but for the MLPs, which stay the original's.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .model import Gpt2, pattern


@dataclass
class Layer:
    """One layer's part in a forward pass over [texts, tokens]."""

    pattern: Tensor  # [texts, heads, tokens, tokens]
    attention_scale: Tensor  # 1 / standard deviation before attention, [texts, tokens, 1]
    mlp_scale: Tensor  # the same before the MLP
    middle: Tensor  # hook_resid_mid [texts, tokens, width]
    normed: Tensor  # what the MLP reads
    out: Tensor  # hook_mlp_out

    def rows(self, picked: Tensor) -> "Layer":
        return Layer(*(getattr(self, name)[picked] for name in self.__dataclass_fields__))


@torch.no_grad()
def run(model: Gpt2, ids: Tensor) -> list[Layer]:
    """ids [texts, tokens] -> every layer's part."""
    x = model.wte(ids) + model.wpe.weight[: ids.shape[1]]
    layers = []
    for block in model.h:
        normed = block.ln_1(x)
        q, k, v = heads(block.attn, block.attn.c_attn(normed))
        who = pattern(q, k)
        middle = x + block.attn.c_proj((who @ v).transpose(1, 2).flatten(2))
        read = block.ln_2(middle)
        out = block.mlp(read)
        layers.append(Layer(who, scale(block.ln_1, x), scale(block.ln_2, middle), middle, read, out))
        x = middle + out
    return layers


@torch.no_grad()
def moved(model: Gpt2, layers: list[Layer], embeddings: Tensor, written: Tensor) -> tuple[Tensor, Tensor]:
    """How the MLPs' inputs and outputs move when `embeddings` [texts, tokens, width] is added to the embeddings, and
    `written` [layers, texts, tokens, width] to what each MLP writes: two tensors of [layers, texts, tokens, width]. The
    second is the MLPs' answer alone, without `written`."""
    x, inputs, outputs = embeddings, [], []
    for layer, block, added in zip(layers, model.h, written):
        values = block.attn.c_attn.weight[-model.shape.width :]
        v = centred(x) * layer.attention_scale * block.ln_1.weight @ values.T
        v = v.unflatten(2, (block.attn.heads, -1)).transpose(1, 2)
        middle = x + (layer.pattern @ v).transpose(1, 2).flatten(2) @ block.attn.c_proj.weight.T
        read = layer.normed + centred(middle) * layer.mlp_scale * block.ln_2.weight
        out = block.mlp(read) - layer.out
        inputs.append(middle)
        outputs.append(out)
        x = middle + out + added
    return torch.stack(inputs), torch.stack(outputs)


def heads(attention: nn.Module, qkv: Tensor) -> Tensor:
    """[texts, tokens, 3 * width] -> queries, keys and values [3, texts, heads, tokens, head width]."""
    return qkv.unflatten(2, (3, attention.heads, -1)).permute(2, 0, 3, 1, 4)


def centred(x: Tensor) -> Tensor:
    return x - x.mean(-1, keepdim=True)


def scale(norm: nn.LayerNorm, x: Tensor) -> Tensor:
    return (x.var(-1, keepdim=True, unbiased=False) + norm.eps).rsqrt()
