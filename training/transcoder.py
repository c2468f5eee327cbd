"""Transcoders, cross-layer (Ameisen et al. 2025, "Circuit Tracing", "Building an Interpretable Replacement Model") or one
a layer (Dunefsky et al. 2024): the forward pass, the loss terms, and the folding of scales into the weights."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from .model import Gpt2

SHARPNESS = 4.0  # of the sparsity penalty's tanh
LEAST_THRESHOLD = 1e-4  # that training goes on from
NEURON_THRESHOLD = 0.1  # of a feature that starts as a neuron, in normalised units


def jump_relu(pre: Tensor, log_threshold: Tensor, bandwidth: float) -> Tensor:
    """x where x is above its threshold, else 0. The last term is 0 and only carries the straight-through estimate of the
    threshold's gradient: a rectangle of width `bandwidth` around the jump (Rajamanoharan et al. 2024, section 3)."""
    threshold = log_threshold.exp()
    near = (pre - threshold).abs() < bandwidth / 2
    fixed = threshold.detach()
    return pre * (pre > threshold) - fixed / bandwidth * near * (threshold - fixed)


def penalties(pre: Tensor, acts: Tensor, log_threshold: Tensor, norms: Tensor, silent: Tensor) -> tuple[Tensor, Tensor]:
    """Two means over tokens: of sum tanh(SHARPNESS * activation * norm of all the feature's decoders), the sparsity penalty
    of "Circuit Tracing"; and of how far `silent` features stay below their thresholds, weighted by the same norm (its
    appendix on training lifts features in this way). pre and acts [layers, tokens, features], norms and silent
    [layers, features]."""
    # tanh x is 1 - 2 / (exp 2x + 1), written out because the compiler's tanh is slow; at 40 it is 1.
    sparsity = (1 - 2 / (torch.exp((acts * (2 * SHARPNESS * norms)[:, None]).clamp(max=40)) + 1)).sum() / acts.shape[1]
    lift = (torch.relu(log_threshold.exp() - pre) * (norms * silent)[:, None]).sum() / acts.shape[1]
    return sparsity, lift


def fire(pre: Tensor, log_threshold: Tensor, norms: Tensor, silent: Tensor, bandwidth: float):
    """All that is done to pre-activations, in one function that a compiler can make one loop of: activations, the two
    penalties, and how many tokens each feature fires on [layers, features]."""
    acts = jump_relu(pre, log_threshold, bandwidth)
    return acts, *penalties(pre, acts, log_threshold, norms, silent), (acts > 0).sum(1)


