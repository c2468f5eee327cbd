"""Trains a language model: `python -m training.train_lm addition`."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from . import tasks, tokenizer
from .batch import Batch
from .model import Gpt2, Shape, round_to_f16


SHARPNESS = 10.0  # of the tanh that counts a neuron as active


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


@dataclass(frozen=True)
class Settings:
    steps: int
    seed: int = 0
    size: int = 150_000  # training texts, where they are sampled
    until: int | None = None  # leaves the run at this step
    peak: float = 1e-3  # learning rate
    decay: float = 0.3  # weight decay
    layers: int = 4
    width: int = 128
    read: float = 0.1  # weight of the tokens that are only read
    sparse: float = 1e-3  # weight of the number of active neurons
    mlp: float = 0.0  # weight of the mean square of what MLPs write
    onward: bool = False  # goes on with the run's own model


@dataclass
class Loss:
    total: Tensor
    neurons: Tensor  # mean number of active ones a layer: on the tokens that are asked, and on those only read


def loss_of(model: Gpt2, batches: list[Batch], read: float = 0.0, sparse: float = 0.0, mlp: float = 0.0) -> Loss:
    """Mean cross-entropy over everything that the batches have learned, tokens and distributions alike, and three terms
    with weights of their own.

    `read`: the mean cross-entropy over the tokens that are only read.
    `sparse`: the number of active neurons a layer, tanh(SHARPNESS * |activation| * norm of what the neuron writes), its mean
    over the tokens that are asked plus its mean over the others. MLPs otherwise answer with many neurons at once, and write
    whatever they happen to where nothing is asked; a transcoder would have to explain both.
    `mlp`: the mean square of what MLPs write."""
    finals, targets, soft, only_read = [], [], [], []
    neurons, sizes = ([], []), []
    for batch in batches:
        seen: list[tuple[Tensor, Tensor]] = []
        written: list[Tensor] = []
        final = model(batch.ids, mask=batch.mask, positions=batch.positions, seen=seen, neurons=written)
        finals.append(final[batch.learn])
        targets.append(batch.target[batch.learn])
        real = torch.ones_like(batch.learn) if batch.real is None else batch.real
        asked = batch.learn.clone()
        if batch.soft is not None:
            asked[torch.arange(len(asked))[:, None], batch.soft.columns] = True
            soft += soft_losses(model, final, batch)
        elif read:
            rest = real & ~asked
            only_read.append(F.cross_entropy(model.logits(final[rest]).float(), batch.target[rest], reduction="none"))
        for (_, out), contributions in zip(seen, written):
            sizes.append(out[real].float().square().sum(-1))
            number = torch.tanh(SHARPNESS * contributions).sum(-1).float()
            for found, tokens in zip(neurons, (asked, real & ~asked)):
                found.append(number[tokens])
    hard = F.cross_entropy(model.logits(torch.cat(finals)).float(), torch.cat(targets), reduction="none")
    loss = torch.cat([hard, *soft]).mean()
    if only_read:
        loss = loss + read * torch.cat(only_read).mean()
    means = torch.stack([torch.cat(found).mean() for found in neurons])
    if sparse:
        loss = loss + sparse * means.sum()
    if mlp:
        loss = loss + mlp * torch.cat(sizes).mean()
    return Loss(loss, means.detach())


def soft_losses(model: Gpt2, final: Tensor, batch: Batch) -> list[Tensor]:
    """Per question, the cross-entropy [n] with the teacher's distribution."""
    rows = torch.arange(len(batch.ids))
    losses = []
    for question, (chances, classes) in enumerate(zip(batch.soft.chances, batch.soft.classes)):
        at = final[rows, batch.soft.columns[:, question]]
        spoken = model.logits(at).float().log_softmax(-1)[:, classes]
        losses.append(-(chances * spoken).sum(-1))
    return losses


def train(task, run: Path, settings: Settings) -> None:
    steps, last = settings.steps, min(settings.steps, settings.until or settings.steps)
    torch.manual_seed(settings.seed)
    generator = torch.Generator().manual_seed(settings.seed)
    start = time.time()
    tok = tokenizer.build(task.WORDS)
    data = task.Data(tok, seed=settings.seed, size=settings.size)
    shape = Shape(tok.get_vocab_size(), task.CONTEXT, settings.layers, settings.width, heads=4, mlp=4 * settings.width)
    model = load(run).train() if settings.onward else Gpt2(shape)
    adam = optimiser(model, settings.decay)
    print(f"{sum(p.numel() for p in model.parameters())} parameters, vocabulary {model.shape.vocabulary}, "
          f"data {time.time() - start:.0f} s", flush=True)
    start = time.time()
    for step in range(last):
        for group in adam.param_groups:
            group["lr"] = learning_rate(step, steps, settings.peak, warm_up=min(100, steps // 4))
        # bfloat16 products, float32 weights and sums: quicker where the processor has them.
        with torch.autocast("cpu", torch.bfloat16):
            loss = loss_of(model, data.sample(step, generator), settings.read, settings.sparse, settings.mlp)
        adam.zero_grad()
        loss.total.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        if (step + 1) % 50 == 0:
            active = "neurons {:.1f} {:.1f}".format(*loss.neurons.tolist())
            print(f"step {step + 1} loss {loss.total.item():.4f} {active} {time.time() - start:.0f} s", flush=True)
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
    default = Settings(steps=3000)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=tasks.NAMES)
    parser.add_argument("--run", type=Path, help="folder for the checkpoint")
    parser.add_argument("--steps", type=int, default=default.steps)
    parser.add_argument("--until", type=int, help="leave the run at this step")
    parser.add_argument("--size", type=int, default=default.size, help="training texts, where they are sampled")
    parser.add_argument("--seed", type=int, default=default.seed)
    parser.add_argument("--peak", type=float, default=default.peak, help="learning rate")
    parser.add_argument("--decay", type=float, default=default.decay, help="weight decay")
    parser.add_argument("--read", type=float, default=default.read, help="weight of the tokens that are only read")
    parser.add_argument("--sparse", type=float, default=default.sparse, help="weight of the number of active neurons")
    parser.add_argument("--mlp", type=float, default=default.mlp, help="weight of the mean square of what MLPs write")
    parser.add_argument("--onward", action="store_true", help="go on with the run's model (other data for another seed)")
    parser.add_argument("--threads", type=int, default=2)
    o = vars(parser.parse_args())
    torch.set_num_threads(o.pop("threads"))
    task, run = o.pop("task"), o.pop("run")
    train(tasks.load(task), run or tasks.RUNS / task, Settings(**o))


if __name__ == "__main__":
    main()
