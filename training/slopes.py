"""How much of a language model's MLPs lies in neurons that write next to nothing: `python -m training.slopes addition`.

Per layer, on the token that is asked of each text: the share of neurons near 0, where GELU writes nothing and yet has a slope; how
many write more than a hundredth and a fiftieth of the residual stream; and how much of the MLP's linear answer to the difference
of two texts comes from all others, as squared error over squared answer."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor

from . import moves, tasks, tokenizer, train_lm
from .model import gelu

NEAR = 0.3  # |pre-activation|
SHARES = (0.01, 0.02)  # of the residual stream, that a neuron writes


def slopes(mlp, read: Tensor, middle: Tensor, generator: torch.Generator) -> tuple[float, list[tuple[float, float]]]:
    """Inputs [texts, width] after and before the norm -> the share of neurons near 0, and for each of SHARES how many neurons
    write more and the share of the answer that the others give."""
    with torch.enable_grad():
        pre = mlp.c_fc(read).detach().requires_grad_(True)
        active = gelu(pre)
        slope, = torch.autograd.grad(active.sum(), pre)
    size = (middle - middle.mean(-1, keepdim=True)).norm(dim=-1, keepdim=True)
    share = active.detach().abs() * mlp.c_proj.weight.norm(dim=0) / size
    other = read[torch.randperm(len(read), generator=generator)]
    change = slope * ((other - read) @ mlp.c_fc.weight.T)
    answer = (change @ mlp.c_proj.weight.T).square().sum()
    found = []
    for least in SHARES:
        rest = ((change * (share <= least)) @ mlp.c_proj.weight.T).square().sum()
        found.append(((share > least).sum(1).float().mean().item(), (rest / answer).item()))
    return (pre.abs() < NEAR).float().mean().item(), found


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=tasks.NAMES)
    parser.add_argument("--run", type=Path, help="folder with lm.pt")
    o = parser.parse_args()
    task = tasks.load(o.task)
    model = train_lm.load(o.run or tasks.RUNS / o.task)
    data = task.Data(tokenizer.build(task.WORDS), seed=5, size=4000)
    generator = torch.Generator().manual_seed(0)
    ids, weight = data.transcoder_texts(2000, generator)[0]
    rows, asked = torch.arange(len(ids)), weight.argmax(1)
    for number, (layer, block) in enumerate(zip(moves.run(model, ids), model.h)):
        near, found = slopes(block.mlp, layer.normed[rows, asked], layer.middle[rows, asked], generator)
        said = "; ".join(f"{n:.1f} write more than {least}, the others make {100 * rest:.1f} % of the answer"
                         for least, (n, rest) in zip(SHARES, found))
        print(f"layer {number}: {100 * near:.1f} % of neurons near 0; {said}")


if __name__ == "__main__":
    main()
