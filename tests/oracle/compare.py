"""Compares two fixture folders tensor by tensor, bit by bit: compare.py EXPECTED FOUND. Fails on the first difference."""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file

expected, found = Path(sys.argv[1]), Path(sys.argv[2])
files = sorted(path.relative_to(found) for path in found.rglob("*.safetensors"))
if not files:
    sys.exit(f"{found} holds no fixtures")
tensors = 0
for path in files:
    here, there = load_file(expected / path), load_file(found / path)
    if here.keys() != there.keys():
        sys.exit(f"{path}: other tensors: {sorted(here.keys() ^ there.keys())}")
    for name in here:
        if here[name].dtype != there[name].dtype or not torch.equal(here[name], there[name]):
            sys.exit(f"{path}: {name} differs")
        tensors += 1
print(f"{tensors} tensors in {len(files)} files are equal, bit by bit")
