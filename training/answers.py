"""What a model says with every MLP replaced by a transcoder, against what it says itself: to be learned end to end, as in
"Identifying Functionally Important Features with End-to-End Sparse Dictionary Learning" (Braun et al. 2024)."""

import torch
from torch import Tensor

from .model import Gpt2
from .transcoder import Folded


def apart(model: Gpt2, coder: Folded, ids: Tensor, weight: Tensor) -> Tensor:
    """The mean Kullback-Leibler divergence, by `weight` [texts, tokens], of what is said after each token of ids [texts, tokens]."""
    with torch.no_grad():
        own = model.logits(model(ids)).log_softmax(-1)
    replaced = model.logits(model(ids, coder.stand_in())).log_softmax(-1)
    return ((own.exp() * (own - replaced)).sum(-1) * weight).sum() / weight.sum()
