"""The manifest that the page reads first: what the model is, example prompts, the answers that it was trained to give, the tokens
that no text had that it learned from, and its files. The measured quality is left to the `evaluate` command. `python -m
training.manifest diagnosis` brings these fields of a shipped folder up to date."""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from types import ModuleType

from tokenizers import Tokenizer
from torch import Tensor

from . import folder, tasks, tokenizer

LICENCE = "CC0-1.0"
TEXTS = 20_000  # that are drawn, where texts are, to see which tokens they have


def build(task: ModuleType, at: Path, tok: Tokenizer, read: Tensor) -> dict:
    """The manifest of a folder whose other files are all in place. `read`: bool [vocabulary], the tokens that training texts have."""
    return {
        "name": task.NAME,
        "title": task.TITLE,
        "description": task.DESCRIPTION,
        "notice": task.NOTICE,
        "domain": task.NAME,
        "licence": LICENCE,
        "templates": task.TEMPLATES,
        "answers": task.ANSWERS,
        "unseen": ranges(~read),
        "examples": [
            {"topic": topic, "title": title, "prompt": prompt, "ids": tok.encode(prompt).ids}
            for topic, title, prompt in task.EXAMPLES
        ],
        "quality": [],
        "files": files(at),
    }


def list_files(at: Path) -> None:
    """Brings the list of files in a folder's manifest up to date, and leaves the rest as it is."""
    path = at / "manifest.json"
    folder.write_json(path, json.loads(path.read_text(encoding="utf-8")) | {"files": files(at)})


def list_texts(at: Path, answers: list[str], read: Tensor) -> None:
    """Brings what a folder's manifest says of the training texts up to date: `answers`, every text that the model was trained to
    answer with, as it stands behind a prompt, so that the page shows one of several tokens whole (empty where each is one token);
    and `unseen`, the ids of the tokens that no text has (`read`: bool [vocabulary], those that some have)."""
    path = at / "manifest.json"
    fields = json.loads(path.read_text(encoding="utf-8"))
    texts = {"answers": answers, "unseen": ranges(~read)}
    names = [name for name in fields if name not in texts]
    place = names.index("examples")  # where `build` has them
    folder.write_json(path, {name: (fields | texts)[name] for name in (*names[:place], *texts, *names[place:])})


def ranges(chosen: Tensor) -> str:
    """The places where bool [n] is true, as numbers and ranges of them: "3-35,41"."""
    places = chosen.nonzero().flatten().tolist()
    firsts = [n for i, n in enumerate(places) if i == 0 or places[i - 1] != n - 1]
    lasts = [n for i, n in enumerate(places) if i + 1 == len(places) or places[i + 1] != n + 1]
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in zip(firsts, lasts))


def read_by(task: ModuleType) -> Tensor:
    """bool [vocabulary]: the tokens that the task's training texts have."""
    return task.Data(tokenizer.build(task.WORDS), seed=1, size=TEXTS).read()


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
    task = tasks.load(o.task)
    list_texts(at, task.ANSWERS, read_by(task))
    list_files(at)


if __name__ == "__main__":
    main()
