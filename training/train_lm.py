"""Trains the addition model: `python -m training.train_lm`."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from pathlib import Path

import torch
import torch.nn.functional as F

from . import data, tokenizer
from .model import Gpt2, Shape, answers, round_to_f16

RUNS = Path(__file__).parent / "runs"


def learning_rate(step: int, steps: int, peak: float, warm_up: int) -> float:
    """Linear warm-up, then a cosine to zero."""
    if step < warm_up:
        return peak * (step + 1) / warm_up
    progress = (step - warm_up) / max(1, steps - warm_up)
    return peak * 0.5 * (1 + torch.cos(torch.tensor(progress * torch.pi)).item())


def optimiser(model: Gpt2, decay: float) -> torch.optim.Optimizer:
    """AdamW; biases and norms are not decayed."""
    groups = [
        {"params": [p for p in model.parameters() if p.dim() == 2], "weight_decay": decay},
        {"params": [p for p in model.parameters() if p.dim() == 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98))


def loss_of(model: Gpt2, batches: list[data.Encoded]) -> torch.Tensor:
    """Mean cross-entropy over every learned token of the batches."""
    finals, targets = [], []
    for batch in batches:
        finals.append(model(batch.ids[:, :-1])[batch.learn])
        targets.append(batch.ids[:, 1:][batch.learn])
    return F.cross_entropy(model.logits(torch.cat(finals)), torch.cat(targets))


def accuracy(model: Gpt2, tok, pairs) -> float:
    ids, right = data.sums(tok, pairs)
    return (answers(model, ids) == right).float().mean().item()


def train(run: Path, steps: int, seed: int, mix: tuple[int, int, int]) -> None:
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    tok = tokenizer.build(data.WORDS)
    corpus = data.corpus(tok)
    model = Gpt2(Shape(vocabulary=tok.get_vocab_size()))
    adam = optimiser(model, decay=0.3)
    print(f"{sum(p.numel() for p in model.parameters())} parameters, vocabulary {model.shape.vocabulary}", flush=True)
    start = time.time()
    for step in range(steps):
        for group in adam.param_groups:
            group["lr"] = learning_rate(step, steps, 1e-3, warm_up=100)
        kinds = (corpus.calc, corpus.explanation, corpus.counting)
        loss = loss_of(model, [kind.sample(n, generator) for kind, n in zip(kinds, mix)])
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        if (step + 1) % 125 == 0 or step + 1 == steps:
            if step + 1 == steps:
                round_to_f16(model)
            print(
                f"step {step + 1} loss {loss.item():.4f} trained {accuracy(model, tok, corpus.trained):.5f} "
                f"held out {accuracy(model, tok, corpus.held_out):.5f} {time.time() - start:.0f} s",
                flush=True,
            )
    run.mkdir(parents=True, exist_ok=True)
    torch.save({"shape": asdict(model.shape), "weights": model.state_dict()}, run / "lm.pt")


def load(run: Path) -> Gpt2:
    """The trained model (f16 values in f32 tensors)."""
    saved = torch.load(run / "lm.pt")
    model = Gpt2(Shape(**saved["shape"]))
    model.load_state_dict(saved["weights"])
    return model.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, default=RUNS / "addition", help="folder for the checkpoint")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    train(options.run, options.steps, options.seed, mix=(384, 64, 64))


if __name__ == "__main__":
    main()
