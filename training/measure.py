"""What is measured of a model and its transcoder: `python -m training.measure [folder]` reads the exported files.

The one source of every figure: the training runs print it as they go, and the manifest takes it from here.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from . import data, folder
from .model import Gpt2, answers
from .transcoder import FoldedClt

COMMAND = "python -m training.measure"  # what a manifest names as the origin of its figures


@dataclass
class Fidelity:
    """Per-layer figures over the prompts' tokens, <bos> left out (circuit-tracer drops its features too)."""

    error: list[float]  # |mlp_out - reconstruction|^2 / |mlp_out - mean|^2, original activations in
    error_last: list[float]  # the same at the last token alone
    active: list[float]  # active features per token
    active_last: list[float]


@dataclass
class Figures:
    """Everything that is said about a shipped model. The explanations are those of the held-out pairs."""

    trained: tuple[int, int]  # pairs answered rightly, of how many
    held_out: tuple[int, int]
    agree: tuple[int, int]  # prompts where the model with every MLP replaced gives the original's answer
    told_right: tuple[int, int]  # right next tokens in explanations
    told_agree: tuple[int, int]  # next tokens in explanations where the replaced model and the original agree
    calc: Fidelity  # over all `calc:` prompts
    told: Fidelity  # over the explanations
    fired: list[float]  # share of the features that fire on at least one token of any text


@torch.no_grad()
def figures(model: Gpt2, clt: FoldedClt, tokenizer: Tokenizer) -> Figures:
    trained, held_out = data.split_pairs()
    prompts, right = data.sums(tokenizer, trained + held_out)
    given = answers(model, prompts)
    agree = given == answers(model, prompts, clt.stand_in())
    told = data.encode(tokenizer, [data.explanation(a, b) for a, b in held_out])
    read, next_token = told.ids[:, :-1], told.ids[:, 1:]
    original = next_tokens(model, read)
    held = torch.arange(len(right)) >= len(trained)
    return Figures(
        trained=count((given == right)[~held]),
        held_out=count((given == right)[held]),
        agree=count(agree),
        told_right=count((original == next_token)[told.learn]),
        told_agree=count((original == next_tokens(model, read, clt))[told.learn]),
        calc=fidelity(model, clt, prompts),
        told=fidelity(model, clt, read),
        fired=[f.float().mean().item() for f in fired(model, clt, tokenizer)],
    )


def count(right: Tensor) -> tuple[int, int]:
    return int(right.sum()), right.numel()


@torch.no_grad()
def next_tokens(model: Gpt2, ids: Tensor, clt: FoldedClt | None = None, batch: int = 500) -> Tensor:
    """The most likely token after each token. ids [n, tokens] -> [n, tokens]."""
    stand_in = clt.stand_in() if clt else None
    return torch.cat([model.logits(model(part, stand_in)).argmax(-1) for part in ids.split(batch)])


@torch.no_grad()
def fired(model: Gpt2, clt: FoldedClt, tokenizer: Tokenizer, batch: int = 500) -> list[Tensor]:
    """Which features fire on at least one token of any sum, explanation or counting run, <bos> left out: per layer
    [features]."""
    told = [data.explanation(a, b) for pairs in data.split_pairs() for a, b in pairs]  # each begins with its sum
    found = [torch.zeros(len(b), dtype=torch.bool) for b in clt.b_enc]
    for texts in (told, data.counting_runs()):
        for part in data.encode(tokenizer, texts).ids.split(batch):
            seen: list[tuple[Tensor, Tensor]] = []
            model(part, seen=seen)
            for layer, (middle, _) in enumerate(seen):
                found[layer] |= (clt.encode(layer, middle[:, 1:]) > 0).flatten(0, 1).any(0)
    return found


@torch.no_grad()
def agreement(model: Gpt2, clt: FoldedClt, ids: Tensor) -> float:
    """Share of prompts where the model with every MLP replaced gives the original's answer."""
    return (answers(model, ids) == answers(model, ids, clt.stand_in())).float().mean().item()


@torch.no_grad()
def fidelity(model: Gpt2, clt: FoldedClt, ids: Tensor, batch: int = 1000) -> Fidelity:
    """Runs the original model on ids [n, tokens] and compares its MLPs with the transcoder."""
    layers, width = model.shape.layers, model.shape.width
    n, tokens = ids.shape[0], ids.shape[1] - 1
    square = torch.zeros(layers, tokens, dtype=torch.double)
    total = torch.zeros(layers, tokens, width, dtype=torch.double)
    power = torch.zeros(layers, tokens, dtype=torch.double)
    active = torch.zeros(layers, tokens, dtype=torch.double)
    for part in ids.split(batch):
        seen: list[tuple[Tensor, Tensor]] = []
        model(part, seen=seen)
        acts: list[Tensor] = []
        for layer, (middle, out) in enumerate(seen):
            middle, out = middle[:, 1:], out[:, 1:]
            acts.append(clt.encode(layer, middle))
            square[layer] += (out - clt.write(layer, acts)).square().sum((0, 2))
            total[layer] += out.sum(0)
            power[layer] += out.square().sum((0, 2))
            active[layer] += (acts[-1] > 0).sum((0, 2))
    spread = power.sum(1) - total.sum(1).square().sum(1) / (n * tokens)
    spread_last = power[:, -1] - total[:, -1].square().sum(1) / n
    return Fidelity(
        error=(square.sum(1) / spread).tolist(),
        error_last=(square[:, -1] / spread_last).tolist(),
        active=(active.mean(1) / n).tolist(),
        active_last=(active[:, -1] / n).tolist(),
    )


def report(it: Figures) -> str:
    """The figures as a table to read."""
    lines = [
        f"right answers, trained pairs        {share(it.trained)}",
        f"right answers, held-out pairs       {share(it.held_out)}",
        f"right tokens, held-out explanations {share(it.told_right)}",
        f"replaced model agrees, prompts      {share(it.agree)}",
        f"replaced model agrees, explanations {share(it.told_agree)}",
        "",
        f"{'per layer':36}" + "".join(f"{layer:>8}" for layer in range(len(it.fired))),
    ]
    lines += [
        row("unexplained, all tokens of prompts", it.calc.error, 100, " %", 2),
        row("unexplained, on =", it.calc.error_last, 100, " %", 2),
        row("unexplained, explanations", it.told.error, 100, " %", 2),
        row("active, all tokens of prompts", it.calc.active),
        row("active, on =", it.calc.active_last),
        row("active, explanations", it.told.active),
        row("features that fire at all", it.fired, 100, " %", 1),
    ]
    return "\n".join(lines)


def share(value: tuple[int, int]) -> str:
    right, of = value
    return f"{right:,} of {of:,} ({100 * right / of:.2f} %)"


def row(name: str, values: list[float], scale: float = 1, unit: str = "", digits: int = 1) -> str:
    return f"{name:36}" + "".join(f"{scale * v:8.{digits}f}" for v in values) + unit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=folder.MODELS / "addition")
    at = parser.parse_args().folder
    print(report(figures(*folder.read(at))))


if __name__ == "__main__":
    main()
