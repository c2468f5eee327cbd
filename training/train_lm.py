"""Trains a language model: `python -m training.train_lm addition`."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from . import checkpoint, precision, tasks, tokenizer, twins
from .batch import Batch
from .model import Gpt2, Shape, round_to_f16
from .muon import Muon


SHARPNESS = 20.0  # of the tanh that counts a neuron as active: it writes a twentieth of the residual stream
CHECKPOINT = 250  # steps


def learning_rate(step: int, steps: int, peak: float, warm_up: int) -> float:
    """Linear warm-up, then a cosine to zero."""
    if step < warm_up:
        return peak * (step + 1) / warm_up
    progress = (step - warm_up) / max(1, steps - warm_up)
    return peak * 0.5 * (1 + torch.cos(torch.tensor(progress * torch.pi)).item())


def optimiser(model: Gpt2, decay: float, muon: bool = False) -> torch.optim.Optimizer:
    """AdamW, or `muon` for the blocks' matrices; biases and norms are not decayed."""
    split = lambda name: (3 if "c_attn" in name else 1) if muon and name.startswith("h.") else 0  # noqa: E731
    matrices = [(p, split(name)) for name, p in model.named_parameters() if p.dim() == 2]
    groups = [{"params": [p for p, of in matrices if of == n], "weight_decay": decay, "matrices": n}
              for n in sorted({of for _, of in matrices})]
    groups.append({"params": [p for p in model.parameters() if p.dim() == 1], "weight_decay": 0.0})
    return Muon(groups, lr=0.0, betas=(0.9, 0.98))


@dataclass(frozen=True)
class Settings:
    steps: int
    seed: int = 0
    size: int = 150_000  # training texts, where they are sampled
    peak: float = 1.2e-3  # learning rate
    decay: float = 0.3  # weight decay
    layers: int = 4
    width: int = 128
    read: float = 0.1  # weight of the tokens that are only read
    questions: str = ""  # how much each question counts, in order: "1,1,2"; all alike if empty
    still: float = 30.0  # weight of how far patterns differ between twins
    aim: float = 0.0  # weight of how much is looked at elsewhere than at what twins differ in
    aim_bos: bool = False  # <bos> is such an elsewhere, too
    late: float = 0.0  # weight of how much the first layer looks at other tokens that twins differ in
    level: float = 0.0  # weight of how far norms' scales differ between twins
    jitter: float = 0.0  # standard deviation of a random share by which every neuron writes more or less
    sparse: float = 2e-3  # weight of the number of active neurons
    would: float = 0.0  # how much of what a neuron would write counts with what it writes
    sparse_from: float = 0.45  # share of the run after which active neurons are weighed; fully a fifth of the run later
    after: str = ""  # folder of a finished run whose model this one goes on from
    muon: bool = False  # Muon for the blocks' matrices in place of AdamW


@dataclass
class Loss:
    total: Tensor
    neurons: Tensor  # mean number of active ones a layer: on the tokens that are asked, and on those only read; 0 if not weighed
    moving: Tensor  # how far patterns differ between twins, on the same two kinds of token
    elsewhere: Tensor  # share of attention that the tokens that are asked give to tokens that twins have in common
    early: Tensor  # share of the first layer's that they give to other tokens that twins differ in
    uneven: Tensor  # how far norms' scales differ between twins, on the same two kinds of token; 0 if not weighed


