"""Sample texts of a model, over which the page shows what a feature is active on: `python -m training.samples addition`
writes samples.json into the shipped folder, and lists it in the manifest. The same every time."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from types import ModuleType

from tokenizers import Tokenizer

from . import folder, manifest, tasks

FILE = "samples.json"


def write(task: ModuleType, at: Path, tokenizer: Tokenizer) -> None:
    """{"contexts": [{"name", "prompts": [[token, ...], ...]}, ...]}, each prompt without its <bos>."""
    contexts = [{"name": name, "prompts": [ids[1:] for ids in prompts]} for name, prompts in task.samples(tokenizer)]
    text = json.dumps({"contexts": contexts}, ensure_ascii=False, separators=(",", ":"))
    (at / FILE).write_text(text + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=tasks.NAMES)
    parser.add_argument("--out", type=Path, help="the model's folder")
    o = parser.parse_args()
    at = o.out or folder.MODELS / o.task
    write(tasks.load(o.task), at, folder.read_tokenizer(at))
    manifest.list_files(at)


if __name__ == "__main__":
    main()
