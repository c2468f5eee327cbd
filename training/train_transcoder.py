"""Trains a transcoder of a trained language model: `python -m training.train_transcoder addition cross-layer`."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from . import answers, checkpoint, folder, gradients, matched, moves, precision, tasks, tokenizer, train_lm
from .model import Gpt2
from .transcoder import Folded, Transcoder, fire

RAMP = 0.3  # share of the run in which the penalty ramps up
SILENT_STEPS = 100  # after so many steps without firing a feature is lifted
REVIVAL = 1e-3  # how strongly
CHECKPOINT = 250  # steps
KINDS = {"cross-layer": None, "per-layer": 1}  # how many MLPs a feature writes to; None is all from its own on


@dataclass(frozen=True)
class Settings:
    steps: int
    features: int  # per layer
    active: float  # features per token and layer that the penalty is steered to
    match: float  # weight of the derivative term; 0 leaves it out
    seed: int
    neurons: bool  # starts features as the MLPs' neurons; otherwise all start at random
    texts: int  # that a step runs the model on; half as many are moved for the derivative term
    tokens: int = 2048  # of theirs that the error is taken on
    moving_tokens: int = 768  # that the derivative term is taken on
    peak: float = 2e-3  # learning rate
    penalty: float = 3e-3  # of the sparsity term, where the steering begins
    gradients: float = 0.0  # weight of how far the gradients of what is said are apart
    answers: float = 0.0  # weight of how far what is said with every MLP replaced is apart
    after: str = ""  # a transcoder that this one goes on from: a file that a run wrote, or a folder that was exported


@dataclass
class Step:
    """The model's part in a step: the layers of each batch of texts, how often each token is drawn, and its ids."""

    layers: list[list[moves.Layer]]
    weights: list[Tensor]
    ids: list[Tensor]

    def tokens(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Inputs and outputs of the MLPs at n tokens drawn by weight: [layers, n, width] each."""
        pick = torch.multinomial(torch.cat([w.flatten() for w in self.weights]).cpu(), n, True, generator=generator)
        together = lambda name: torch.stack([  # noqa: E731
            torch.cat([getattr(layer, name).flatten(0, 1) for layer in at])[pick] for at in zip(*self.layers)])
        return together("middle"), together("out")


    def norm_scales(self) -> list[float]:
        """Each layer's mean 1 / standard deviation before the MLP, over the tokens by weight."""
        weight = torch.cat([w.flatten() for w in self.weights])
        means = (torch.cat([layer.mlp_scale.flatten() for layer in at]) @ weight for at in zip(*self.layers))
        return [(mean / weight.sum()).item() for mean in means]


def look(model: Gpt2, data, n: int, generator: torch.Generator) -> Step:
    step = Step([], [], [])
    for ids, weight in data.transcoder_texts(n, generator):
        ids, weight = ids.to(model.wte.weight.device), weight.to(model.wte.weight.device)
        step.layers.append(moves.run(model, ids))
        step.weights.append(weight)
        step.ids.append(ids)
    return step


def schedule(step: int, steps: int, peak: float) -> float:
    """Learning rate: a short warm-up, level, and a linear fall over the second half."""
    progress = step / steps
    return peak * min(1.0, (step + 1) / 20, (1 - progress) / 0.5)


def steered(penalty: float, active: float, wanted: float, ramp: float) -> float:
    """The next step's penalty. Once it has ramped up to 1 it grows while too many features are active, and shrinks while
    too few are: slowly, because features take hundreds of steps to answer."""
    if ramp < 1:
        return penalty
    return penalty * min(1.003, max(0.997, (active / wanted) ** 0.01))


def end_to_end(model: Gpt2, coder: Transcoder, step: Step, settings: Settings, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """The gradients' error and the answers', each a mean over texts: of all of a step's, and of half of them."""
    apart, said = (torch.zeros((), device=step.ids[0].device) for _ in range(2))
    if not (settings.gradients or settings.answers):
        return apart, said
    folded, total = coder.in_own_units(), sum(map(len, step.ids))
    for ids, weight in zip(step.ids, step.weights):
        longest = int((weight > 0).nonzero()[:, 1].max()) + 1
        ids, weight, share = ids[:, :longest], weight[:, :longest], len(ids) / total
        if settings.gradients:
            apart = apart + share * gradients.error(model, folded, ids, weight, generator)
        if settings.answers:
            half = torch.randperm(len(ids), generator=generator)[: (len(ids) + 1) // 2]
            said = said + share * answers.apart(model, folded, ids[half], weight[half])
    return apart, said


def train(task, run: Path, out: Path, kind: str, settings: Settings, device: str = "cpu") -> None:
    """Trains, or goes on with a run of the same settings that was cut off: the same weights either way, on the same kind of device. The
    checkpoint beside `out` goes with the end of the run."""
    torch.manual_seed(settings.seed)
    generator = torch.Generator().manual_seed(settings.seed)
    model = train_lm.load(run).requires_grad_(False).to(device)
    data = task.Data(tokenizer.build(task.WORDS), seed=settings.seed + 1, size=settings.steps * settings.texts // 8)
    before = taken(Path(settings.after)).to(device) if settings.after else None
    features = settings.features if before is None else len(before.b_enc[0])
    coder = Transcoder(model.shape.layers, features, model.shape.width, KINDS[kind]).to(device)
    sample = look(model, data, 8 * settings.texts, generator)
    coder.fit_scales(*sample.tokens(20000, generator))
    if before is not None:
        coder.take(before)
    elif settings.neurons:
        coder.take_neurons(model, sample.norm_scales())
    adam = torch.optim.Adam(coder.parameters(), lr=settings.peak, betas=(0.9, 0.99))
    kept = out.with_suffix(".checkpoint")
    first, spent, more = checkpoint.resume(kept, settings, coder, adam, generator)
    penalty, silent = more or (settings.penalty, torch.zeros(coder.layers, coder.features))
    silent = silent.to(device)
    # Compiling takes half a minute, and spares many passes over memory in a long run.
    firing = torch.compile(fire, dynamic=False) if settings.steps > 100 and device == "cpu" else fire
    derivative, start = 0.0, time.time() - spent
    for number in range(first, settings.steps):
        ramp = 1.0 if before is not None else min(1.0, number / settings.steps / RAMP)
        for group in adam.param_groups:
            group["lr"] = schedule(number, settings.steps, settings.peak)
        step = look(model, data, settings.texts, generator)
        x, y = coder.normalise(*step.tokens(settings.tokens, generator))
        with precision.products(device):
            pre = coder.pre_activations(x).float()
            lifted = (silent > SILENT_STEPS).float()
            acts, sparsity, lift, fired = firing(pre, coder.log_threshold, coder.decoder_norms(), lifted, coder.bandwidth)
            error = (coder.decode(acts) - y).square().mean((1, 2))
            # Every other step, with twice the weight, to save time.
            moves_now = settings.match and number % 2 == 0
            match = torch.zeros((), device=device)
            if moves_now:
                match = matched.error(model, coder, step, settings.texts // 2, settings.moving_tokens, generator)
        # In float32: derivatives of derivatives.
        apart, said = end_to_end(model, coder, step, settings, generator)
        loss = error.sum() + penalty * ramp * sparsity + REVIVAL * lift + 2 * settings.match * match
        loss = loss + settings.gradients * apart + settings.answers * said
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(coder.parameters(), 1.0)
        adam.step()
        active = fired.sum(1) / settings.tokens
        silent = (silent + 1) * (fired == 0)
        derivative = match.item() if moves_now else derivative
        penalty = steered(penalty, active.mean().item(), settings.active, ramp)
        if (number + 1) % 50 == 0 or number + 1 == settings.steps:
            print(f"step {number + 1} error {rounded(100 * error, 2)} % active {rounded(active, 1)} "
                  f"silent {(silent > 100).sum(1).tolist()} derivative {derivative:.4f} gradients {apart:.4f} answers {said:.4f} penalty {penalty:.2e} "
                  f"{time.time() - start:.0f} s", flush=True)
        if (number + 1) % CHECKPOINT == 0 or number + 1 == settings.steps:
            print(f"  agreement {agreement(model, coder.folded().rounded(), data, generator):.4f}", flush=True)
            save(out, kind, coder)
            checkpoint.keep(kept, settings, coder, adam, generator, number + 1, time.time() - start, (penalty, silent))
    kept.unlink(missing_ok=True)


@torch.no_grad()
def agreement(model: Gpt2, folded: Folded, data, generator: torch.Generator) -> float:
    """Share of tokens, weighted as they are drawn, where the model with every MLP replaced says what the original says."""
    right = total = 0.0
    for ids, weight in data.transcoder_texts(1000, generator):
        ids, weight = ids.to(model.wte.weight.device), weight.to(model.wte.weight.device)
        said = lambda stand_in: model.logits(model(ids, stand_in)).argmax(-1)  # noqa: E731
        right += (weight * (said(None) == said(folded.stand_in()))).sum().item()
        total += weight.sum().item()
    return right / total


def rounded(values: Tensor, digits: int) -> list[float]:
    return [round(v, digits) for v in values.tolist()]


def taken(path: Path) -> Folded:
    """The transcoder that a run goes on from."""
    return folder.read_transcoder(path) if path.is_dir() else load(path).folded()


def save(path: Path, kind: str, coder: Transcoder) -> None:
    torch.save({"kind": kind, "features": coder.features, "weights": checkpoint.on_cpu(coder)}, path)


def load(path: Path) -> Transcoder:
    """A trained transcoder."""
    saved = torch.load(path)
    layers, width = saved["weights"]["b_dec"].shape
    coder = Transcoder(layers, saved["features"], width, KINDS[saved["kind"]])
    coder.load_state_dict(saved["weights"])
    return coder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=tasks.NAMES)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--run", type=Path, help="folder with lm.pt")
    parser.add_argument("--out", type=Path, help="file to write [default: KIND.pt in the folder]")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--features", type=int, default=512, help="per layer")
    parser.add_argument("--active", type=float, default=7.0, help="active features per token and layer to steer to")
    parser.add_argument("--penalty", type=float, default=3e-3, help="weight of the sparsity term, where the steering begins")
    parser.add_argument("--match", type=float, default=0.0, help="weight of the derivative term")
    parser.add_argument("--gradients", type=float, default=0.0, help="weight of the gradients' error")
    parser.add_argument("--answers", type=float, default=0.0, help="weight of the replaced model's answers' error")
    parser.add_argument("--after", default="", help="a transcoder to go on from: a file that a run wrote, or an exported folder")
    parser.add_argument("--peak", type=float, default=2e-3, help="learning rate")
    parser.add_argument("--start", choices=("neurons", "random"), default="neurons", help="what features begin as")
    parser.add_argument("--texts", type=int, default=0, help="a step [default: the model's]")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    o = parser.parse_args()
    torch.set_num_threads(o.threads)
    run = o.run or tasks.RUNS / o.task
    out = o.out or run / f"{o.kind}.pt"
    task = tasks.load(o.task)
    train(task, run, out, o.kind, Settings(
        steps=o.steps, features=o.features, active=o.active, match=o.match, seed=o.seed, neurons=o.start == "neurons",
        texts=o.texts or task.TRANSCODER_TEXTS, penalty=o.penalty, gradients=o.gradients, answers=o.answers, after=o.after,
        peak=o.peak), o.device)


if __name__ == "__main__":
    main()
