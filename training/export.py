"""Writes a model's folder from its training run: `python -m training.export addition`. The same run gives the same bytes.

The figures are not made here: `cargo run --release -- evaluate --model FOLDER` measures them with the product's own
engine and writes them into the manifest."""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor

from . import folder, manifest, samples, tasks, tokenizer, train_lm
from .model import Gpt2
from .train_transcoder import KINDS
from .train_transcoder import load as load_transcoder
from .transcoder import Folded

FOLDERS = {"cross-layer": folder.CROSS_LAYER, "per-layer": folder.PER_LAYER}
TEXTS = 20_000  # that a feature may fire on before it counts as dead
LICENSE = """\
CC0 1.0 Universal (SPDX: CC0-1.0)

The files in this folder (model, transcoders, tokenizer and manifest) are dedicated to the public domain under
CC0 1.0, https://creativecommons.org/publicdomain/zero/1.0/. As far as the law allows, all copyright and related
rights to them are waived, everywhere. Use, change and pass them on for any purpose, without asking. They come
as they are, with no warranty.
"""


@torch.no_grad()
def fired(model: Gpt2, coder: Folded, data, texts: int = TEXTS) -> list[Tensor]:
    """Which features fire on at least one token of that many texts, <bos> left out: per layer [features]."""
    found = [torch.zeros(len(b), dtype=torch.bool) for b in coder.b_enc]
    generator = torch.Generator().manual_seed(0)
    for _ in range(max(1, texts // 1000)):
        for ids, weight in data.transcoder_texts(min(texts, 1000), generator):
            seen: list[tuple[Tensor, Tensor]] = []
            model(ids, seen=seen)
            real = weight > 0
            real[:, 0] = False
            for layer, (middle, _) in enumerate(seen):
                found[layer] |= (coder.encode(layer, middle[real]) > 0).any(0)
    return found


def drop_dead(coder: Folded, alive: list[Tensor]) -> Folded:
    """Without features that never fire. Every layer keeps as many features as the liveliest needs, because circuit-tracer
    stacks the layers; where fewer fire, some dead ones fill up."""
    keep = max(int(f.sum()) for f in alive)
    # A stable sort of "dead" keeps the living first, in their order.
    return coder.select([(~f).int().argsort(stable=True)[:keep].sort().values for f in alive])


def export(task: ModuleType, run: Path, out: Path, size: int) -> None:
    """Writes the model, every transcoder that the run has, the tokenizer, the questions of `evaluate`, sample
    texts, and the manifest."""
    model, tok = train_lm.load(run), tokenizer.build(task.WORDS)
    data = task.Data(tok, seed=1, size=size)
    shutil.rmtree(out, ignore_errors=True)
    folder.write_model(out, model, tok)
    tokenizer.save(tok, out, model.shape.context)
    for kind in KINDS:
        if (run / f"{kind}.pt").exists():
            coder = load_transcoder(run / f"{kind}.pt").folded().rounded()
            alive = fired(model, coder, data)
            coder = drop_dead(coder, alive)
            print(f"{kind}: features that fire {[int(f.sum()) for f in alive]}, kept {len(coder.b_enc[0])} a layer")
            folder.write_transcoder(out / FOLDERS[kind], coder, task.NAME)
    (out / "LICENSE").write_text(LICENSE)
    (out / "evaluation.json").write_text(json.dumps(data.evaluation(), ensure_ascii=False, separators=(",", ":")) + "\n",
                                         encoding="utf-8")
    samples.write(task, out, tok)
    folder.write_json(out / "manifest.json", manifest.build(task, out, tok, data.read()))
    manifest.write_index(out.parent)
    print(f"{out.name}: {sum(f['bytes'] for f in manifest.files(out)) / 1e6:.2f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=tasks.NAMES)
    parser.add_argument("--run", type=Path, help="folder with the checkpoints")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--size", type=int, default=TEXTS, help="texts to draw from, where they are sampled")
    o = parser.parse_args()
    export(tasks.load(o.task), o.run or tasks.RUNS / o.task, o.out or folder.MODELS / o.task, o.size)


if __name__ == "__main__":
    main()
