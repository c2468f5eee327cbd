"""The manifest that the page reads first: what the model is, example prompts, the answers that it was trained to give, and its
files. The measured quality is left to the `evaluate` command. `python -m training.manifest diagnosis` brings answers and files
of a shipped folder up to date."""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from types import ModuleType

from tokenizers import Tokenizer

from . import folder, tasks

LICENCE = "CC0-1.0"


def build(task: ModuleType, at: Path, tokenizer: Tokenizer) -> dict:
    """The manifest of a folder whose other files are all in place."""
    return {
        "name": task.NAME,
        "title": task.TITLE,
        "description": task.DESCRIPTION,
        "notice": task.NOTICE,
        "domain": task.NAME,
        "licence": LICENCE,
        "templates": task.TEMPLATES,
        "answers": task.ANSWERS,
        "examples": [
            {"topic": topic, "title": title, "prompt": prompt, "ids": tokenizer.encode(prompt).ids}
            for topic, title, prompt in task.EXAMPLES
        ],
        "quality": [],
        "files": files(at),
    }


def list_files(at: Path) -> None:
    """Brings the list of files in a folder's manifest up to date, and leaves the rest as it is."""
    path = at / "manifest.json"
    folder.write_json(path, json.loads(path.read_text(encoding="utf-8")) | {"files": files(at)})


def list_answers(task: ModuleType, at: Path) -> None:
    """Brings the answers in a folder's manifest up to date: every text that the model was trained to answer with, as it stands
    behind a prompt. The page shows one of several tokens whole. Empty where each answer is one token."""
    path = at / "manifest.json"
    fields = json.loads(path.read_text(encoding="utf-8"))
    names = [name for name in fields if name != "answers"]
    names.insert(names.index("examples"), "answers")  # where `build` has them
    folder.write_json(path, {name: (fields | {"answers": task.ANSWERS})[name] for name in names})


def write_index(models: Path) -> None:
    """Which models there are, in the order of `tasks`: the first is what a visitor sees."""
    there = [name for name in tasks.NAMES if (models / name / "manifest.json").exists()]
    folder.write_json(models / "index.json", {"models": there})


def files(at: Path) -> list[dict]:
    """Every file of the folder but the manifest itself, with its size and SHA-256."""
    found = []
    for path in sorted(p for p in at.rglob("*") if p.is_file() and p.name != "manifest.json"):
        data = path.read_bytes()
        found.append({"path": path.relative_to(at).as_posix(), "bytes": len(data),
                      "sha256": hashlib.sha256(data).hexdigest()})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=tasks.NAMES)
    parser.add_argument("--out", type=Path, help="the model's folder")
    o = parser.parse_args()
    at = o.out or folder.MODELS / o.task
    list_answers(tasks.load(o.task), at)
    list_files(at)


if __name__ == "__main__":
    main()
