"""Writes safetensors files whose bytes depend on their content alone.

The library orders the metadata at random, so that every re-run would look like a change.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save


def write(path: Path, tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    data = save({name: value.contiguous() for name, value in tensors.items()})
    length = int.from_bytes(data[:8], "little")
    header = {"__metadata__": dict(sorted(metadata.items())), **json.loads(data[8:8 + length])}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + length:])
