"""The cross-layer transcoder (Ameisen et al. 2025, "Circuit Tracing", "Building an Interpretable Replacement Model"):
its forward pass, its loss terms, and the folding of scales into its weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class JumpRelu(torch.autograd.Function):
    """x * (x > threshold), with a straight-through estimate of the threshold's gradient: a rectangle of width
    `bandwidth` around the jump (Rajamanoharan et al. 2024, "Jumping Ahead", section 3)."""

    @staticmethod
    def forward(ctx, x: Tensor, threshold: Tensor, bandwidth: float) -> Tensor:
        ctx.save_for_backward(x, threshold)
        ctx.bandwidth = bandwidth
        return x * (x > threshold)

    @staticmethod
    def backward(ctx, grad: Tensor):
        x, threshold = ctx.saved_tensors
        near = (x - threshold).abs() < ctx.bandwidth / 2
        grad_threshold = -(threshold / ctx.bandwidth) * (grad * near).sum(-2, keepdim=True)
        return grad * (x > threshold), grad_threshold, None


class Clt(nn.Module):
    """Features of layer i read the residual stream before MLP i and write to the outputs of MLPs i..N-1.

    Weights live in normalised units: inputs divided by `in_scale`, outputs centred by `out_mean` and divided by
    `out_scale`. `folded()` gives the same transcoder in the model's own units."""

    def __init__(self, layers: int, features: int, width: int, bandwidth: float = 0.5):
        super().__init__()
        self.layers, self.features, self.width, self.bandwidth = layers, features, width, bandwidth
        self.w_enc = nn.Parameter(torch.randn(layers, features, width) / width**0.5)
        self.b_enc = nn.Parameter(torch.zeros(layers, 1, features))
        self.log_threshold = nn.Parameter(torch.full((layers, 1, features), 0.03).log())
        self.w_dec = nn.ParameterList(
            torch.randn(features, layers - i, width) * 0.02 for i in range(layers)
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

    def normalise(self, inputs: Tensor, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """[layers, tokens, width] each, into the units that the weights live in."""
        x = inputs / self.in_scale[:, None, None]
        return x, (outputs - self.out_mean[:, None]) / self.out_scale[:, None, None]

    def encode(self, x: Tensor) -> Tensor:
        """Normalised inputs [layers, tokens, width] -> activations [layers, tokens, features]."""
        pre = torch.baddbmm(self.b_enc, x, self.w_enc.transpose(1, 2))
        return JumpRelu.apply(pre, self.log_threshold.exp(), self.bandwidth)

    def decode(self, acts: Tensor) -> Tensor:
        """Activations [layers, tokens, features] -> normalised outputs [layers, tokens, width]."""
        sums = [b.expand(acts.shape[1], -1) for b in self.b_dec]
        for i, w in enumerate(self.w_dec):
            written = (acts[i] @ w.flatten(1)).view(-1, self.layers - i, self.width)
            for j in range(i, self.layers):
                sums[j] = sums[j] + written[:, j - i]
        return torch.stack(sums)

    def sparsity(self, acts: Tensor, sharpness: float = 4.0) -> Tensor:
        """Mean over tokens of sum tanh(sharpness * activation * norm of all the feature's decoders); the penalty of
        "Circuit Tracing". `acts` [layers, tokens, features]."""
        norms = torch.stack([w.flatten(1).norm(dim=1) for w in self.w_dec])
        return torch.tanh(sharpness * acts * norms[:, None]).sum() / acts.shape[1]

    def folded(self) -> "FoldedClt":
        with torch.no_grad():
            return FoldedClt(
                w_enc=[w / s for w, s in zip(self.w_enc, self.in_scale)],
                b_enc=[b[0].clone() for b in self.b_enc],
                threshold=[t[0].exp() for t in self.log_threshold],
                w_dec=[w * self.out_scale[i:, None] for i, w in enumerate(self.w_dec)],
                b_dec=list(self.b_dec * self.out_scale[:, None] + self.out_mean),
            )


class FoldedClt:
    """A transcoder in the model's own units, as it is written to disk. Lists over layers i of N: w_enc [features, width],
    b_enc and threshold [features], w_dec [features, N - i, width], b_dec [width]."""

    NAMES = ("w_enc", "b_enc", "threshold", "w_dec", "b_dec")

    def __init__(self, w_enc, b_enc, threshold, w_dec, b_dec):
        self.w_enc, self.b_enc, self.threshold, self.w_dec, self.b_dec = w_enc, b_enc, threshold, w_dec, b_dec

    def rounded(self) -> "FoldedClt":
        """Every tensor rounded to what the f16 file will hold."""
        return FoldedClt(*([t.half().float() for t in getattr(self, name)] for name in self.NAMES))

    def select(self, kept: list[Tensor]) -> "FoldedClt":
        """The transcoder with only the features `kept` (indices) of each layer."""
        per_feature = ([t[k] for t, k in zip(ts, kept)] for ts in (self.w_enc, self.b_enc, self.threshold, self.w_dec))
        return FoldedClt(*per_feature, self.b_dec)

    def encode(self, layer: int, x: Tensor) -> Tensor:
        """The layer's residual stream [..., width] -> activations [..., features]."""
        pre = x @ self.w_enc[layer].T + self.b_enc[layer]
        return pre * (pre > self.threshold[layer])

    def write(self, layer: int, acts: list[Tensor]) -> Tensor:
        """What the features of layers 0..layer write to the output of this layer's MLP."""
        return self.b_dec[layer] + sum(a @ self.w_dec[i][:, layer - i] for i, a in enumerate(acts[: layer + 1]))

    def stand_in(self):
        """For `Gpt2.forward`: replaces every MLP. Make one for each forward pass; `.acts` keeps the activations."""
        return Replacement(self)


class Replacement:
    def __init__(self, clt: FoldedClt):
        self.clt = clt
        self.acts: list[Tensor] = []

    def __call__(self, layer: int, middle: Tensor) -> Tensor:
        if layer == 0:
            self.acts = []
        self.acts.append(self.clt.encode(layer, middle))
        return self.clt.write(layer, self.acts)
