"""The models that can be trained, by name. Each is a module with NAME, TITLE, DESCRIPTION, NOTICE, WORDS, CONTEXT,
TRANSCODER_TEXTS, TEMPLATES, ANSWERS, EXAMPLES, a function `samples`, and a class Data: `read`, `sample`, `transcoder_texts`, `report`, `evaluation`."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

NAMES = ("addition", "diagnosis")
RUNS = Path(__file__).parent / "runs"


def load(name: str) -> ModuleType:
    if name not in NAMES:
        raise SystemExit(f"There is no model {name!r}: choose one of {', '.join(NAMES)}.")
    return importlib.import_module(f".{name}.data", __package__)
