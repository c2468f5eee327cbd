"""All that a training run needs to go on where it was cut off, to the same weights."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor, nn


def on_cpu(module: nn.Module) -> dict[str, Tensor]:
    """The module's weights where any machine can load them."""
    return {name: tensor.cpu() for name, tensor in module.state_dict().items()}


def keep(path: Path, settings, module: nn.Module, adam, generator: torch.Generator, step: int, spent: float, more=None) -> None:
    """Writes it: `step` is the one to go on with, `spent` the seconds until here, `more` what else changes from step to step. A run that is
    cut off while it writes has the checkpoint before."""
    part = path.with_suffix(".part")
    torch.save({"settings": asdict(settings), "weights": module.state_dict(), "optimiser": adam.state_dict(),
                "generator": generator.get_state(), "step": step, "spent": spent, "more": more}, part)
    part.replace(path)


def resume(path: Path, settings, module: nn.Module, adam, generator: torch.Generator) -> tuple[int, float, object]:
    """Puts back what `keep` wrote, if it is of these settings: the step to go on with, the seconds spent before, and what else was kept."""
    if not path.exists():
        return 0, 0.0, None
    saved = torch.load(path, map_location="cpu")
    if saved["settings"] != asdict(settings):
        print(f"{path} is of other settings: the run begins anew", flush=True)
        return 0, 0.0, None
    module.load_state_dict(saved["weights"])
    adam.load_state_dict(saved["optimiser"])
    generator.set_state(saved["generator"])
    print(f"goes on at step {saved['step']}", flush=True)
    return saved["step"], saved["spent"], saved.get("more")
