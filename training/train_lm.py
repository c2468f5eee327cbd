"""Trains a language model: `python -m training.train_lm addition`."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from . import tasks, tokenizer
from .batch import Batch
from .model import Gpt2, Shape, round_to_f16


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


def loss_of(model: Gpt2, batches: list[Batch], read: float = 0.0, mlp: float = 0.0) -> Tensor:
    """Mean cross-entropy over everything that the batches have learned, tokens and distributions alike.

    `read` is the weight of the mean cross-entropy over the tokens that are only read, `mlp` that of the mean square of
    what the MLPs write: where nothing is asked, an MLP would otherwise write whatever it happens to, and a transcoder
    would have to explain it."""
    finals, targets, soft, only_read, sizes = [], [], [], [], []
    for batch in batches:
        seen: list[tuple[Tensor, Tensor]] = []
        final = model(batch.ids, mask=batch.mask, positions=batch.positions, seen=seen)
        finals.append(final[batch.learn])
        targets.append(batch.target[batch.learn])
        real = torch.ones_like(batch.learn) if batch.real is None else batch.real
        sizes += [out[real].square().sum(-1).flatten() for _, out in seen]
        if read and batch.soft is None:
            rest = real & ~batch.learn
            only_read.append(F.cross_entropy(model.logits(final[rest]).float(), batch.target[rest], reduction="none"))
        if batch.soft is not None:
            soft += soft_losses(model, final, batch)
    hard = F.cross_entropy(model.logits(torch.cat(finals)).float(), torch.cat(targets), reduction="none")
    loss = torch.cat([hard, *soft]).mean()
    if only_read:
        loss = loss + read * torch.cat(only_read).mean()
    return loss + mlp * torch.cat(sizes).float().mean() if mlp else loss


def soft_losses(model: Gpt2, final: Tensor, batch: Batch) -> list[Tensor]:
    """Per question, the cross-entropy [n] with the teacher's distribution."""
    rows = torch.arange(len(batch.ids))
    losses = []
    for question, (chances, classes) in enumerate(zip(batch.soft.chances, batch.soft.classes)):
        at = final[rows, batch.soft.columns[:, question]]
        spoken = model.logits(at).float().log_softmax(-1)[:, classes]
        losses.append(-(chances * spoken).sum(-1))
    return losses


def train(task, run: Path, steps: int, size: int, seed: int, peak: float, decay: float, layers: int, width: int,
          onward: bool = False, read: float = 0.0, mlp: float = 0.0, until: int | None = None) -> None:
    """Trains a new model, or with `onward` goes on with the run's own; leaves a run of `steps` at step `until`."""
    last = min(steps, until or steps)
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    start = time.time()
    tok = tokenizer.build(task.WORDS)
    data = task.Data(tok, seed=seed, size=size)
    shape = Shape(tok.get_vocab_size(), task.CONTEXT, layers, width, heads=4, mlp=4 * width)
    model = load(run).train() if onward else Gpt2(shape)
    adam = optimiser(model, decay)
    print(f"{sum(p.numel() for p in model.parameters())} parameters, vocabulary {model.shape.vocabulary}, "
          f"data {time.time() - start:.0f} s", flush=True)
    start = time.time()
    for step in range(last):
        for group in adam.param_groups:
            group["lr"] = learning_rate(step, steps, peak, warm_up=min(100, steps // 4))
        # bfloat16 products, float32 weights and sums: quicker where the processor has them.
        with torch.autocast("cpu", torch.bfloat16):
            loss = loss_of(model, data.sample(step, generator), read, mlp)
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        if (step + 1) % 50 == 0:
            print(f"step {step + 1} loss {loss.item():.4f} {time.time() - start:.0f} s", flush=True)
        if (step + 1) % 500 == 0 or step + 1 == last:
            if step + 1 == last:
                round_to_f16(model)
            print(f"  {data.report(model)} {time.time() - start:.0f} s", flush=True)
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
    parser.add_argument("task", choices=tasks.NAMES)
    parser.add_argument("--run", type=Path, help="folder for the checkpoint")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--until", type=int, help="leave the run at this step")
    parser.add_argument("--size", type=int, default=150_000, help="training texts, where they are sampled")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--peak", type=float, default=1e-3, help="learning rate")
    parser.add_argument("--decay", type=float, default=0.3, help="weight decay")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--read", type=float, default=0.1, help="weight of the tokens that are only read")
    parser.add_argument("--mlp", type=float, default=1e-3, help="weight of the mean square of what MLPs write")
    parser.add_argument("--onward", action="store_true", help="go on with the run's model (other data for another seed)")
    parser.add_argument("--threads", type=int, default=2)
    o = parser.parse_args()
    torch.set_num_threads(o.threads)
    run = o.run or tasks.RUNS / o.task
    train(tasks.load(o.task), run, o.steps, o.size, o.seed, o.peak, o.decay, o.layers, o.width, o.onward, o.read,
          o.mlp, o.until)


if __name__ == "__main__":
    main()
