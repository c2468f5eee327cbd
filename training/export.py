"""Writes www/models/addition from the training run: `python -m training.export`. The same run gives the same bytes."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

import torch

from . import data, folder, manifest, measure, tokenizer, train_lm
from .train_clt import load as load_transcoder
from .transcoder import FoldedClt

LICENSE = """\
CC0 1.0 Universal (SPDX: CC0-1.0)

The files in this folder (model, transcoder, tokenizer and manifest) are dedicated to the public domain under
CC0 1.0, https://creativecommons.org/publicdomain/zero/1.0/. As far as the law allows, all copyright and related
rights to them are waived, everywhere. Use, change and pass them on for any purpose, without asking. They come
as they are, with no warranty.
"""


def drop_dead(clt: FoldedClt, fired: list[torch.Tensor]) -> FoldedClt:
    """Without features that never fire. Every layer keeps as many features as the liveliest needs, because circuit-tracer
    stacks the layers; where fewer fire, some dead ones fill up."""
    keep = max(int(f.sum()) for f in fired)
    # A stable sort of "dead" keeps the living first, in their order.
    return clt.select([(~f).int().argsort(stable=True)[:keep].sort().values for f in fired])


def export(run: Path, out: Path) -> None:
    """Writes the folder, then measures what was written."""
    model, clt, tok = train_lm.load(run), load_transcoder(run).rounded(), tokenizer.build(data.WORDS)
    clt = drop_dead(clt, measure.fired(model, clt, tok))
    shutil.rmtree(out, ignore_errors=True)
    folder.write_model(out, model, tok)
    tokenizer.save(tok, out, model.shape.context)
    folder.write_transcoder(out / "transcoder", clt, manifest.NAME)
    (out / "LICENSE").write_text(LICENSE)
    figures = measure.figures(*folder.read(out))
    folder.write_json(out / "manifest.json", manifest.build(out, tok, figures))
    folder.write_json(out.parent / "index.json", {"models": [manifest.NAME]})
    print(measure.report(figures))
    print(f"\n{out.name}: {sum(f['bytes'] for f in manifest.files(out)) / 1e6:.2f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, default=train_lm.RUNS / "addition", help="folder with lm.pt and clt.pt")
    parser.add_argument("--out", type=Path, default=folder.MODELS / manifest.NAME)
    options = parser.parse_args()
    export(options.run, options.out)


if __name__ == "__main__":
    main()
