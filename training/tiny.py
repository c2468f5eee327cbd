"""What tests of the training code share: a small vocabulary, three prompts of one length, and tiny random models."""

from __future__ import annotations

import torch
from torch import Tensor

from . import tokenizer
from .model import Gpt2, Shape, round_to_f16

WORDS = ["calc", " because", " ones", " carry", " tens"]
TOKENIZER = tokenizer.build(WORDS)


def prompts(*texts: str) -> Tensor:
    """The ids of texts of one length, [texts, tokens]."""
    return torch.tensor([e.ids for e in TOKENIZER.encode_batch(list(texts))])


def random_model(layers: int = 2, context: int = 16) -> Gpt2:
    """A tiny model whose every weight matters."""
    torch.manual_seed(1)
    model = Gpt2(Shape(TOKENIZER.get_vocab_size(), context, layers, width=16, heads=2, mlp=24))
    with torch.no_grad():
        for p in model.parameters():
            p.add_(0.3 * torch.randn(p.shape))
    round_to_f16(model)
    return model.eval()


IDS = prompts("calc: 36+59=", "calc: 8+7=", "calc: 0+99=")