def loss_of(model: Gpt2, batches: list[Batch], read: float = 0.0, sparse: float = 0.0, still: float = 0.0,
            aim: float = 0.0, would: float = 0.0, questions: tuple[float, ...] = (), late: float = 0.0,
            aim_bos: bool = False, level: float = 0.0, jitter: float = 0.0) -> Loss:
    """The batches' mean cross-entropy over everything that they have learned, tokens and distributions alike, summed by their
    weights (and those of the `questions`, in order), and terms with weights of their own, each a mean over the batches.

    `read`: the mean cross-entropy over the tokens that are only read.
    `sparse`: the number of active neurons a layer, tanh(SHARPNESS * `Mlp.shares`, with `would`), its mean over the tokens that are asked plus its mean over the others. MLPs otherwise answer with many neurons at
    once, and write whatever they happen to where nothing is asked; a transcoder would have to explain both. A share, because
    an absolute size is brought down by writing less of everything, and then every change moves the norms.
    `still`: how far attention patterns differ between twins (`twins.deviation`), again the mean over the tokens that are asked
    plus the mean over the others. From the first step on, or the sum moves into attention, where no graph shows it.
    `aim`: how much the tokens that are asked look at what twins have in common (`twins.elsewhere`), with `aim_bos` <bos> among it.
    `late`: how much they look at what twins differ in in the first layer already (`twins.early`).
    `level`: how far the scales of norms differ between twins (`twins.uneven`), the mean over the tokens that are asked plus the mean
    over the others. A graph takes them as given, as it does patterns.
    `jitter`: what is to hold still is then also to do so where a feature is changed, which no text does."""
    zeros = (torch.zeros(size, device=model.wte.weight.device) for size in ((), (), (), 2, 2, 2))
    loss, elsewhere, early, neurons, moving, uneven = zeros
    for batch in batches:
        written: list[Tensor] | None = [] if sparse else None
        patterns: list[Tensor] = []
        spreads: list[Tensor] | None = [] if level else None
        final = model(batch.ids, mask=batch.mask, positions=batch.positions, neurons=written, would=would, patterns=patterns,
                      jitter=jitter, spreads=spreads)
        real = torch.ones_like(batch.learn) if batch.real is None else batch.real
        asked = batch.learn.clone()
        losses = [F.cross_entropy(model.logits(final[batch.learn]).float(), batch.target[batch.learn], reduction="none")]
        if batch.soft is not None:
            asked.scatter_(1, batch.soft.columns, True)
            losses += soft_losses(model, final, batch, questions)
        loss = loss + batch.weight * torch.cat(losses).mean()
        rest = real & ~asked
        if read and batch.soft is None:
            loss = loss + read / len(batches) * F.cross_entropy(model.logits(final[rest]).float(), batch.target[rest])
        if written:
            number = torch.stack([torch.tanh(SHARPNESS * share).sum(-1).float() for share in written]).mean(0)
            neurons = neurons + over(number, asked, rest) / len(batches)
        if batch.form is not None:
            alike = torch.ones_like(real) if batch.alike is None else batch.alike
            elsewhere = elsewhere + over(twins.elsewhere(patterns, batch.ids, batch.form, aim_bos), asked & alike)[0] / len(batches)
            early = early + over(twins.early(patterns[0], batch.ids, batch.form), asked & alike)[0] / len(batches)
            moving = moving + over(twins.deviation(patterns, batch.form), asked & alike, rest & alike) / len(batches)
            if spreads:
                uneven = uneven + over(twins.uneven(spreads, batch.form), asked & alike, rest & alike) / len(batches)
    total = loss + sparse * neurons.sum() + still * moving.sum() + aim * elsewhere + late * early + level * uneven.sum()
    return Loss(total, *(part.detach() for part in (neurons, moving, elsewhere, early, uneven)))


def over(values: Tensor, *tokens: Tensor) -> Tensor:
    """The mean of values [n, tokens] over each of these sets of tokens; 0 over none."""
    return torch.stack([values[t].mean() if t.any() else values.new_zeros(()) for t in tokens])


def soft_losses(model: Gpt2, final: Tensor, batch: Batch, weights: tuple[float, ...] = ()) -> list[Tensor]:
    """Per question, the cross-entropy [n] with the teacher's distribution, times the question's weight (1 if none is given)."""
    rows = torch.arange(len(batch.ids), device=final.device)
    losses = []
    for question, (chances, classes) in enumerate(zip(batch.soft.chances, batch.soft.classes)):
        at = final[rows, batch.soft.columns[:, question]]
        spoken = model.logits(at).float().log_softmax(-1)[:, classes]
        weight = weights[question] if weights else 1.0
        losses.append(-weight * (chances * spoken).sum(-1))
    return losses