class Transcoder(nn.Module):
    """Features of layer i read the residual stream before MLP i. They write to the outputs of MLPs i..N-1, or with
    `reach` 1 (per-layer transcoders) of MLP i alone.

    Weights live in normalised units: inputs divided by `in_scale`, outputs centred by `out_mean` and divided by
    `out_scale`. `folded()` gives the same transcoder in the model's own units."""

    def __init__(self, layers: int, features: int, width: int, reach: int | None = None, bandwidth: float = 0.5):
        super().__init__()
        self.layers, self.features, self.width, self.bandwidth = layers, features, width, bandwidth
        self.w_enc = nn.Parameter(torch.randn(layers, features, width) / width**0.5)
        self.b_enc = nn.Parameter(torch.zeros(layers, 1, features))
        self.log_threshold = nn.Parameter(torch.full((layers, 1, features), 0.03).log())
        self.w_dec = nn.ParameterList(
            torch.randn(features, min(reach or layers, layers - i), width) * 0.02 for i in range(layers)
        )
        self.b_dec = nn.Parameter(torch.zeros(layers, width))
        self.register_buffer("in_scale", torch.ones(layers))
        self.register_buffer("out_scale", torch.ones(layers))
        self.register_buffer("out_mean", torch.zeros(layers, width))

    @torch.no_grad()
    def fit_scales(self, inputs: Tensor, outputs: Tensor) -> None:
        """Takes the scales from a sample [layers, tokens, width], and centres every feature on the mean input."""
        self.in_scale.copy_(inputs.square().mean((1, 2)).sqrt())
        self.out_mean.copy_(outputs.mean(1))
        self.out_scale.copy_((outputs - self.out_mean[:, None]).square().mean((1, 2)).sqrt())
        mean = inputs.mean(1) / self.in_scale[:, None]
        self.b_enc.copy_(-torch.einsum("lfd,ld->lf", self.w_enc, mean)[:, None])

    @torch.no_grad()
    def take_neurons(self, model: Gpt2, norm_scales: list[float]) -> None:
        """Starts the first features of each layer as the neurons of its MLP, as they are at that 1 / standard deviation
        of ln_2, each writing to that MLP's output alone. Needs scales."""
        n = min(model.shape.mlp, self.features)
        for i, (block, norm) in enumerate(zip(model.h, norm_scales)):
            reads = block.mlp.c_fc.weight[:n] * block.ln_2.weight
            reads = (reads - reads.mean(1, keepdim=True)) * norm * self.in_scale[i]
            bias = block.mlp.c_fc.bias[:n] + block.mlp.c_fc.weight[:n] @ block.ln_2.bias
            size = reads.norm(dim=1)
            self.w_enc[i, :n] = reads / size[:, None]
            self.b_enc[i, 0, :n] = bias / size
            self.w_dec[i][:n] = 0
            self.w_dec[i][:n, 0] = block.mlp.c_proj.weight.T[:n] * size[:, None] / self.out_scale[i]
            self.log_threshold[i, 0, :n] = math.log(NEURON_THRESHOLD)

    @torch.no_grad()
    def take(self, folded: "Folded") -> None:
        """Becomes a transcoder of the same shape in the model's own units, whatever the scales here. The inverse of `folded`."""
        for i, (bias, threshold, w) in enumerate(zip(folded.b_enc, folded.threshold, folded.w_dec)):
            self.w_enc[i] = folded.w_enc[i] * self.in_scale[i]
            self.b_enc[i, 0] = bias
            self.log_threshold[i, 0] = threshold.clamp(min=LEAST_THRESHOLD).log()
            self.w_dec[i].copy_(w / self.out_scale[i : i + w.shape[1], None])
            self.b_dec[i] = (folded.b_dec[i] - self.out_mean[i]) / self.out_scale[i]

    def normalise(self, inputs: Tensor, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """[layers, tokens, width] each, into the units that the weights live in."""
        x = inputs / self.in_scale[:, None, None]
        return x, (outputs - self.out_mean[:, None]) / self.out_scale[:, None, None]

    def pre_activations(self, x: Tensor) -> Tensor:
        """Normalised inputs [layers, tokens, width] -> [layers, tokens, features]."""
        return torch.baddbmm(self.b_enc, x, self.w_enc.transpose(1, 2))

    def activate(self, pre: Tensor) -> Tensor:
        """Pre-activations [layers, tokens, features] -> activations."""
        return jump_relu(pre, self.log_threshold, self.bandwidth)

    def encode(self, x: Tensor) -> Tensor:
        """Normalised inputs [layers, tokens, width] -> activations [layers, tokens, features]."""
        return self.activate(self.pre_activations(x))

    def write(self, acts: Tensor) -> Tensor:
        """What activations [layers, tokens, features] write, in normalised units, without the decoder's bias."""
        sums = [acts.new_zeros(()) for _ in self.w_dec]
        for i, w in enumerate(self.w_dec):
            written = (acts[i] @ w.flatten(1)).view(-1, w.shape[1], self.width)
            for j in range(w.shape[1]):
                sums[i + j] = sums[i + j] + written[:, j]
        return torch.stack(sums)

    def decode(self, acts: Tensor) -> Tensor:
        """Activations [layers, tokens, features] -> normalised outputs [layers, tokens, width]."""
        return self.write(acts) + self.b_dec[:, None]

    def moved(self, acts: Tensor, inputs: Tensor) -> Tensor:
        """How what is written moves, in the model's own units, when the inputs move by `inputs` (the model's own units),
        gates as they are: an active feature follows its pre-activation, the others stay silent.

        `acts` [layers, tokens, features] before the move; inputs and result [layers, tokens, width]."""
        following = inputs / self.in_scale[:, None, None] @ self.w_enc.transpose(1, 2)
        return self.write(following * (acts > 0)) * self.out_scale[:, None, None]

    def decoder_norms(self) -> Tensor:
        """The norm of all that a feature writes, in normalised units: [layers, features]."""
        return torch.stack([w.flatten(1).norm(dim=1) for w in self.w_dec])

    def in_own_units(self) -> "Folded":
        """The same transcoder in the model's own units; gradients go through."""
        scales = [self.out_scale[i : i + w.shape[1], None] for i, w in enumerate(self.w_dec)]
        return Folded(
            w_enc=[w / s for w, s in zip(self.w_enc, self.in_scale)],
            b_enc=[b[0] for b in self.b_enc],
            threshold=[t[0].exp() for t in self.log_threshold],
            w_dec=[w * scale for w, scale in zip(self.w_dec, scales)],
            b_dec=list(self.b_dec * self.out_scale[:, None] + self.out_mean),
        )

    @torch.no_grad()
    def folded(self) -> "Folded":
        """As it is now, whatever becomes of this one."""
        now = self.in_own_units()
        return Folded(*([t.clone() for t in getattr(now, name)] for name in Folded.NAMES))


class Folded:
    """A transcoder in the model's own units, as it is written to disk. Lists over layers i of N: w_enc [features, width],
    b_enc and threshold [features], w_dec [features, outputs, width] with outputs to layers i, i + 1, ..., b_dec [width]."""

    NAMES = ("w_enc", "b_enc", "threshold", "w_dec", "b_dec")

    def __init__(self, w_enc, b_enc, threshold, w_dec, b_dec):
        self.w_enc, self.b_enc, self.threshold, self.w_dec, self.b_dec = w_enc, b_enc, threshold, w_dec, b_dec

    @property
    def cross_layer(self) -> bool:
        return len(self.w_dec) > 1 and self.w_dec[0].shape[1] > 1

    def to(self, device: str) -> "Folded":
        """The same on this device."""
        return Folded(*([t.to(device) for t in getattr(self, name)] for name in self.NAMES))

    def rounded(self) -> "Folded":
        """Every tensor rounded to what the f16 file will hold."""
        return Folded(*([t.half().float() for t in getattr(self, name)] for name in self.NAMES))

    def select(self, kept: list[Tensor]) -> "Folded":
        """The transcoder with only the features `kept` (indices) of each layer."""
        per_feature = ([t[k] for t, k in zip(ts, kept)] for ts in (self.w_enc, self.b_enc, self.threshold, self.w_dec))
        return Folded(*per_feature, self.b_dec)

    def encode(self, layer: int, x: Tensor) -> Tensor:
        """The layer's residual stream [..., width] -> activations [..., features]."""
        pre = x @ self.w_enc[layer].T + self.b_enc[layer]
        return pre * (pre > self.threshold[layer])

    def write(self, layer: int, acts: list[Tensor]) -> Tensor:
        """What the features of layers 0..layer write to the output of this layer's MLP."""
        reached = [(a, w[:, layer - i]) for i, (a, w) in enumerate(zip(acts, self.w_dec)) if layer - i < w.shape[1]]
        return self.b_dec[layer] + sum(a @ w for a, w in reached)

    def stand_in(self):
        """For `Gpt2.forward`: replaces every MLP. Make one for each forward pass; `.acts` keeps the activations."""
        return Replacement(self)


class Replacement:
    def __init__(self, transcoder: Folded):
        self.transcoder = transcoder
        self.acts: list[Tensor] = []

    def __call__(self, layer: int, middle: Tensor) -> Tensor:
        if layer == 0:
            self.acts = []
        self.acts.append(self.transcoder.encode(layer, middle))
        return self.transcoder.write(layer, self.acts)