def train(task, run: Path, settings: Settings, device: str = "cpu", compiled: bool = False) -> None:
    """Trains, or goes on with a run of the same settings that was cut off: the same weights either way, on the same kind of
    device. The checkpoint of a finished run stays, for a further run (`after`). `compiled` fuses what lies between products, which
    needs a C++ compiler and rounds otherwise."""
    torch.manual_seed(settings.seed)
    generator = torch.Generator().manual_seed(settings.seed)
    start = time.time()
    tok = tokenizer.build(task.WORDS)
    data = task.Data(tok, seed=settings.seed, size=settings.size).to(device)
    questions = tuple(float(weight) for weight in settings.questions.split(",") if weight)
    shape = Shape(tok.get_vocab_size(), task.CONTEXT, settings.layers, settings.width, heads=4, mlp=4 * settings.width)
    model = Gpt2(shape).to(device)
    before = goes_on_from(Path(settings.after), model) if settings.after else 0
    adam = optimiser(model, settings.decay, settings.muon)
    of_step = torch.compile(loss_of, dynamic=True) if compiled else loss_of
    print(f"{sum(p.numel() for p in model.parameters())} parameters, vocabulary {model.shape.vocabulary}, "
          f"data {time.time() - start:.0f} s", flush=True)
    run.mkdir(parents=True, exist_ok=True)
    first, spent, _ = checkpoint.resume(run / "checkpoint.pt", settings, model, adam, generator)
    start = time.time() - spent
    for step in range(first, settings.steps):
        done = step / settings.steps
        for group in adam.param_groups:
            group["lr"] = learning_rate(step, settings.steps, settings.peak, warm_up=min(100, settings.steps // 4))
        sparse = settings.sparse * min(1.0, max(0.0, (done - settings.sparse_from) / 0.2))
        if settings.jitter:
            torch.manual_seed(settings.seed << 32 | before + step)  # so that a run that goes on has the same
        with precision.products(device):
            loss = of_step(model, data.sample(before + step, generator), settings.read, sparse, settings.still,
                           settings.aim, settings.would, questions, settings.late, settings.aim_bos, settings.level, settings.jitter)
        adam.zero_grad()
        loss.total.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        last = step + 1 == settings.steps
        if (step + 1) % 50 == 0:
            print("step {} loss {:.4f} neurons {:.1f} {:.1f} moving {:.4f} {:.4f} elsewhere {:.3f} early {:.3f} uneven {:.4f} {:.4f} {:.0f} s".format(
                step + 1, loss.total.item(), *loss.neurons.tolist(), *loss.moving.tolist(), loss.elsewhere.item(), loss.early.item(),
                *loss.uneven.tolist(), time.time() - start), flush=True)
        if last:
            round_to_f16(model)
        if last or (step + 1) % CHECKPOINT == 0:
            model.eval()
            torch.save({"shape": asdict(model.shape), "weights": checkpoint.on_cpu(model)}, run / "lm.pt")
            checkpoint.keep(run / "checkpoint.pt", settings, model, adam, generator, step + 1, time.time() - start)
        if last or (step + 1) % (2 * CHECKPOINT) == 0:
            print(f"  {data.report(model)} {time.time() - start:.0f} s", flush=True)


def goes_on_from(run: Path, model: Gpt2) -> int:
    """Takes over the model of a finished run; how many steps that had."""
    saved = torch.load(run / "checkpoint.pt", map_location="cpu")
    if saved["step"] != saved["settings"]["steps"]:
        raise SystemExit(f"{run} stopped at step {saved['step']} of {saved['settings']['steps']}: finish it first")
    model.load_state_dict(saved["weights"])
    return saved["step"]


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
    for field in fields(Settings):
        if field.type == "bool":
            parser.add_argument(f"--{field.name.replace('_', '-')}", action="store_true")
        elif field.name != "steps":
            parser.add_argument(f"--{field.name.replace('_', '-')}", type=type(field.default), default=field.default)
    parser.add_argument("--steps", type=int, default=default.steps)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--compile", action="store_true", help="fuse what lies between products; needs a C++ compiler")
    o = vars(parser.parse_args())
    torch.set_num_threads(o.pop("threads"))
    task, run, device, compiled = o.pop("task"), o.pop("run"), o.pop("device"), o.pop("compile")
    train(tasks.load(task), run or tasks.RUNS / task, Settings(**o), device, compiled)


if __name__ == "__main__":
    main()
